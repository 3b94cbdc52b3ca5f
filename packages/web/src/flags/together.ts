/** Which flags wait for a person, and which were raised for one and the same thing. */
import type { Flag } from "@phonerack/contract/api";

export function waits({ state }: Pick<Flag, "state">): boolean {
  return state === "open" || state === "appealed";
}

/** Other organisations that are linked with this one: flags that rest on the same entries of the log. */
export function flaggedWith(flag: Flag, all: readonly Flag[]): string[] {
  if (flag.rule !== "linked") return [];
  const others = all.filter(
    ({ id, rule, leaves }) => id !== flag.id && rule === "linked" && leaves.some((leaf) => flag.leaves.includes(leaf)),
  );
  return [...new Set(others.map(({ tenant }) => tenant))].filter((tenant) => tenant !== flag.tenant);
}
