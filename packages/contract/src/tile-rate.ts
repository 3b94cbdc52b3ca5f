/**
 * How many pictures a second tiles have, and when they have fewer. A browser and an agent's uplink each have a budget, and both step down and up
 * alike: before anything stalls, one rate at a time, and up again only when what is then to be expected fits for a while.
 */

/** From the best to the least, in frames per second. */
export const TILE_RATES = [5, 2, 1] as const;
export type TileRate = (typeof TILE_RATES)[number];

/** Loads are judged by the mean of so many seconds: a key frame comes every two. */
const WINDOW = 3;
/** Encoders begin anew with another rate; before that is seen, no load says anything. */
const SETTLE_MS = 4_000;
/** What would be used after a step up must leave some room. */
const ROOM = 0.8;
const CALM_MS = 10_000;
/** A step up that was too much doubles the calm that the next one needs, up to this many times. */
const MOST_PATIENCE = 16;

export class RateLadder {
  #step = 0;
  #loads: number[] = [];
  #changedAt = Number.NEGATIVE_INFINITY;
  #calmSince: number | undefined;
  #patience = 1;
  #steppedUpAt = Number.NEGATIVE_INFINITY;

  get fps(): TileRate {
    return TILE_RATES[this.#step] ?? 1;
  }

  /** Call it once a second with the share of the budget that was used (1: all of it). `now` in milliseconds. @returns whether the rate has changed. */
  measure(now: number, load: number): boolean {
    this.#loads = [...this.#loads, load].slice(-WINDOW);
    if (this.#loads.length < WINDOW || now - this.#changedAt < SETTLE_MS) return false;
    const mean = this.#loads.reduce((sum, value) => sum + value, 0) / WINDOW;
    if (mean > 1) return this.#down(now);
    const expected = (mean * (TILE_RATES[this.#step - 1] ?? Number.POSITIVE_INFINITY)) / this.fps;
    if (this.#step === 0 || expected > ROOM) {
      this.#calmSince = undefined;
      return false;
    }
    this.#calmSince ??= now;
    return now - this.#calmSince >= CALM_MS * this.#patience && this.#up(now);
  }

  #down(now: number): boolean {
    this.#calmSince = undefined;
    if (this.#step === TILE_RATES.length - 1) return false;
    if (now - this.#steppedUpAt < CALM_MS * 2) this.#patience = Math.min(MOST_PATIENCE, this.#patience * 2);
    this.#step += 1;
    return this.#changed(now);
  }

  #up(now: number): boolean {
    this.#step -= 1;
    this.#steppedUpAt = now;
    return this.#changed(now);
  }

  #changed(now: number): true {
    this.#changedAt = now;
    this.#calmSince = undefined;
    this.#loads = [];
    return true;
  }
}
