/** English strings of jobs. */
export const working = {
  jobs: {
    title: "Jobs",
  },
} as const;
