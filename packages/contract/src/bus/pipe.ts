/**
 * A pipe over the bus: bytes both ways between one control and one agent, within the credit that the reader grants, so that nothing buffers without bound and a slow
 * reader slows its writer alone. What the bus lost (it delivers at most once) ends the pipe: half a file is never taken for a whole one.
 *
 * ```
 * 0  u8   kind: 1 data, 2 extra, 3 message, 4 end, 5 credit, 6 beat
 * 1  u24  0
 * 4  u32  number of the frame, from 0, per direction
 * 8  …    data, extra: bytes; message, end: JSON; credit: u32 bytes more
 * ```
 * All big-endian. Travels on the bus's third connection, so that a file never delays a touch or a picture.
 */
import { isErrorCode, PhonerackError } from "../errors.js";
import { PipeEnd, PipeMessage } from "../pipes.js";
import type { Bus, Subscription } from "./bus.js";

const Kind = { data: 1, extra: 2, message: 3, end: 4, credit: 5, beat: 6 } as const;
const HEADER = 8;
/** What may be under way in one direction, in bytes. */
export const PIPE_WINDOW = 1024 * 1024;
/** The longest piece of data in one frame. */
export const PIPE_PIECE = 128 * 1024;
/** Granted back in few frames. */
const GRANT = PIPE_WINDOW / 4;
const BEAT_MS = 2_000;
/** An other end that says nothing for so long is gone. */
const SILENT_MS = 10_000;
const MOST_MESSAGES = 1_000;
const NOTHING = new Uint8Array(0);

export type PipeFrame =
  | { readonly kind: "data" | "extra"; readonly bytes: Uint8Array }
  | { readonly kind: "message"; readonly message: PipeMessage };

export interface PipeParts {
  readonly bus: Bus;
  readonly sendOn: string;
  readonly hearOn: string;
}

