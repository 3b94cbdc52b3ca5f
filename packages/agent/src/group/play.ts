/** Plays a gesture on one phone, part by part in its time. Every part passes the gate at its injection. */
import { setTimeout as sleep } from "node:timers/promises";
import type { GateMode } from "@phonerack/policy";
import { FRESH_MS } from "../hold/held.js";
import type { GroupPhone } from "./group-phone.js";
import type { GesturePart } from "./places.js";
import { type Answer, DELIVERED, failed, type Ticket } from "./step-run.js";

/** One phone and in whose name it is driven. */
export interface Driven {
  readonly phone: GroupPhone;
  readonly epoch: number;
  readonly actor: string;
  readonly mode: GateMode;
}

/** Never rejects. What did not get through whole is lifted. */
export async function play(driven: Driven, run: Ticket, parts: readonly GesturePart[]): Promise<Answer> {
  const { phone, epoch, actor, mode } = driven;
  const began = performance.now();
  for (const { at, inputs } of parts) {
    const wait = began + at - performance.now();
    if (wait > 1) await sleep(wait);
    const notAfter = Math.min(Date.now() + FRESH_MS, run.deadline);
    try {
      const outcomes = await phone.act({ actor, mode, epoch, notAfter, inputs });
      const bad = outcomes.find(({ outcome }) => outcome !== "delivered");
      if (!bad) continue;
      void phone.lift();
      return bad;
    } catch (error) {
      return failed(error);
    }
  }
  return DELIVERED;
}
