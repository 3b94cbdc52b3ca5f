import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take a minute and more: begun last, one worker would wait for the other. */
const LONGEST = [
  "lab-faults",
  "/console",
  "/up.",
  "/cli.",
  "login",
  "accounts-console",
  "redteam",
  "gate-bazaar",
  "/faults",
  "rules",
  "leases.property",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.includes(name));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

// Tests of a package stand beside its sources; those that start several processes stand in e2e.
// Other packages are taken from their dist: `tsc -b` runs first (see package.json, "check").
export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.{ts,tsx}", "e2e/src/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
});
