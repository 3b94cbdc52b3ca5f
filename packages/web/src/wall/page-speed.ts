/** How many frames a second the page itself can draw: asked for a short while now and then, since asking costs frames of its own. */
import type { PageFrames } from "./tile-pace.js";

const EVERY_MS = 3_000;
const SAMPLE_MS = 800;
/** The slowest of ten frames of a screen takes hardly longer than the one in the middle. */
const EVEN = 1.15;
/** No screen is slower. */
const SLOWEST_SCREEN = 23;

export class PageSpeed {
  #measured: PageFrames | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  start(): void {
    this.#timer ??= setInterval(() => this.#sample(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#measured = undefined;
  }

  /** Since the last call; undefined when there is nothing new. */
  take(): PageFrames | undefined {
    const measured = this.#measured;
    this.#measured = undefined;
    return measured;
  }

  #sample(): void {
    if (document.hidden) return;
    const times: number[] = [];
    const frame = (at: number) => {
      // Hidden meanwhile: a page that is not drawn is not slow.
      if (document.hidden || this.#timer === undefined) return;
      times.push(at);
      if (at - (times[0] ?? at) < SAMPLE_MS) requestAnimationFrame(frame);
      else this.#measured = framesOf(times);
    };
    requestAnimationFrame(frame);
  }
}

/** `times`: when each frame came, in milliseconds. */
export function framesOf(times: readonly number[]): PageFrames {
  const steps = times
    .slice(1)
    .map((at, before) => at - (times[before] ?? at))
    .sort((a, b) => a - b);
  const share = (part: number) => steps[Math.floor((steps.length - 1) * part)] ?? 0;
  const fps = (steps.length * 1_000) / ((times.at(-1) ?? 0) - (times[0] ?? 0));
  return { fps, even: fps >= SLOWEST_SCREEN && share(0.9) <= share(0.5) * EVEN };
}
