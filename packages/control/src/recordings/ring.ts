/** The last seconds of one device's picture, in whole groups of pictures, ready to be saved. Knows nothing of who else keeps some: `keeper.ts` says who has to give room. */
import { FRAME_HEADER_BYTES, FrameKind, readFrame } from "@phonerack/contract/bus";
import { SLAB_BYTES, type Slabs } from "./slabs.js";

/** Frames of one group; above it the encoder has forgotten its key frames, and what follows is not kept. */
const MOST_FRAMES = 2_000;

/** A key frame and what followed. */
interface Group {
  readonly config: Uint8Array;
  readonly slabs: Uint8Array[];
  /** Where each frame ends in the group's bytes, and when it came. */
  readonly ends: number[];
  readonly times: number[];
  broken: boolean;
}

export interface KeptFrame {
  readonly key: boolean;
  readonly generation: number;
  readonly pts: number;
  readonly at: number;
  readonly data: Uint8Array;
}

/** Frames of one picture size. */
export interface KeptFilm {
  readonly config: Uint8Array;
  readonly frames: KeptFrame[];
}

export interface RingParts {
  readonly slabs: Slabs;
  /** The most that this one may keep. */
  readonly most: number;
  /** Somebody else is to give room; false: there is none. */
  readonly makeRoom: () => boolean;
}

export class Ring {
  readonly #parts: RingParts;
  #seconds: number;
  #config: Uint8Array | undefined;
  #groups: Group[] = [];

  constructor(parts: RingParts & { seconds: number }) {
    this.#parts = parts;
    this.#seconds = parts.seconds;
  }

  get seconds(): number {
    return this.#seconds;
  }

  set seconds(seconds: number) {
    this.#seconds = seconds;
  }

  /** When the oldest frame came; undefined while there is none. */
  get since(): number | undefined {
    return this.#groups[0]?.times[0];
  }

  /** A frame as it came; its bytes are copied. */
  push(bytes: Uint8Array, kind: FrameKind, at: number): void {
    switch (kind) {
      case FrameKind.config:
        this.#config = bytes.slice(FRAME_HEADER_BYTES);
        this.#breakOff();
        return;
      case FrameKind.key:
        if (!this.#config) return;
        this.#forget(at - this.#seconds * 1_000);
        this.#groups.push({ config: this.#config, slabs: [], ends: [], times: [], broken: false });
        this.#add(bytes, at);
        return;
      case FrameKind.delta:
        this.#add(bytes, at);
        return;
      case FrameKind.end:
        this.#breakOff();
        return;
      default:
        return;
    }
  }

  /** What is to be seen from `from` on: the picture of that moment first, which may have come long before. */
  films(from: number): KeptFilm[] {
    const films: KeptFilm[] = [];
    const later = this.#groups.findIndex(({ times }) => (times[0] ?? 0) > from);
    const first = later === -1 ? this.#groups.length - 1 : later - 1;
    for (const group of this.#groups.slice(Math.max(0, first))) {
      const last = films.at(-1);
      if (last && Buffer.compare(last.config, group.config) === 0) last.frames.push(...framesOf(group));
      else films.push({ config: group.config, frames: framesOf(group) });
    }
    return films;
  }

  /** Gives the oldest group's room back; false: there is none to give. */
  shrink(): boolean {
    const oldest = this.#groups.shift();
    if (!oldest) return false;
    this.#parts.slabs.give(oldest.slabs.splice(0));
    return true;
  }

  clear(): void {
    while (this.shrink());
    this.#config = undefined;
  }

  #add(bytes: Uint8Array, at: number): void {
    const group = this.#groups.at(-1);
    if (!group || group.broken) return;
    const begin = group.ends.at(-1) ?? 0;
    const end = begin + bytes.length;
    while (group.slabs.length * SLAB_BYTES < end) {
      const slab = group.ends.length < MOST_FRAMES ? this.#slab(group) : undefined;
      if (!slab) {
        group.broken = true;
        if (group.ends.length === 0) this.#drop(group);
        return;
      }
      group.slabs.push(slab);
    }
    for (let done = 0; done < bytes.length; ) {
      const place = begin + done;
      const offset = place % SLAB_BYTES;
      const part = bytes.subarray(done, done + SLAB_BYTES - offset);
      group.slabs[Math.floor(place / SLAB_BYTES)]?.set(part, offset);
      done += part.length;
    }
    group.ends.push(end);
    group.times.push(at);
  }

  #slab(group: Group): Uint8Array | undefined {
    const { slabs, most, makeRoom } = this.#parts;
    const own = () => this.#groups.reduce((sum, each) => sum + each.slabs.length * SLAB_BYTES, 0);
    while (own() + SLAB_BYTES > most) if (this.#groups[0] === group || !this.shrink()) return undefined;
    for (;;) {
      const slab = slabs.take();
      if (slab) return slab;
      // Whoever gives room may be this ring itself, even the group that is being written.
      if (!makeRoom() || !this.#groups.includes(group)) return undefined;
    }
  }

  #drop(group: Group): void {
    this.#parts.slabs.give(group.slabs.splice(0));
    this.#groups = this.#groups.filter((each) => each !== group);
  }

  /** What comes next does not follow from what is here. */
  #breakOff(): void {
    const last = this.#groups.at(-1);
    if (last) last.broken = true;
  }

  /** The group in which `from` lies stays. */
  #forget(from: number): void {
    while (this.#groups.length > 1 && (this.#groups[1]?.times[0] ?? Number.POSITIVE_INFINITY) <= from) this.shrink();
  }
}

function framesOf({ slabs, ends, times }: Group): KeptFrame[] {
  let begin = 0;
  return ends.flatMap((end, index) => {
    const frame = readFrame(copyOf(slabs, begin, end));
    begin = end;
    if (!frame) return [];
    return [
      {
        key: frame.kind === FrameKind.key,
        generation: frame.stream,
        pts: Number(frame.pts),
        at: times[index] ?? 0,
        data: frame.payload,
      },
    ];
  });
}

function copyOf(slabs: readonly Uint8Array[], begin: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - begin);
  for (let done = 0; done < bytes.length; ) {
    const place = begin + done;
    const offset = place % SLAB_BYTES;
    const part = slabs[Math.floor(place / SLAB_BYTES)]?.subarray(offset, Math.min(SLAB_BYTES, offset + bytes.length - done));
    if (!part) break;
    bytes.set(part, done);
    done += part.length;
  }
  return bytes;
}
