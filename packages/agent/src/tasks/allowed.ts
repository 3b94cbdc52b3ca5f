/** The gate's question before an action: asked right before it is done, and again where an action has parts that take their time. */
import { PhonerackError } from "@phonerack/contract/bus";
import type { GateAction, Judged } from "@phonerack/policy";
import type { Doing } from "./perform.js";

/** Fails with `denied`, `epoch_stale` or `lease_required`; `target`: the app that a launch, stop, link or installation is about. */
export async function requireAllowed(doing: Doing, action: GateAction, target: Judged | null = null): Promise<void> {
  const { phone, mode, actor, epoch, trial } = doing;
  const asked = { mode, action, actor, epoch, trial, target };
  const answer = phone.gate.needsLook(asked) ? await phone.gate.askFresh(asked) : phone.gate.ask(asked);
  if (answer.decision === "deny") throw answer.error ?? new PhonerackError("denied", answer.reason);
  doing.signal.throwIfAborted();
}
