/**
 * One adb client's session with one phone, over a pipe: the agent is the device. It lets in whose key was enrolled, answers with the phone's own features, asks the
 * guard for each service that can put input in, and passes the bytes on.
 */
import { AdbdConnection, type AdbOpenRequest, encodeDeviceBanner, encodeShellExit, WireError } from "@phonerack/android-wire/adb";
import { PhonerackError, type Pipe } from "@phonerack/contract/bus";
import { TUNNEL_SERVICE } from "../adb-server/own-tunnels.js";
import type { Guarded } from "../guard/guard.js";
import type { PhoneLink, PhoneSocket } from "../transports/link.js";
import { enrolledOnly } from "./adb-keys.js";
import { type AdbService, adbServiceOf } from "./adb-services.js";
import { inWords, type PhoneEnd, TunnelStream } from "./adb-stream.js";
import { Reverses } from "./reverses.js";

/** One packet's longest payload: a message of the bus holds it. */
const MAX_PAYLOAD = 256 * 1024;
const MOST_STREAMS = 512;
/** Bytes that all streams together may have on the way to the host before they wait. */
const MOST_ON_THE_WAY = 4 * 1024 * 1024;
/** Nothing of a host that is not let in may wait for ever. */
const LOG_IN_MS = 20_000;
const LAST_WORDS_MS = 200;

/** What ADB itself would have to do for it, and this does not. */
const NOT_OURS: ReadonlySet<string> = new Set(["delayed_ack"]);

export interface Identity {
  readonly product: string;
  readonly model: string;
  readonly device: string;
}

export interface AdbSessionParts {
  readonly pipe: Pipe;
  readonly link: PhoneLink;
  readonly identity: Identity;
  readonly guarded: Guarded;
  readonly keys: readonly string[];
  /** Asks the gate whether files may be read and written now. Fails with `denied`. */
  askFiles(): void;
}

