/**
 * When a frame stands in a film, in milliseconds from its beginning: as far from the frame before as the phone says, near the time at which it came. A phone's clock
 * may begin anew with its encoder, jump, or lie; what a film says then is when the frames came.
 */

/** The phone's clock is believed for so long a way from ours. */
const BELIEVED_MS = 1_000;
/** Frames have an order in every film. */
const LEAST_MS = 1;

export interface Arrival {
  /** The run of the encoder. */
  readonly generation: number;
  /** Microseconds, by the phone's clock. */
  readonly pts: number;
  /** Milliseconds, by the clock that the film's beginning is told by. */
  readonly at: number;
}

export class Timeline {
  readonly #start: number;
  #generation: number | undefined;
  #offset = 0;
  #last = -LEAST_MS;

  constructor(start: number) {
    this.#start = start;
  }

  place({ generation, pts, at }: Arrival): number {
    const own = pts / 1_000;
    if (generation !== this.#generation || Math.abs(own + this.#offset - at) > BELIEVED_MS) {
      this.#generation = generation;
      this.#offset = at - own;
    }
    return this.#next(own + this.#offset - this.#start);
  }

  /** For a frame from before the beginning that is only there to be decoded: as soon after the one before as can be. */
  squeeze(): number {
    return this.#next(0);
  }

  #next(wished: number): number {
    this.#last = Math.max(wished, this.#last + LEAST_MS);
    return this.#last;
  }
}
