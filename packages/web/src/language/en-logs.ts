/** English strings of logs. */
export const logging = {
  logs: {
    title: "Logs",
  },
} as const;
