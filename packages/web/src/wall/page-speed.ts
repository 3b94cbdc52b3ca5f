/** How many frames a second the page itself can draw: asked for a short while now and then, since asking costs frames of its own. */

const EVERY_MS = 3_000;
const SAMPLE_MS = 800;

export class PageSpeed {
  #most = 0;
  #measured: { fps: number; most: number } | undefined;
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
  take(): { fps: number; most: number } | undefined {
    const measured = this.#measured;
    this.#measured = undefined;
    return measured;
  }

  #sample(): void {
    if (document.hidden) return;
    let frames = 0;
    let began: number | undefined;
    const frame = (at: number) => {
      began ??= at;
      // Hidden meanwhile: a page that is not drawn is not slow.
      if (document.hidden || this.#timer === undefined) return;
      if (at - began < SAMPLE_MS) {
        frames += 1;
        requestAnimationFrame(frame);
        return;
      }
      const fps = (frames * 1_000) / (at - began);
      this.#most = Math.max(this.#most, fps);
      this.#measured = { fps, most: this.#most };
    };
    requestAnimationFrame(frame);
  }
}
