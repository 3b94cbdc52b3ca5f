/** What agents say of devices, from the bus: parsed here, once; what does not parse is logged and forgotten. */
import { AgentBeat, type Bus, DeviceGone, DeviceReport, decodeMessage, PhonerackError, subjects } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Devices } from "./devices.js";

/** An agent that is refused is refused at each of its messages: said once in so long. */
const SAY_AGAIN_MS = 60_000;
const MOST_SAID = 1_000;

export interface AgentEars {
  readonly bus: Bus;
  readonly devices: Devices;
  readonly log: Logger;
  /** Whether what this agent says is to be heard at all. */
  readonly hears: (agentId: string) => boolean;
  /** For who else wants to know. */
  readonly onBeat?: (beat: AgentBeat) => void;
}

/** Returns how to stop listening. */
export function hearAgents({ bus, devices, log, hears, onBeat }: AgentEars): () => void {
  const refused = new Refusals(log);
  const hear = (subject: string, take: (payload: Uint8Array, subject: string) => void) =>
    bus.subscribe(subject, (message) => {
      const [, agentId = ""] = message.subject.split(".");
      try {
        if (!hears(agentId)) throw new PhonerackError("denied", "it has not joined this lab, or was removed from it");
        take(message.payload, message.subject);
      } catch (error) {
        refused.say(agentId, message.subject, error);
      }
      return undefined;
    });
  const subscriptions = [
    hear(subjects.report("*", "*"), (payload, subject) =>
      devices.hearReport(spokenBy(subject, decodeMessage(DeviceReport, payload))),
    ),
    hear(subjects.gone("*", "*"), (payload, subject) =>
      devices.hearGone(subject.split(".")[3] ?? "", spokenBy(subject, decodeMessage(DeviceGone, payload))),
    ),
    hear(subjects.beat("*"), (payload, subject) => {
      const beat = spokenBy(subject, decodeMessage(AgentBeat, payload));
      devices.hearBeat(beat);
      onBeat?.(beat);
    }),
    // What they said while we were away is lost.
    bus.onRestored(() => bus.publish(subjects.resend, new Uint8Array())),
  ];
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
}

class Refusals {
  readonly #log: Logger;
  readonly #said = new Map<string, number>();

  constructor(log: Logger) {
    this.#log = log;
  }

  say(agentId: string, subject: string, error: unknown): void {
    const detail = error instanceof PhonerackError ? error.detail : undefined;
    const what = `${agentId} ${detail ?? String(error)}`;
    const now = Date.now();
    for (const [said, at] of this.#said) if (now - at >= SAY_AGAIN_MS) this.#said.delete(said);
    if (this.#said.has(what) || this.#said.size >= MOST_SAID) return;
    this.#said.set(what, now);
    this.#log.warn({ agent: agentId, subject, detail, err: detail === undefined ? error : undefined }, "a message was refused");
  }
}

/**
 * An agent's credentials bind its subjects, so whose subject it is says who speaks: one that names another agent inside is refused, as is a
 * report on another device's subject.
 */
function spokenBy<T extends { agentId: string; id?: string }>(subject: string, message: T): T {
  const [, agentId, , deviceId] = subject.split(".");
  if (agentId !== message.agentId) throw new PhonerackError("denied", "an agent spoke in another's name");
  if (message.id !== undefined && message.id !== deviceId)
    throw new PhonerackError("denied", "a report stood on another device's subject");
  return message;
}
