/**
 * One ADB stream through a tunnel: between somebody's adb and a service of the phone. The host is acknowledged while little waits for the phone, so that a
 * push is not slowed by the way to it; what the phone sends follows ADB's own OKAYs. Input waits while the guard says so.
 */
import type { AdbStream, AdbStreamEvents } from "@phonerack/android-wire/adb";
import { PhonerackError } from "@phonerack/contract/bus";
import type { RawStream } from "../transports/link.js";
import type { AdbService } from "./adb-services.js";
import { ShellNotes } from "./shell-notes.js";

/** Bytes that may wait for the phone before its host has to wait too. */
const AHEAD = 1024 * 1024;
/** For the phone to take what was sent before its host closed. */
const LAST_INPUT_MS = 10_000;

/** The phone's end of a stream, or what stands for it. */
export type PhoneEnd = Pick<RawStream, "read" | "write" | "close">;

export interface AdbStreamParts {
  readonly service: AdbService;
  /** Resolves when input may go to the phone; rejects when it never will. */
  flow(): Promise<void>;
  /** Resolves when there is room on the way to the host. */
  room(): Promise<void> | undefined;
  onOver(stream: TunnelStream): void;
}

export class TunnelStream implements AdbStreamEvents {
  readonly #parts: AdbStreamParts;
  readonly #notes: ShellNotes | undefined;
  #host: AdbStream | undefined;
  #phone: PhoneEnd | undefined;
  /** For the phone. */
  readonly #incoming: Uint8Array[] = [];
  #waiting = 0;
  /** Of `#waiting`, what the host was not told yet that it is taken. */
  #owed = 0;
  #feeding = false;
  /** For the host. */
  readonly #outgoing: Uint8Array[] = [];
  #written: (() => void) | undefined;
  #ending = false;
  #over = false;
  #deadline: NodeJS.Timeout | undefined;

  constructor(parts: AdbStreamParts) {
    this.#parts = parts;
    this.#notes = parts.service.text ? new ShellNotes(parts.service.shellV2) : undefined;
  }

  /** Joins both ends. Called once. */
  join(host: AdbStream, phone: PhoneEnd): void {
    this.#host = host;
    this.#phone = phone;
    if (this.#over) return phone.close();
    void this.#read(phone);
    void this.#feed();
  }

  /** For its terminal, if it has one. */
  say(words: string): void {
    this.#notes?.say(words);
    const note = this.#notes?.due();
    if (note) this.#send(note);
  }

  /** More for the host, of our own making. */
  send(bytes: Uint8Array): void {
    this.#send(bytes);
  }

  /** Ends it once all that was said has gone. */
  finish(): void {
    this.#ending = true;
    this.#pump();
  }

  /** Ends it now. Idempotent. */
  close(): void {
    this.#host?.close();
    this.#finish();
  }

  onData(data: Uint8Array): void {
    this.#incoming.push(data);
    this.#waiting += data.length;
    this.#owed += data.length;
    this.#acknowledge();
    void this.#feed();
  }

  onWritable(): void {
    this.#pump();
  }

  onClosed(): void {
    this.#host = undefined;
    this.#outgoing.length = 0;
    this.#release();
    // What the host sent before it closed still reaches the phone, if that takes it.
    if (this.#waiting === 0 || !this.#phone) this.#finish();
    else this.#deadline = setTimeout(() => this.#finish(), LAST_INPUT_MS);
  }

  #acknowledge(): void {
    if (this.#owed === 0 || this.#waiting > AHEAD) return;
    const taken = this.#owed;
    this.#owed = 0;
    this.#host?.consumed(taken);
  }

  async #feed(): Promise<void> {
    const phone = this.#phone;
    if (this.#feeding || !phone) return;
    this.#feeding = true;
    try {
      for (let next = this.#incoming.shift(); next && !this.#over; next = this.#incoming.shift()) {
        if (this.#parts.service.input) await this.#parts.flow();
        await phone.write(next);
        this.#waiting -= next.length;
        this.#acknowledge();
      }
      if (this.#host === undefined) this.#finish();
    } catch {
      // The phone or the guard has ended it; the host is told by its stream.
      this.finish();
    } finally {
      this.#feeding = false;
    }
  }

  async #read(phone: PhoneEnd): Promise<void> {
    try {
      for (let chunk = await phone.read(); chunk && !this.#over; chunk = await phone.read()) {
        for (const part of this.#notes?.pass(chunk) ?? [chunk]) await this.#sent(part);
        await this.#parts.room();
      }
    } catch {
      // Its connection is over, and with it the whole tunnel.
    }
    this.finish();
  }

  /** Resolves when it has gone to the host. */
  #sent(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#written = resolve;
      this.#send(bytes);
    });
  }

  #send(bytes: Uint8Array): void {
    // Nobody reads it any more.
    if (!this.#host) return this.#release();
    this.#outgoing.push(bytes);
    this.#pump();
  }

  #pump(): void {
    const host = this.#host;
    if (!host || this.#over) return this.#release();
    for (let next = this.#outgoing[0]; next && host.credit > 0; next = this.#outgoing[0]) {
      const piece = next.subarray(0, host.credit);
      if (piece.length === next.length) this.#outgoing.shift();
      else this.#outgoing[0] = next.subarray(piece.length);
      host.write(piece);
    }
    if (this.#outgoing.length > 0) return;
    this.#release();
    if (this.#ending) this.close();
  }

  #release(): void {
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#deadline);
    this.#incoming.length = 0;
    this.#outgoing.length = 0;
    this.#phone?.close();
    this.#release();
    this.#parts.onOver(this);
  }
}

/** What a terminal reads of an error. */
export function inWords(error: unknown): string {
  if (!(error instanceof PhonerackError)) return "it failed";
  return error.detail === undefined ? error.message : `${error.message} (${error.detail})`;
}
