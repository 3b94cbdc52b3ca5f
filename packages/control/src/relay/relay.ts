/** All streams that somebody watches through this control: one per device and tier, however many look at it; one timer for all. */
import {
  type Bus,
  type Device,
  type FrameKind,
  type PhoneAddress,
  PhonerackError,
  type Tier,
  WATCH_RENEW_MS,
} from "@phonerack/contract/bus";
import type { Devices } from "../devices/devices.js";
import { RelayStream, type Viewer } from "./relay-stream.js";

/** Who changes from one page to the next comes back at once: the agent need not stop its encoder for that. */
const GRACE_MS = 1_000;

/** One viewer's hold on a stream. */
export interface Watching {
  /** The group of pictures to start from, and its size; undefined while there is none. */
  start(): { readonly frames: readonly Uint8Array[]; readonly bytes: number } | undefined;
  /** The viewer's wished rate is another one now. */
  retune(): void;
  stop(): void;
}

export interface RelayParts {
  readonly bus: Bus;
  readonly replica: string;
  readonly devices: Devices;
  readonly now?: () => number;
}

/** Told of each frame of a full stream that passes; must not keep its bytes. */
export type PassingFrame = (deviceId: string, bytes: Uint8Array, kind: FrameKind) => void;

export class Relay {
  readonly #streams = new Map<string, Map<Tier, RelayStream>>();
  readonly #parts: RelayParts;
  readonly #now: () => number;
  readonly #stopListening: () => void;
  #passing: PassingFrame | undefined;
  #renewTimer: NodeJS.Timeout | undefined;
  #graceTimer: NodeJS.Timeout | undefined;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
    this.#stopListening = parts.devices.onChange((id) => this.#deviceChanged(id));
  }

  /** The viewer gets every frame from now on; `start` gives it what it needs before the first. */
  watch(deviceId: string, tier: Tier, viewer: Viewer): Watching {
    const { stream, made } = this.#streamOf(deviceId, tier);
    stream.viewers.add(viewer);
    stream.emptySince = undefined;
    if (made) {
      stream.setTrouble(this.#troubleOf(deviceId, tier));
      stream.watch(this.#now(), true);
    } else if (stream.trouble) viewer.trouble(stream.trouble);
    else {
      if (stream.unjoinable) stream.restart();
      stream.retune(this.#now());
    }
    this.#count(stream);
    return {
      start: () => (stream.cache.startable ? { frames: stream.cache.frames(), bytes: stream.cache.bytes } : undefined),
      retune: () => stream.retune(this.#now()),
      stop: () => this.#leave(stream, viewer),
    };
  }

  /** Whoever keeps what passes for a while, in case that something happens: one at most. */
  onPassing(listener: PassingFrame): void {
    this.#passing = listener;
  }

  /** Whether anybody takes this stream now. */
  carries(deviceId: string, tier: Tier): boolean {
    return (this.#streams.get(deviceId)?.get(tier)?.viewers.size ?? 0) > 0;
  }

  get streams(): number {
    let count = 0;
    for (const tiers of this.#streams.values()) count += tiers.size;
    return count;
  }

  /** Says that every stream is still wanted and notices those that stay dark; called every few seconds while there are streams. */
  renew(): void {
    const now = this.#now();
    for (const stream of this.#all()) {
      stream.watch(now);
      stream.missPicture(now);
    }
  }

  stop(): void {
    this.#stopListening();
    clearInterval(this.#renewTimer);
    clearTimeout(this.#graceTimer);
    this.#renewTimer = undefined;
    this.#graceTimer = undefined;
    for (const stream of this.#all()) stream.close();
    this.#streams.clear();
  }

  #streamOf(deviceId: string, tier: Tier): { stream: RelayStream; made: boolean } {
    const tiers = this.#streams.get(deviceId) ?? new Map<Tier, RelayStream>();
    this.#streams.set(deviceId, tiers);
    const known = tiers.get(tier);
    if (known) return { stream: known, made: false };
    const { bus, replica, devices } = this.#parts;
    const phone = this.#phoneOf(deviceId);
    const passing = (bytes: Uint8Array, kind: FrameKind) => this.#passing?.(deviceId, bytes, kind);
    const epoch = devices.epochOf(deviceId);
    const stream = new RelayStream({ bus, replica, phone, epoch, tier, ...(tier === "full" ? { passing } : {}) });
    tiers.set(tier, stream);
    this.#renewTimer ??= setInterval(() => this.renew(), WATCH_RENEW_MS);
    return { stream, made: true };
  }

  #leave(stream: RelayStream, viewer: Viewer): void {
    if (!stream.viewers.delete(viewer)) return;
    this.#count(stream);
    if (stream.viewers.size > 0) return;
    stream.emptySince = this.#now();
    this.#graceTimer ??= setTimeout(() => this.#closeEmpty(), GRACE_MS);
  }

  #closeEmpty(): void {
    this.#graceTimer = undefined;
    const now = this.#now();
    let waiting = false;
    for (const stream of this.#all()) {
      if (stream.emptySince === undefined) continue;
      if (now - stream.emptySince >= GRACE_MS) this.#close(stream);
      else waiting = true;
    }
    if (waiting) this.#graceTimer = setTimeout(() => this.#closeEmpty(), GRACE_MS);
  }

  #close(stream: RelayStream): void {
    stream.close();
    const tiers = this.#streams.get(stream.deviceId);
    tiers?.delete(stream.tier);
    if (tiers?.size === 0) this.#streams.delete(stream.deviceId);
    if (this.#streams.size > 0) return;
    clearInterval(this.#renewTimer);
    this.#renewTimer = undefined;
  }

  #deviceChanged(deviceId: string): void {
    const tiers = this.#streams.get(deviceId);
    if (!tiers) return;
    for (const stream of tiers.values()) {
      const before = stream.trouble;
      const { devices } = this.#parts;
      const moved = stream.move(this.#phoneOf(deviceId), devices.epochOf(deviceId));
      stream.setTrouble(this.#troubleOf(deviceId, stream.tier));
      // The agent, or the phone's session with it, began anew and knows of no watch.
      if ((before || moved) && !stream.trouble) stream.watch(this.#now(), true);
    }
  }

  /** Where its pictures come from. What an agent that is not heard, or no more to be heard, sends nevertheless is nobody's to see. */
  #phoneOf(deviceId: string): PhoneAddress {
    const { devices } = this.#parts;
    const device = devices.get(deviceId);
    return device && devices.isHere(device.agentId) ? device : { id: deviceId, agentId: "unknown" };
  }

  #troubleOf(deviceId: string, tier: Tier): PhonerackError | undefined {
    const device: Device | undefined = this.#parts.devices.get(deviceId);
    if (!device) return new PhonerackError("device_not_found", deviceId);
    if (device.lease === "cleaning") return new PhonerackError("device_not_ready", "it is being cleaned after its last lease");
    if (device.state !== "ready") return new PhonerackError("device_not_ready", device.reason ?? device.state);
    if (tier === "audio" && !device.audio) return new PhonerackError("device_not_ready", "this phone gives no sound");
    return undefined;
  }

  #count(stream: RelayStream): void {
    if (stream.tier !== "full") return;
    const seen = [...stream.viewers].filter(({ unseen }) => !unseen);
    this.#parts.devices.setWatchers(stream.deviceId, seen.length);
  }

  *#all(): Iterable<RelayStream> {
    // A stream that is closed while we go through them takes itself out, which a Map's iterator allows.
    for (const tiers of this.#streams.values()) yield* tiers.values();
  }
}
