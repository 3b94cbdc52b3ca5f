/** The gate's question before an action: asked right before it is done, and again where an action has parts that take their time. */
import { PhonerackError } from "@phonerack/contract/bus";
import type { GateAction, Judged } from "@phonerack/policy";
import type { Doing } from "./doing.js";

/**
 * Fails with `denied`, `epoch_stale` or `lease_required`; `target`: the app that a launch, stop, link or installation is about; `what`: what of an app is
 * changed, for the journal.
 */
export async function requireAllowed(
  doing: Doing,
  action: GateAction,
  { target = null, what }: { target?: Judged | null; what?: "install" | "uninstall" | "clear" | "permission" } = {},
): Promise<void> {
  const { phone, mode, actor, epoch, trial } = doing;
  const asked = { mode, action, actor, epoch, trial, target, ...(what !== undefined && { service: what }) };
  const answer = phone.gate.needsLook(asked) ? await phone.gate.askFresh(asked) : phone.gate.ask(asked);
  if (answer.decision === "deny") throw answer.error ?? new PhonerackError("denied", answer.reason);
  doing.signal.throwIfAborted();
}
