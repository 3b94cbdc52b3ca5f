/**
 * How many frames a second the tiles of this agent have at most: as many as its uplink bears. When the pictures of all its phones are more than
 * the uplink's budget, tiles go slower, before anything stalls; pictures seen large are never lowered for tiles' sake. An encoder learns another
 * rate only by beginning anew, so that a change goes from phone to phone and not through all of them at once.
 */
import { RateLadder, TILE_RATES } from "@phonerack/contract/bus";

/** Between two encoders that begin anew. */
const SPREAD_MS = 25;
const SECOND_MS = 1_000;

export interface RatedTile {
  /** Goes on at the rate that it should have now, if it has another one. */
  retune(): void;
}

export class TileRates {
  /** Bits per second; undefined: no budget. */
  readonly #uplink: number | undefined;
  readonly #ladder = new RateLadder();
  readonly #tiles = new Set<RatedTile>();
  /** Those that are to be asked, one after the other. */
  readonly #due = new Set<RatedTile>();
  #tileBytes = 0;
  #otherBytes = 0;
  #second: NodeJS.Timeout | undefined;
  #spreading: NodeJS.Timeout | undefined;

  /** `uplinkMbit`: megabits per second that all pictures and sound of this agent may take together. */
  constructor(uplinkMbit?: number) {
    this.#uplink = uplinkMbit === undefined ? undefined : uplinkMbit * 1e6;
    if (this.#uplink !== undefined) this.#second = setInterval(() => this.#judge(), SECOND_MS);
  }

  /** Of one tile, when a watcher wishes so many; undefined: as many as there are. */
  rateFor(wished: number | undefined): number {
    const most = this.#uplink === undefined ? TILE_RATES[0] : this.#ladder.fps;
    return Math.min(most, wished ?? TILE_RATES[0]);
  }

  /** @returns leaves. */
  join(tile: RatedTile): () => void {
    this.#tiles.add(tile);
    return () => {
      this.#tiles.delete(tile);
      this.#due.delete(tile);
    };
  }

  /** The tile is asked to retune when it is its turn. */
  changed(tile: RatedTile): void {
    this.#due.add(tile);
    this.#spreading ??= setInterval(() => this.#next(), SPREAD_MS);
  }

  count(tile: boolean, bytes: number): void {
    if (tile) this.#tileBytes += bytes;
    else this.#otherBytes += bytes;
  }

  stop(): void {
    clearInterval(this.#second);
    clearInterval(this.#spreading);
    this.#due.clear();
  }

  #judge(): void {
    const left = (this.#uplink ?? 0) - this.#otherBytes * 8;
    const load = this.#tileBytes === 0 ? 0 : left <= 0 ? Number.MAX_SAFE_INTEGER : (this.#tileBytes * 8) / left;
    this.#tileBytes = 0;
    this.#otherBytes = 0;
    if (this.#ladder.measure(performance.now(), load)) for (const tile of this.#tiles) this.changed(tile);
  }

  #next(): void {
    const [tile] = this.#due;
    if (!tile) {
      clearInterval(this.#spreading);
      this.#spreading = undefined;
      return;
    }
    this.#due.delete(tile);
    tile.retune();
  }
}

/** scrcpy's options for a tile of this rate. The bit rate goes with it, or an encoder would only make its fewer frames larger. */
export function rateOptions(fps: number): readonly string[] {
  return [`max_fps=${fps}`, `video_bit_rate=${Math.max(LEAST_BITS, Math.round((FULL_BITS * fps) / TILE_RATES[0]))}`];
}

const FULL_BITS = 200_000;
/** Below it, pictures of this size are blurred. */
const LEAST_BITS = 60_000;
