/**
 * Which tiles are streamed now: those that are seen, soon after they come into view and until shortly after they leave it. When more are seen
 * than there are decoders for, all get their turn. Drawing is left to `video/`.
 */
import { type DeviceId, TILE_RATES, type TileRate } from "@phonerack/contract/api";
import type { Streams } from "../live/streams.js";
import type { Pictures, WatchedPicture } from "../video/pictures.js";

/** Software decoders cost a thread and about 0.7 MB each; 400 at 1 fps take half a core, and more than 200 are never faster (`tile-pace.ts`). */
export const MOST_WATCHED = 400;
/** An encoder that is to be slower begins anew, phone after phone: until it has, nothing is said of it. */
const RETUNED_MS = 6_000;
/** A tile that only passes by while scrolling is not asked for. */
const ENTER_MS = 80;
const LEAVE_MS = 700;
/** How long a tile keeps its turn when there are too many: long enough for its group of pictures to arrive and be seen. */
const TURN_MS = 1_000;
const HIDDEN_MS = 3_000;

export interface TileWatcherParts {
  readonly streams: Streams;
  readonly pictures: Pick<Pictures, "watch">;
  readonly now?: () => number;
}

export class TileWatcher {
  readonly #parts: TileWatcherParts;
  readonly #now: () => number;
  readonly #watched = new Map<DeviceId, { picture: WatchedPicture; since: number; term: string }>();
  /** Visible ones and since when; the order is that of the wall. */
  #seen = new Map<DeviceId, number>();
  readonly #left = new Map<DeviceId, number>();
  readonly #lastTurn = new Map<DeviceId, number>();
  #termOf: (id: DeviceId) => string = () => "";
  #hiddenSince: number | undefined;
  #fps: TileRate = TILE_RATES[0];
  #retunedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: TileWatcherParts) {
    this.#parts = parts;
    this.#now = parts.now ?? (() => performance.now());
  }

  get watched(): ReadonlySet<DeviceId> {
    return new Set(this.#watched.keys());
  }

  /** `termOf`: under which lease it is watched; another one is another stream, and control may have ended the one before. */
  setSeen(ids: Iterable<DeviceId>, termOf: (id: DeviceId) => string = () => ""): void {
    this.#termOf = termOf;
    const now = this.#now();
    const seen = new Map<DeviceId, number>();
    for (const id of ids) seen.set(id, this.#seen.get(id) ?? now);
    for (const [id, { term }] of this.#watched) {
      if (seen.has(id) && term !== termOf(id)) this.#unwatch(id);
      else if (seen.has(id)) this.#left.delete(id);
      else if (!this.#left.has(id)) this.#left.set(id, now);
    }
    this.#seen = seen;
    this.#schedule(ENTER_MS);
  }

  /** So many frames a second are wished of each tile from now on. */
  retune(fps: TileRate): void {
    if (fps === this.#fps) return;
    this.#fps = fps;
    this.#retunedAt = this.#now();
    for (const { picture } of this.#watched.values()) picture.retune(fps);
  }

  /** Of all that is watched, since the last call. */
  takeBytes(): number {
    let bytes = 0;
    for (const { picture } of this.#watched.values()) bytes += picture.takeReceived().bytes;
    return bytes;
  }

  /** Tiles whose agent gives them fewer frames than are wished here. */
  slowed(): readonly { readonly id: DeviceId; readonly fps: number }[] {
    if (this.#now() - this.#retunedAt < RETUNED_MS) return [];
    return [...this.#watched].flatMap(([id, { picture }]) => {
      const fps = picture.rate();
      return fps !== undefined && fps < this.#fps ? { id, fps } : [];
    });
  }

  /** A tab in the background needs no pictures. */
  setHidden(hidden: boolean): void {
    this.#hiddenSince = hidden ? (this.#hiddenSince ?? this.#now()) : undefined;
    this.#schedule(hidden ? HIDDEN_MS : 0);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#seen.clear();
    for (const id of this.#watched.keys()) this.#unwatch(id);
  }

  #schedule(inMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#work(), inMs);
  }

  #work(): void {
    const now = this.#now();
    if (this.#hiddenSince !== undefined && now - this.#hiddenSince >= HIDDEN_MS) {
      for (const id of this.#watched.keys()) this.#unwatch(id);
      return;
    }
    for (const [id, at] of this.#left) if (now - at >= LEAVE_MS) this.#unwatch(id);
    const missing = [...this.#seen].filter(([id, since]) => !this.#watched.has(id) && now - since >= ENTER_MS).map(([id]) => id);
    const crowded = this.#seen.size > MOST_WATCHED;
    const turn = crowded ? missing.sort((a, b) => (this.#lastTurn.get(a) ?? 0) - (this.#lastTurn.get(b) ?? 0)) : missing;
    this.#makeRoom(turn.length, now);
    for (const id of turn) if (this.#watched.size < MOST_WATCHED) this.#watch(id, now);
    const early = [...this.#seen.keys()].some((id) => !this.#watched.has(id));
    if (early || this.#left.size > 0) this.#schedule(crowded ? TURN_MS / 2 : ENTER_MS);
  }

  /** Ends the turns that lasted long enough, oldest first, but never more than are waiting. */
  #makeRoom(waiting: number, now: number): void {
    let lacking = waiting - (MOST_WATCHED - this.#watched.size);
    for (const [id, { since }] of this.#watched) {
      if (lacking <= 0) return;
      if (now - since < TURN_MS) continue;
      this.#unwatch(id);
      lacking -= 1;
    }
  }

  #watch(id: DeviceId, now: number): void {
    this.#lastTurn.set(id, now);
    this.#watched.set(id, {
      picture: this.#parts.pictures.watch(this.#parts.streams, { deviceId: id, tier: "tile", fps: this.#fps }),
      since: now,
      term: this.#termOf(id),
    });
  }

  #unwatch(id: DeviceId): void {
    this.#watched.get(id)?.picture.close();
    this.#watched.delete(id);
    this.#left.delete(id);
  }
}