export class AdbSession {
  readonly #parts: AdbSessionParts;
  readonly #connection: AdbdConnection;
  readonly #reverses: Reverses;
  readonly #streams = new Set<TunnelStream>();
  #lastSent: Promise<void> = Promise.resolve();
  #failure: PhonerackError | undefined;
  #end: () => void = () => {};
  readonly #ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  constructor(parts: AdbSessionParts) {
    this.#parts = parts;
    const { link, identity, keys } = parts;
    const features = link.features.filter((name) => !NOT_OURS.has(name));
    this.#connection = new AdbdConnection({
      banner: encodeDeviceBanner(identity, features),
      features,
      maxPayload: MAX_PAYLOAD,
      maxStreams: MOST_STREAMS,
      authentication: enrolledOnly(keys, {
        letIn: (fingerprint) => parts.pipe.tell({ type: "let-in", fingerprint }),
        refuse: (error) => this.#fail(error),
      }),
      send: (header, payload) => this.#send(header, payload),
      onOpen: (request) => void this.#open(request),
      onFailure: () => this.#fail(new PhonerackError("internal")),
    });
    this.#reverses = new Reverses({ link, onOpened: (connect, opened) => this.#openToHost(connect, opened) });
    parts.guarded.onStall((reason) => this.#stalled(reason));
    parts.guarded.onClosed((error) => void this.#closed(error));
  }

  /** Until either side ends it. Fails with why it was ended from here. */
  async run(): Promise<void> {
    const { pipe } = this.#parts;
    const patience = setTimeout(() => {
      if (!this.#connection.online) this.#fail(new PhonerackError("device_timeout", "this adb did not log in"));
    }, LOG_IN_MS);
    const reading = this.#read();
    try {
      await Promise.race([reading, this.#ended, pipe.over]);
    } finally {
      clearTimeout(patience);
      this.#connection.end();
      for (const stream of this.#streams) stream.close();
      await this.#reverses.stop();
    }
    if (this.#failure) throw this.#failure;
  }

  async #read(): Promise<void> {
    const { pipe } = this.#parts;
    for (let frame = await pipe.read(); frame; frame = await pipe.read()) {
      if (frame.kind !== "data") continue;
      try {
        this.#connection.receive(frame.bytes);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        return this.#fail(new PhonerackError("bad_request", `these bytes are not ADB: ${error.message}`));
      }
    }
  }

  #send(header: Uint8Array, payload: Uint8Array): void {
    const packet = new Uint8Array(header.length + payload.length);
    packet.set(header);
    packet.set(payload, header.length);
    this.#lastSent = this.#parts.pipe.write(packet).catch(() => undefined);
  }

  #room(): Promise<void> | undefined {
    return this.#parts.pipe.waiting > MOST_ON_THE_WAY ? this.#lastSent : undefined;
  }

  async #open(request: AdbOpenRequest): Promise<void> {
    const service = adbServiceOf(request.service);
    if (request.service === TUNNEL_SERVICE) return void this.#answer(request, service, new Uint8Array(0));
    this.#parts.pipe.tell({ type: "service", name: service.name });
    try {
      if (service.refusal !== undefined) return void this.#answer(request, service, Buffer.from(service.refusal));
      if (service.name === "sync") this.#parts.askFiles();
      else this.#parts.guarded.ask(service.name);
      if (service.name === "reverse")
        return void this.#answer(request, service, await this.#reverses.answer(request.service.slice("reverse:".length)));
      if (service.input) await this.#parts.guarded.flow();
      // What it starts on the phone is its holder's, and stands still with the others.
      const { link, guarded } = this.#parts;
      const phone = await (service.input ? guarded.open(request.service) : link.open(request.service));
      this.#join(request, service, phone);
    } catch (error) {
      this.#refuse(request, service, error);
    }
  }

  #join(request: AdbOpenRequest, service: AdbService, phone: PhoneSocket): void {
    const stream = this.#stream(service);
    const host = request.accept(stream);
    const end = {
      read: () => phone.read(),
      write: (bytes: Uint8Array) => phone.writePatiently(bytes),
      close: () => phone.close(),
    };
    if (host) return stream.join(host, end);
    this.#streams.delete(stream);
    phone.close();
  }

  /** What is answered here instead of by the phone. */
  #answer(request: AdbOpenRequest, service: AdbService, bytes: Uint8Array): TunnelStream | undefined {
    const stream = this.#stream(service);
    const host = request.accept(stream);
    if (!host) {
      this.#streams.delete(stream);
      return undefined;
    }
    stream.join(host, once(bytes));
    return stream;
  }

  /** Why not: on a terminal in words. */
  #refuse(request: AdbOpenRequest, service: AdbService, error: unknown): void {
    if (!service.text) return request.refuse();
    const stream = this.#answer(request, service, new Uint8Array(0));
    stream?.say(inWords(error));
    if (service.shellV2) stream?.send(encodeShellExit(1));
  }

  #openToHost(connect: string, opened: PhoneEnd): void {
    const stream = this.#stream({ name: "reverse", input: true, shellV2: false, text: false, refusal: undefined });
    try {
      stream.join(this.#connection.open(connect, stream), opened);
    } catch {
      this.#streams.delete(stream);
      opened.close();
    }
  }

  #stream(service: AdbService): TunnelStream {
    const stream = new TunnelStream({
      service,
      flow: () => this.#parts.guarded.flow(),
      room: () => this.#room(),
      onOver: (over) => void this.#streams.delete(over),
    });
    this.#streams.add(stream);
    return stream;
  }

  #stalled(reason: string | null): void {
    const { pipe } = this.#parts;
    if (reason === null) pipe.tell({ type: "resumed" });
    else pipe.tell({ type: "stalled", reason });
    for (const stream of this.#streams) stream.say(reason === null ? "it goes on" : `input stands still: ${reason}`);
  }

  /** On each terminal why; then the whole session ends. */
  async #closed(error: PhonerackError): Promise<void> {
    for (const stream of this.#streams) {
      stream.say(inWords(error));
      stream.finish();
    }
    await Promise.race([this.#lastSent, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))]);
    this.#fail(error);
  }

  #fail(error: PhonerackError): void {
    this.#failure ??= error;
    this.#end();
  }
}

/** A phone's end that says this and is over. */
function once(bytes: Uint8Array): PhoneEnd {
  let left: Uint8Array | undefined = bytes.length > 0 ? bytes : undefined;
  return {
    read: async () => {
      const now = left;
      left = undefined;
      return now;
    },
    write: async () => undefined,
    close: () => undefined,
  };
}
