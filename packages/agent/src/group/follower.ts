/** A phone that follows, and what every step asks first. */
import type { StepPoint, StepTarget } from "@phonerack/contract/bus";
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneStrings } from "./app-strings.js";
import type { Engine } from "./engine.js";
import type { Size } from "./places.js";
import type { Driven } from "./play.js";

/** A phone that follows, with what finds elements on it. */
export interface Follower extends Driven {
  readonly engine: Engine | undefined;
  readonly strings: PhoneStrings;
}

export function isPoint(at: StepTarget): at is StepPoint {
  return "x" in at;
}

/** Throws `device_not_ready` while its size is not known. */
export function screenOf({ phone }: Driven): Size {
  const { screen } = phone.report;
  if (!screen) throw new PhonerackError("device_not_ready", "its screen size is not known yet");
  return screen;
}

/** Why what is on this screen must not be read; undefined when it may. */
export async function lookRefused({ phone, mode, actor, epoch }: Driven): Promise<string | undefined> {
  const question = { mode, action: "look", actor, epoch } as const;
  const decision = phone.gate.needsLook(question) ? await phone.gate.askFresh(question) : phone.gate.ask(question);
  return decision.decision === "deny" ? decision.reason : undefined;
}
