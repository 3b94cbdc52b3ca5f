import { defineConfig } from "vitest/config";

// Tests of a package stand beside its sources; those that start several processes stand in e2e.
// Other packages are taken from their dist: `tsc -b` runs first (see package.json, "check").
export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.{ts,tsx}", "e2e/src/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
