/**
 * Memory for pictures that are kept for a while: pieces of one size, used again and again, so many at most. To keep each frame's own buffer would make V8 collect its whole
 * heap for every 64 MB of them (see `relay/picture-cache.ts`).
 */

export const SLAB_BYTES = 64 * 1024;

export class Slabs {
  readonly #most: number;
  readonly #free: Uint8Array[] = [];
  #made = 0;

  constructor(bytes: number) {
    this.#most = Math.floor(bytes / SLAB_BYTES);
  }

  /** Undefined: all are in use. */
  take(): Uint8Array | undefined {
    const free = this.#free.pop();
    if (free) return free;
    if (this.#made >= this.#most) return undefined;
    this.#made++;
    return new Uint8Array(SLAB_BYTES);
  }

  give(slabs: readonly Uint8Array[]): void {
    this.#free.push(...slabs);
  }

  /** Lets go of what is not in use. */
  trim(): void {
    this.#made -= this.#free.length;
    this.#free.length = 0;
  }

  get bytesInUse(): number {
    return (this.#made - this.#free.length) * SLAB_BYTES;
  }
}