interface Writing {
  readonly kind: number;
  readonly bytes: Uint8Array;
  resolve(): void;
  reject(error: unknown): void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export class Pipe {
  /** Resolves, never rejects, when the other side has ended it, or it was lost or closed: with how. */
  readonly over: Promise<PipeEnd>;
  readonly #parts: PipeParts;
  readonly #subscription: Subscription;
  readonly #beating: ReturnType<typeof setInterval>;
  readonly #queue: PipeFrame[] = [];
  readonly #writing: Writing[] = [];
  #reader: ((frame: PipeFrame | undefined) => void) | undefined;
  #settle: (end: PipeEnd) => void = () => {};
  /** How it ended; undefined while it lives. */
  #end: PipeEnd | undefined;
  #sent = 0;
  #heard = 0;
  #credit = 0;
  /** What the other side may still send, and what was read of it and is not granted back yet. */
  #granted = 0;
  #read = 0;
  #messages = 0;
  #lastSent = Date.now();
  #lastHeard = Date.now();

  /** Listens at once; nothing is sent before `grant`. */
  constructor(parts: PipeParts) {
    this.#parts = parts;
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#subscription = parts.bus.subscribe(parts.hearOn, ({ payload }) => {
      this.#receive(payload);
      return undefined;
    });
    this.#beating = setInterval(() => this.#beat(), BEAT_MS);
  }

  /** Lets the other side send. Called once, when it listens. */
  grant(bytes = PIPE_WINDOW): void {
    this.#granted += bytes;
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, bytes);
    this.#send(Kind.credit, payload);
  }

  /** Whether it has ended, whoever ended it. */
  get ended(): PipeEnd | undefined {
    return this.#end;
  }

  /** The next piece; undefined at the end, when all before it was read. One reader at a time. */
  read(): Promise<PipeFrame | undefined> {
    const frame = this.#queue.shift();
    if (frame) {
      this.#wasRead(frame);
      return Promise.resolve(frame);
    }
    if (this.#end) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  /** Resolves when all was sent within the other side's credit; fails with the reason when the pipe ends before. The bytes are the pipe's from now on. */
  write(bytes: Uint8Array, kind: "data" | "extra" = "data"): Promise<void> {
    if (this.#end) return Promise.reject(overError(this.#end));
    if (bytes.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#writing.push({ kind: Kind[kind], bytes, resolve, reject });
      this.#pump();
    });
  }

  /** Bytes that wait for credit. */
  get waiting(): number {
    let sum = 0;
    for (const { bytes } of this.#writing) sum += bytes.length;
    return sum;
  }

  /** Said in its turn with what is written, costs no credit. */
  tell(message: PipeMessage): void {
    if (this.#end) return;
    this.#writing.push({ kind: Kind.message, bytes: encodeJson(PipeMessage.parse(message)), resolve: nothing, reject: nothing });
    this.#pump();
  }

  /** Ends both directions once all that was written has gone. What the other side still sends is dropped. */
  finish(end: PipeEnd = {}): void {
    if (this.#end) return;
    this.#writing.push({ kind: Kind.end, bytes: encodeJson(end), resolve: () => this.#over(end), reject: nothing });
    this.#pump();
  }

  /** Ends both directions now: what waits is thrown away. Idempotent. */
  close(error?: PhonerackError): void {
    if (this.#end) return;
    const end = error ? { error: error.toJSON() } : {};
    this.#send(Kind.end, encodeJson(end));
    this.#queue.length = 0;
    this.#over(end);
  }

  #pump(): void {
    for (let next = this.#writing[0]; next && !this.#end; next = this.#writing[0]) {
      if (next.kind === Kind.data || next.kind === Kind.extra) {
        if (this.#credit === 0) return;
        const piece = next.bytes.subarray(0, Math.min(PIPE_PIECE, this.#credit));
        this.#credit -= piece.length;
        this.#send(next.kind, piece);
        if (piece.length < next.bytes.length) {
          this.#writing[0] = { ...next, bytes: next.bytes.subarray(piece.length) };
          continue;
        }
      } else this.#send(next.kind, next.bytes);
      this.#writing.shift();
      next.resolve();
    }
  }

  #send(kind: number, payload: Uint8Array): void {
    const frame = new Uint8Array(HEADER + payload.length);
    const view = new DataView(frame.buffer);
    frame[0] = kind;
    view.setUint32(4, this.#sent++ >>> 0);
    frame.set(payload, HEADER);
    this.#lastSent = Date.now();
    this.#parts.bus.publish(this.#parts.sendOn, frame);
  }

  #receive(frame: Uint8Array): void {
    if (this.#end) return;
    try {
      this.#take(frame);
    } catch (error) {
      this.#fail(error instanceof PhonerackError ? error : new PhonerackError("pipe_broken", "its bytes are no pipe's"));
    }
  }

  #take(frame: Uint8Array): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    if (frame.length < HEADER) throw new PhonerackError("pipe_broken", "a frame is too short");
    if (view.getUint32(4) !== this.#heard++ >>> 0) throw new PhonerackError("pipe_broken", "a part of it was lost on the way");
    this.#lastHeard = Date.now();
    const payload = frame.subarray(HEADER);
    switch (frame[0]) {
      case Kind.data:
        return this.#data("data", payload);
      case Kind.extra:
        return this.#data("extra", payload);
      case Kind.message:
        if (++this.#messages > MOST_MESSAGES) throw new PhonerackError("pipe_broken", "more messages than anybody reads");
        return this.#put({ kind: "message", message: PipeMessage.parse(decodeJson(payload)) });
      case Kind.end:
        return this.#over(PipeEnd.parse(decodeJson(payload)));
      case Kind.credit:
        this.#credit += view.getUint32(HEADER);
        return this.#pump();
      case Kind.beat:
        return;
      default:
        throw new PhonerackError("pipe_broken", "a frame of an unknown kind");
    }
  }

  #data(kind: "data" | "extra", bytes: Uint8Array): void {
    if (bytes.length > this.#granted) throw new PhonerackError("pipe_broken", "more was sent than was granted");
    this.#granted -= bytes.length;
    if (bytes.length > 0) this.#put({ kind, bytes });
  }

  #put(frame: PipeFrame): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (!reader) this.#queue.push(frame);
    else {
      this.#wasRead(frame);
      reader(frame);
    }
  }

  #wasRead(frame: PipeFrame): void {
    if (frame.kind === "message") {
      this.#messages--;
      return;
    }
    this.#read += frame.bytes.length;
    if (this.#read < GRANT || this.#end) return;
    const read = this.#read;
    this.#read = 0;
    this.grant(read);
  }

  #beat(): void {
    const now = Date.now();
    if (now - this.#lastHeard > SILENT_MS) return this.#fail(new PhonerackError("agent_unreachable", "the other end is silent"));
    if (now - this.#lastSent >= BEAT_MS) this.#send(Kind.beat, NOTHING);
  }

  #fail(error: PhonerackError): void {
    if (this.#end) return;
    this.#send(Kind.end, encodeJson({ error: error.toJSON() }));
    this.#over({ error: error.toJSON() });
  }

  #over(end: PipeEnd): void {
    if (this.#end) return;
    this.#end = end;
    clearInterval(this.#beating);
    this.#subscription.unsubscribe();
    for (const writing of this.#writing.splice(0)) writing.reject(overError(end));
    const reader = this.#reader;
    this.#reader = undefined;
    // Whoever waits has read all there was.
    reader?.(undefined);
    this.#settle(end);
  }
}

/** Why it ended, as an error of the table. */
export function overError({ error }: PipeEnd): PhonerackError {
  if (!error) return new PhonerackError("pipe_broken", "the other side has ended it");
  return new PhonerackError(isErrorCode(error.code) ? error.code : "internal", error.detail ?? undefined);
}

function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

function decodeJson(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes));
}

function nothing(): void {}
