// How coarse pictures must be so that moving ones stay near a bit rate: a bucket that empties at the rate and fills with what was sent.

/** Quantiser of a stream that is not short of bits: about 43 to 45 dB on phone screens. */
const FINEST = 25;
const COARSEST = 38;
/** Quantiser steps for each second's worth of bits that the bucket holds; six steps halve the bits, roughly. */
const STEPS_PER_SECOND = 6;

export class RateControl {
  readonly finest = FINEST;
  private readonly bytesPerMs: number;
  private held = 0;
  private at = 0;

  /** @param bitRate bits per second; 0 or less means no limit */
  constructor(bitRate: number) {
    this.bytesPerMs = bitRate > 0 ? bitRate / 8000 : Number.POSITIVE_INFINITY;
  }

  /** The quantiser for a picture made now (milliseconds of any steady clock). */
  quantiser(now: number): number {
    this.drain(now);
    const seconds = this.held / (this.bytesPerMs * 1000);
    // One second's worth may gather freely: a key frame alone can be that much on a small stream.
    return Math.min(COARSEST, FINEST + Math.max(0, Math.floor((seconds - 1) * STEPS_PER_SECOND)));
  }

  spent(bytes: number, now: number): void {
    this.drain(now);
    if (this.bytesPerMs !== Number.POSITIVE_INFINITY) this.held += bytes;
  }

  private drain(now: number): void {
    const elapsed = Math.max(0, now - this.at);
    this.at = now;
    this.held = this.held === 0 ? 0 : Math.max(0, this.held - elapsed * this.bytesPerMs);
  }
}
