/** A job's numbers, in the order in which they are shown: what went wrong is found first when it is over, what is under way while it runs. */
import { type Job, TASK_OVER, type TaskState } from "@phonerack/contract/api";

export const TASK_ORDER: readonly TaskState[] = ["running", "waiting", "done", "failed", "interrupted", "stale", "cancelled"];
/** What a retry does again. */
export const RETRIED: readonly TaskState[] = ["failed", "interrupted", "stale", "cancelled"];

type Counted = Pick<Job, "counts">;

export function overOf({ counts }: Counted): number {
  return sum(counts, [...TASK_OVER]);
}

export function retriedOf({ counts }: Counted): number {
  return sum(counts, RETRIED);
}

/** Those of which there are any. */
export function shownCounts({ counts }: Counted): readonly (readonly [TaskState, number])[] {
  return TASK_ORDER.flatMap((state) => (counts[state] > 0 ? [[state, counts[state]] as const] : []));
}

function sum(counts: Job["counts"], states: readonly TaskState[]): number {
  return states.reduce((all, state) => all + counts[state], 0);
}
