/** English strings of shell. */
export const shelling = {
  shell: {
    title: "Shell",
  },
} as const;
