/**
 * Cuts a log into whole lines, keeps those of some processes where that is wished, and lets through as much as a viewer is sent, in bytes a second: what is beyond is
 * dropped by whole lines, and counted. Works on bytes: fifty thousand lines a second must cost next to nothing.
 */
const LINE_END = 10;
const SPACE = 32;
const DASH = 45;
const ZERO = 48;
/** Longer than any that logd keeps, escapes included. */
const LONGEST_LINE = 32 * 1024;
/** What may come at once after a silence, such as the end of what logd has kept. */
const BURST_MS = 250;
/** A flood goes on in pieces this far apart: whole quarters of a second would hold up for as long whoever touches a phone of the same agent. */
const STEP_MS = 50;

export class LineCutter {
  readonly #perMs: number;
  readonly #now: () => number;
  #rest: Buffer = Buffer.alloc(0);
  #skipping = false;
  #filledAt: number;
  #left: number;
  #dropped = 0;
  /** Only lines of these pids; undefined: all. */
  only: { has(pid: number): boolean } | undefined;

  /** @param most bytes a second */
  constructor(most: number, now: () => number = () => performance.now()) {
    this.#perMs = most / 1_000;
    this.#now = now;
    this.#filledAt = now();
    this.#left = this.#perMs * BURST_MS;
  }

  /** What of it goes on. `full`: whoever reads takes no more now. */
  cut(chunk: Uint8Array, full: boolean): Buffer | undefined {
    this.#fill();
    const bytes = this.#whole(chunk);
    if (!bytes) return undefined;
    const kept = this.only ? this.#filtered(bytes, this.only) : bytes;
    if (!kept || kept.length === 0) return undefined;
    const room = full ? 0 : Math.floor(this.#left);
    if (kept.length <= room) {
      this.#left -= kept.length;
      return kept;
    }
    const end = room === 0 ? 0 : kept.lastIndexOf(LINE_END, room - 1) + 1;
    this.#dropped += countLines(kept, end);
    this.#left = full ? this.#left : 0;
    return end > 0 ? kept.subarray(0, end) : undefined;
  }

  #fill(): void {
    const now = this.#now();
    const passed = now - this.#filledAt;
    if (passed < STEP_MS) return;
    this.#filledAt = now;
    this.#left = Math.min(this.#left + passed * this.#perMs, this.#perMs * BURST_MS);
  }

  /** How many lines were dropped since the last asking. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  /** Another log begins: half a line is left behind. */
  reset(): void {
    this.#rest = Buffer.alloc(0);
    this.#skipping = false;
  }

  /** Up to the last line end, with what was left before. */
  #whole(chunk: Uint8Array): Buffer | undefined {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    if (this.#skipping) {
      const end = bytes.indexOf(LINE_END);
      if (end < 0) return undefined;
      this.#skipping = false;
      bytes = bytes.subarray(end + 1);
    }
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    const end = all.lastIndexOf(LINE_END) + 1;
    this.#rest = Buffer.from(all.subarray(end));
    if (this.#rest.length > LONGEST_LINE) {
      this.#rest = Buffer.alloc(0);
      this.#skipping = true;
    }
    return end > 0 ? all.subarray(0, end) : undefined;
  }

  #filtered(bytes: Buffer, only: { has(pid: number): boolean }): Buffer | undefined {
    const kept: Buffer[] = [];
    for (let from = 0; from < bytes.length; ) {
      const end = bytes.indexOf(LINE_END, from) + 1;
      // Dividers are nobody's, and needed by whoever reads.
      if (bytes[from] === DASH || only.has(pidAt(bytes, from))) kept.push(bytes.subarray(from, end));
      from = end;
    }
    return kept.length > 0 ? Buffer.concat(kept) : undefined;
  }
}

function countLines(bytes: Buffer, from: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_END, from); at >= 0; at = bytes.indexOf(LINE_END, at + 1)) count++;
  return count;
}

/** A line's third word, after time and uid, or date and time; -1 where it is no number. */
function pidAt(bytes: Buffer, from: number): number {
  let at = from;
  const isSpace = () => bytes[at] === SPACE;
  const isWord = () => at < bytes.length && bytes[at] !== SPACE && bytes[at] !== LINE_END;
  for (let word = 0; word < 2; word++) {
    while (isSpace()) at++;
    while (isWord()) at++;
  }
  while (isSpace()) at++;
  let pid = 0;
  for (; isWord(); at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    pid = pid * 10 + digit;
  }
  return pid;
}
