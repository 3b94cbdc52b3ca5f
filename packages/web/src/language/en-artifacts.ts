/** English strings of artifacts. */
export const keeping = {
  artifacts: {
    title: "Artifacts",
  },
} as const;
