/** Does something on a phone and looks whether anything changed there: `applied` is what was seen, `delivered` what is only believed. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Follower } from "./follower.js";
import type { Answer, StepRun } from "./step-run.js";
import type { UiTree } from "./tree.js";

/** Apps show within that time that they took something, or they do not show it. */
const CHANGES_WITHIN_MS = 900;
const LOOK_EVERY_MS = 60;

/**
 * `before` is looked at first, unless it is known. On the leader, where somebody waits for their finger, it is what was seen last. undefined: it has
 * answered, with the time at which the phone took it.
 */
export async function verified(
  { follower, run, before }: { follower: Follower; run: StepRun; before?: UiTree },
  act: () => Promise<Answer>,
): Promise<Answer | undefined> {
  const { engine, phone } = follower;
  if (!engine?.running) return act();
  const isLeader = phone.id === run.order.leader;
  const known = before ?? (isLeader ? engine.last : await engine.tree().catch(() => undefined));
  const answer = await act();
  const taken = performance.now();
  engine.touched();
  if (answer.outcome !== "delivered" || !known) return answer;
  const changed = await changes(follower, known);
  run.answer(phone.id, changed ? { ...answer, outcome: "applied" } : answer, taken);
  return undefined;
}

async function changes({ engine }: Follower, before: UiTree): Promise<boolean> {
  const until = performance.now() + CHANGES_WITHIN_MS;
  while (engine?.running) {
    const now = await engine.tree().catch(() => undefined);
    if (now && now.source !== before.source) return true;
    if (performance.now() > until) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return false;
}
