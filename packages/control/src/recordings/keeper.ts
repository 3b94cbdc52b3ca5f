/**
 * Keeps the last of what devices showed, in memory: minutes where somebody asked for it (then the stream is taken although nobody watches), half a minute of
 * whatever is leased and watched, for the case that an app crashes. Bounded; who keeps the oldest gives room first. What was kept under a lease is gone with it.
 */
import type { FrameKind } from "@phonerack/contract/bus";
import type { Devices } from "../devices/devices.js";
import type { Relay, Watching } from "../relay/relay.js";
import { type KeptFilm, Ring } from "./ring.js";
import { Slabs } from "./slabs.js";

const MiB = 1024 * 1024;
/** Of one device; of all that are asked for; of all that only happen to be watched. */
const BOUNDS = { device: 64 * MiB, asked: 512 * MiB, watched: 128 * MiB } as const;
/** For crashes. */
const WATCHED_SECONDS = 30;
const SWEEP_MS = 15_000;

interface Kept {
  readonly ring: Ring;
  readonly epoch: number;
  /** Where somebody asked for it. */
  readonly watching: Watching | undefined;
}

export interface KeeperParts {
  readonly relay: Relay;
  readonly devices: Devices;
  /** Somebody's wish ended with their lease. */
  readonly onEnded: (deviceId: string) => void;
  readonly bounds?: { readonly device: number; readonly asked: number; readonly watched: number };
  readonly now?: () => number;
}

export class Keeper {
  readonly #parts: KeeperParts;
  readonly #now: () => number;
  readonly #bounds: { readonly device: number; readonly asked: number; readonly watched: number };
  readonly #asked: Slabs;
  readonly #watched: Slabs;
  readonly #kept = new Map<string, Kept>();
  #timer: NodeJS.Timeout | undefined;
  #forget: (() => void) | undefined;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#now = parts.now ?? (() => performance.now());
    this.#bounds = parts.bounds ?? BOUNDS;
    this.#asked = new Slabs(this.#bounds.asked);
    this.#watched = new Slabs(this.#bounds.watched);
  }

  start(): void {
    const { relay, devices } = this.#parts;
    relay.onPassing((deviceId, bytes, kind) => this.#pass(deviceId, bytes, kind));
    this.#forget = devices.onAccess((id) => this.#recheck(id));
    this.#timer = setInterval(() => this.sweep(), SWEEP_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#forget?.();
    for (const id of this.#kept.keys()) this.#drop(id);
  }

  /** Devices of which somebody asked to keep something. */
  get askedFor(): string[] {
    return [...this.#kept].flatMap(([id, { watching }]) => (watching ? [id] : []));
  }

  /** Of this device, where somebody asked for it. */
  keeping(deviceId: string): { seconds: number; haveMs: number } | null {
    const kept = this.#kept.get(deviceId);
    if (!kept?.watching) return null;
    const { seconds, since } = kept.ring;
    return { seconds, haveMs: since === undefined ? 0 : Math.round(Math.min(seconds * 1_000, this.#now() - since)) };
  }

  /** From now on; 0: not any more. */
  keep(deviceId: string, seconds: number): void {
    const { relay, devices } = this.#parts;
    const kept = this.#kept.get(deviceId);
    if (seconds === 0) {
      if (kept?.watching) this.#drop(deviceId);
      return;
    }
    if (kept?.watching) {
      kept.ring.seconds = seconds;
      return;
    }
    this.#drop(deviceId);
    const ring = this.#ring(this.#asked, seconds);
    // Nothing of its own: what passes is put into the ring whoever watches.
    const watching = relay.watch(deviceId, "full", { unseen: true, frame: () => {}, trouble: () => {} });
    this.#kept.set(deviceId, { ring, epoch: devices.epochOf(deviceId), watching });
    for (const frame of watching.start()?.frames ?? []) ring.push(frame, frame[0] as FrameKind, this.#now());
  }

  /** What was to be seen in the last seconds; empty when nothing was kept. */
  last(deviceId: string, seconds: number): KeptFilm[] {
    const kept = this.#kept.get(deviceId);
    if (!kept || kept.epoch !== this.#parts.devices.epochOf(deviceId)) return [];
    return kept.ring.films(this.#now() - seconds * 1_000);
  }

  /** Lets go of what nobody watches any more. */
  sweep(): void {
    const { relay } = this.#parts;
    const before = this.#now() - WATCHED_SECONDS * 1_000;
    for (const [id, { ring, watching }] of this.#kept) {
      if (!watching && !relay.carries(id, "full") && (ring.since ?? 0) < before) this.#drop(id);
    }
    this.#asked.trim();
    this.#watched.trim();
  }

  #pass(deviceId: string, bytes: Uint8Array, kind: FrameKind): void {
    let kept = this.#kept.get(deviceId);
    const epoch = this.#parts.devices.epochOf(deviceId);
    if (kept && kept.epoch !== epoch) {
      this.#drop(deviceId);
      kept = undefined;
    }
    if (!kept) {
      // Crashes are of whose phone it is: what nobody holds is kept for nobody.
      if (!this.#parts.devices.get(deviceId)?.holder) return;
      kept = { ring: this.#ring(this.#watched, WATCHED_SECONDS), epoch, watching: undefined };
      this.#kept.set(deviceId, kept);
    }
    kept.ring.push(bytes, kind, this.#now());
  }

  #ring(slabs: Slabs, seconds: number): Ring {
    return new Ring({ slabs, most: this.#bounds.device, seconds, makeRoom: () => this.#makeRoom(slabs) });
  }

  /** Whoever keeps the oldest picture gives it. */
  #makeRoom(slabs: Slabs): boolean {
    const asked = slabs === this.#asked;
    let oldest: Ring | undefined;
    for (const { ring, watching } of this.#kept.values()) {
      if ((watching !== undefined) !== asked || ring.since === undefined) continue;
      if (oldest?.since === undefined || ring.since < oldest.since) oldest = ring;
    }
    return oldest?.shrink() ?? false;
  }

  #recheck(deviceId: string): void {
    const kept = this.#kept.get(deviceId);
    if (!kept || kept.epoch === this.#parts.devices.epochOf(deviceId)) return;
    this.#drop(deviceId);
    if (kept.watching) this.#parts.onEnded(deviceId);
  }

  #drop(deviceId: string): void {
    const kept = this.#kept.get(deviceId);
    if (!kept) return;
    this.#kept.delete(deviceId);
    kept.watching?.stop();
    kept.ring.clear();
  }
}
