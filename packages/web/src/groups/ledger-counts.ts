/** A ledger line's counts in the order in which people ask: what worked, what did not, what is still awaited. */
import { StepOutcome, type StepRecord } from "@phonerack/contract/api";

export type CountKind = StepOutcome | "waiting";

export const COUNT_KINDS = [...StepOutcome.options, "waiting"] as const satisfies readonly CountKind[];

export interface Count {
  readonly kind: CountKind;
  readonly count: number;
  /** Of all, from 0 to 1: how wide its part of the bar is. */
  readonly part: number;
}

export function countsOf({ counts, waiting }: Pick<StepRecord, "counts" | "waiting">): readonly Count[] {
  const all = COUNT_KINDS.map((kind) => ({ kind, count: kind === "waiting" ? waiting : (counts[kind] ?? 0) }));
  const total = all.reduce((sum, { count }) => sum + count, 0);
  return all.filter(({ count }) => count > 0).map((each) => ({ ...each, part: each.count / total }));
}
