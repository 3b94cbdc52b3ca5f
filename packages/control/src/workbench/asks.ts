/** What the holder of a device asks it: apps, folders, settings, clipboard. */
import { AskOrder, AskReply, type Bus, decodeMessage, encodeMessage, PhonerackError, subjects } from "@phonerack/contract/bus";
import type { Devices } from "../devices/devices.js";
import { requireHeld } from "../leases/held.js";
import type { Onlooker } from "../leases/visibility.js";

const FRESH_MS = 2_000;
/** A slow phone lists a folder of ten thousand files in some seconds. */
const ANSWER_MS = 30_000;

type Question = AskOrder["question"];
type AnswerTo<T extends Question["type"]> = Extract<AskReply, { type: T }>;

export interface AsksParts {
  readonly bus: Bus;
  readonly devices: Devices;
  readonly used: (leaseId: string, automated?: boolean) => void;
}

export class Asks {
  readonly #parts: AsksParts;

  constructor(parts: AsksParts) {
    this.#parts = parts;
  }

  /** Fails with `device_not_found`, `lease_required`, `device_not_ready`, `agent_unreachable`, or what the phone answers with. */
  async ask<Q extends Question>(who: Onlooker, deviceId: string, question: Q): Promise<AnswerTo<Q["type"]>> {
    const { bus, devices, used } = this.#parts;
    const device = await requireHeld(who, devices, deviceId);
    if (device.state !== "ready") throw new PhonerackError("device_not_ready", device.reason ?? device.state);
    const order = { epoch: devices.epochOf(deviceId), notAfter: Date.now() + FRESH_MS, question };
    const reply = await bus.request(subjects.ask(device), encodeMessage(AskOrder, order), { timeoutMs: ANSWER_MS });
    if (device.holder) used(device.holder.lease);
    const answer = decodeMessage(AskReply, reply);
    if (answer.type !== question.type) throw new PhonerackError("phone_failed", "the agent answered another question");
    return answer as AnswerTo<Q["type"]>;
  }
}
