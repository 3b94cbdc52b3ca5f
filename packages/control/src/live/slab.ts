/**
 * Memory for frames on their way out: cut from large slabs that are used again once their last frame was sent. Thousands of buffers a second
 * of their own, or slabs thrown away, cost the garbage collector more than the sending costs us (measured: a quarter of all CPU at
 * 6,000 frames a second, because every 64 MB of them make V8 collect the whole heap).
 */
const SLAB_BYTES = 256 * 1024;
/** A larger frame gets memory of its own: it would use up a slab almost alone. */
const LARGEST = SLAB_BYTES / 4;
/** Kept for the next burst; what slow browsers held beyond it is given back. */
const FREE_SLABS = 64;

/** A copy that may be changed. `sent` must be called when its bytes have left, or were given up; never earlier. */
export interface Cut {
  readonly bytes: Buffer;
  readonly sent: () => void;
}

class Slab {
  readonly #buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #used = 0;
  #waiting = 0;
  #retired = false;
  /** One for all its frames: a closure per frame would be garbage again. */
  readonly #sent = () => {
    this.#waiting--;
    this.#giveBack();
  };

  cut(bytes: Uint8Array): Cut | undefined {
    if (this.#used + bytes.length > SLAB_BYTES) return undefined;
    const copy = this.#buffer.subarray(this.#used, this.#used + bytes.length);
    this.#used += bytes.length;
    this.#waiting++;
    copy.set(bytes);
    return { bytes: copy, sent: this.#sent };
  }

  /** Takes no more frames; free again when the last one has left. */
  retire(): void {
    this.#retired = true;
    this.#giveBack();
  }

  #giveBack(): void {
    if (!this.#retired || this.#waiting > 0) return;
    this.#retired = false;
    this.#used = 0;
    if (free.length < FREE_SLABS) free.push(this);
  }
}

const free: Slab[] = [];
const ignore = () => undefined;
let slab = new Slab();

export function copyToSlab(bytes: Uint8Array): Cut {
  if (bytes.length > LARGEST) {
    const own = Buffer.allocUnsafeSlow(bytes.length);
    own.set(bytes);
    return { bytes: own, sent: ignore };
  }
  for (let cut = slab.cut(bytes); ; cut = slab.cut(bytes)) {
    if (cut) return cut;
    const full = slab;
    slab = free.pop() ?? new Slab();
    full.retire();
  }
}
