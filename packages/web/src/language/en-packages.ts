/** English strings of packages. */
export const installing = {
  packages: {
    title: "Packages",
  },
} as const;
