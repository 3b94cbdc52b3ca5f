/** English strings of files. */
export const filing = {
  files: {
    title: "Files",
  },
} as const;
