/** Input to a device by its holder: asks its agent over the bus, which decides and carries out. */
import {
  type Bus,
  type Device,
  decodeMessage,
  encodeMessage,
  type Input,
  InputOrder,
  type InputOutcome,
  InputReply,
  PhonerackError,
  subjects,
} from "@phonerack/contract/bus";
import type { Caller } from "../access/caller.js";
import type { Trials } from "../apps/trials.js";
import { requireHeld } from "../leases/held.js";
import { type Onlooker, requireHolder } from "../leases/visibility.js";
import type { Devices } from "./devices.js";

/** What is older when the agent begins with it is dropped: a touch that comes seconds late hits something else. */
const FRESH_MS = 2_000;
/** For the agent and the phone to do it, beyond the time that the gestures themselves take. */
const CARRY_OUT_MS = 5_000;
/** For the fence to close when a script's first input comes. */
const FENCE_MS = 60_000;
/** In one order: whoever sent it waits for the answer, and others wait for the phone. */
const MOST_SWIPES_MS = 60_000;

export interface HandsParts {
  readonly bus: Bus;
  readonly devices: Devices;
  /** Told of each input that an agent took: what idleness is counted from. */
  readonly used: (leaseId: string, automated?: boolean) => void;
  /** On which devices somebody freely tries others' apps today. */
  readonly trials?: Pick<Trials, "has" | "claim">;
}

/** Who acts, and how they came in. */
export type Actor = Onlooker & Partial<Pick<Caller, "kind">>;

export class Hands {
  readonly #bus: Bus;
  readonly #devices: Devices;
  readonly #used: (leaseId: string, automated?: boolean) => void;
  readonly #trials: HandsParts["trials"];

  constructor({ bus, devices, used, trials }: HandsParts) {
    this.#bus = bus;
    this.#devices = devices;
    this.#used = used;
    this.#trials = trials;
  }

  /**
   * One outcome per input, in order. Fails with `device_not_found`, `lease_required`, `bad_request` (too much for one order), `device_not_ready` (nobody
   * could carry it out), `agent_unreachable` or `device_timeout`.
   */
  async act(who: Actor, deviceId: string, inputs: Input[]): Promise<InputOutcome[]> {
    const device = await requireHeld(who, this.#devices, deviceId);
    const { actor } = who;
    // A key is a program, also when it drives one phone.
    const mode = who.kind === "key" ? "script" : "unicast";
    const swipesMs = inputs.reduce((sum, input) => sum + (input.type === "swipe" ? input.ms : 0), 0);
    if (swipesMs > MOST_SWIPES_MS)
      throw new PhonerackError("bad_request", `actions: all swipes together take at most ${MOST_SWIPES_MS / 1_000} s`);
    // While a phone is prepared, hands may be just what it needs (a keyguard); the agent knows.
    if (device.state !== "ready" && device.state !== "preparing") {
      throw new PhonerackError("device_not_ready", device.reason ?? device.state);
    }
    const trial = mode === "unicast" && (await this.#isTrial(who, device));
    const order = encodeMessage(InputOrder, {
      ...(trial && { trial }),
      actor,
      mode,
      epoch: this.#devices.epochOf(deviceId),
      notAfter: Date.now() + FRESH_MS,
      inputs,
    });
    const fenceMs = mode === "script" ? FENCE_MS : 0;
    const timeoutMs = FRESH_MS + CARRY_OUT_MS + fenceMs + inputs.reduce((sum, input) => sum + timeOf(input), 0);
    const { results } = decodeMessage(InputReply, await this.#bus.request(subjects.input(device), order, { timeoutMs }));
    if (results.length !== inputs.length)
      throw new PhonerackError("phone_failed", "the agent answered for another number of inputs");
    // Another control ended or moved the lease a moment ago, and its word is on the way: the database knows whether they hold it still.
    if (results.every(({ error }) => error?.code === "epoch_stale")) {
      await this.#devices.freshen([deviceId]);
      requireHolder(who, this.#devices.require(deviceId));
    }
    if (device.holder) this.#used(device.holder.lease, mode === "script");
    return results;
  }

  /** Claims one only where it is about somebody else's app, or may be: who drives their own needs none. */
  async #isTrial({ actor, tenant }: Onlooker, { id, state, foreground }: Device): Promise<boolean> {
    if (!this.#trials || tenant === null) return false;
    const trial = { tenant, actor, deviceId: id };
    if (this.#trials.has(trial)) return true;
    const standing = foreground?.standing ?? "other";
    return state === "ready" && standing === "other" && (await this.#trials.claim(trial));
  }
}

/** Milliseconds that a gesture takes by itself; typing long text through the clipboard takes its time too. */
function timeOf(input: Input): number {
  if (input.type === "swipe") return input.ms;
  return input.type === "text" ? 1_000 : 100;
}
