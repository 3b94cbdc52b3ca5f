/**
 * How many frames a second this browser wishes of the tiles in view: as many as its budget of bandwidth and its own speed bear, and one when very
 * many are in view. Judged once a second; knows nothing of streams.
 */
import { RateLadder, TILE_RATES, type TileRate } from "@phonerack/contract/api";

/** With more tiles in view, one frame a second of each is what an eye can follow. */
export const CROWD = 200;
/** Pictures that are drawn later than this are of the past: the worker does not keep up. */
const LATE_MS = 400;
/** Below so many frames a second of the page itself, hands feel it. */
const SMOOTH_FPS = 50;
/** What a ladder is told of a second that was too slow; nothing is known of how much. */
const TOO_MUCH = 1.5;

export interface TileSecond {
  /** Bits of all tiles in view. */
  readonly bits: number;
  /** From arrival to drawing, in the mean; undefined: nothing was drawn, or the worker did not come to say so. */
  readonly delayMs: number | undefined;
  readonly page: PageFrames | undefined;
}

export interface TilePaceNow {
  readonly fps: TileRate;
  /** What keeps it from more; undefined: nothing does. */
  readonly reason: "crowded" | "budget" | "slow" | undefined;
}

/** Frames that the page itself could have drawn. */
export interface PageFrames {
  readonly fps: number;
  /** They came as evenly as a screen's own: one of 30 hertz is not slow. */
  readonly even: boolean;
}

export class TilePace {
  readonly #budget = new RateLadder();
  readonly #speed = new RateLadder();
  #slow = false;

  /** `budgetMbit`: megabits per second for all tiles together. `now` in milliseconds. */
  measure(second: TileSecond, { now, budgetMbit }: { now: number; budgetMbit: number }): void {
    this.#budget.measure(now, second.bits / (budgetMbit * 1e6));
    if (second.page) this.#slow = second.page.fps < SMOOTH_FPS && !second.page.even;
    // What came and was not drawn within a second is late, however late.
    const late = second.delayMs === undefined ? second.bits > 0 : second.delayMs > LATE_MS;
    this.#speed.measure(now, this.#slow || late ? TOO_MUCH : 0);
  }

  /** With so many tiles in view. */
  now(inView: number): TilePaceNow {
    const wishes = [
      { fps: inView > CROWD ? 1 : TILE_RATES[0], reason: "crowded" },
      { fps: this.#budget.fps, reason: "budget" },
      { fps: this.#speed.fps, reason: "slow" },
    ] as const;
    const least = wishes.reduce((one, other) => (other.fps < one.fps ? other : one));
    return { fps: least.fps, reason: least.fps === TILE_RATES[0] ? undefined : least.reason };
  }
}
