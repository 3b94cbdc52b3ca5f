/** The English sentences of the lab's log, by kind of event. */
export const events = {
  event: {
    "lease.granted": "{{actor}} took phones until {{until}}.",
  },
} as const;
