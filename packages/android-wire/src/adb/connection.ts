/**
 * The device side of one ADB connection, without any I/O: bytes are pushed in, packets come out through `send`, services hear of streams.
 * Which services there are, RSA and sockets belong to the caller. AOSP packages/modules/adb, adb.cpp `handle_packet`.
 * STLS is not offered: adb 29 does not know it, and newer hosts use it only when asked to.
 */

import { decodeText, encodeText, viewOf } from "../text.js";
import { WireError } from "../wire-error.js";
import { type AdbPublicKey, authType, parseAdbPublicKey } from "./authentication.js";
import { type AdbBanner, parseBanner } from "./banner.js";
import {
  type AdbCommand,
  type AdbPacket,
  AdbPacketParser,
  adbCommand,
  adbMaxPayload,
  adbMinPayload,
  adbVersionMin,
  adbVersionSkipChecksum,
  encodeAdbHeader,
} from "./packet.js";
import { AdbStream, type AdbStreamEvents, type StreamCarrier } from "./stream.js";

/** How hosts are let in. Absent: everybody is. */
export interface AdbAuthentication {
  /** 20 random bytes, new ones at each call. */
  token(): Uint8Array;
  /** Whether the signature is of this token by a key that is allowed. */
  verify(token: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>;
  /** No key of the host's is known and it offers this one: ask a person, then call `admit` or do nothing. */
  onPublicKey(key: AdbPublicKey): void;
}

/** A host's OPEN, waiting for an answer. */
export interface AdbOpenRequest {
  /** The service's name, trailing NULs removed. */
  readonly service: string;
  /** True once the host gave up or the connection was reset; `accept` then returns `undefined`. */
  readonly cancelled: boolean;
  /** Answers OKAY; the stream may be written at once. */
  accept(events: AdbStreamEvents): AdbStream | undefined;
  /** Answers CLSE: there is no such service. */
  refuse(): void;
}

export interface AdbdConnectionOptions extends AdbdLimits {
  /** CNXN payload: see `encodeDeviceBanner`. */
  banner: Uint8Array;
  features: readonly string[];
  authentication?: AdbAuthentication;
  /** One packet out. Both parts are the receiver's. */
  send(header: Uint8Array, payload: Uint8Array): void;
  /** The host is in (again, after a second CNXN). */
  onConnected?(host: AdbBanner): void;
  onOpen(request: AdbOpenRequest): void;
  /** A verifier failed or rejected; the connection must be closed. */
  onFailure?(error: unknown): void;
  allocate?: (length: number) => Uint8Array;
}

export interface AdbdLimits {
  version?: number;
  /** Longest payload we take; default 1 MiB. */
  maxPayload?: number;
  /** Streams open or waiting at once; an OPEN above is answered with CLSE. Default 512. */
  maxStreams?: number;
  /** Bytes that all streams together may hold unconsumed before the connection ends in `window-exceeded`. Default 64 MiB. */
  maxUnconsumed?: number;
  /** Receive window granted to a stream under delayed_ack; default 4 MiB. */
  receiveWindow?: number;
}

/** A host that is not let in yet needs room for a banner or a key, no more. */
const maxPayloadBeforeLogin = 16 * 1024;
const maxSignatures = 256;

type Phase = "offline" | "authenticating" | "online" | "ended";

export class AdbdConnection implements StreamCarrier {
  maxPayload: number;
  delayedAck = false;
  #phase: Phase = "offline";
  #version: number;
  #parser: AdbPacketParser;
  #streams = new Map<number, AdbStream>();
  #pending = new Set<PendingOpen>();
  #nextId = 0;
  #unconsumed = 0;
  /** Grows with each CNXN, so that an answer for the connection before it is dropped. */
  #generation = 0;
  #token = new Uint8Array(0);
  #signatures = 0;
  #busy = false;
  #host: AdbBanner | undefined;
  readonly #options: AdbdConnectionOptions;
  readonly #limits: Required<AdbdLimits>;

  constructor(options: AdbdConnectionOptions) {
    this.#options = options;
    this.#limits = {
      version: options.version ?? adbVersionSkipChecksum,
      maxPayload: options.maxPayload ?? adbMaxPayload,
      maxStreams: options.maxStreams ?? 512,
      maxUnconsumed: options.maxUnconsumed ?? 64 * 1024 * 1024,
      receiveWindow: options.receiveWindow ?? 4 * 1024 * 1024,
    };
    this.maxPayload = this.#limits.maxPayload;
    this.#version = adbVersionMin;
    this.#parser = new AdbPacketParser({
      maxPayload: maxPayloadBeforeLogin,
      // A CNXN's own version decides for itself; what comes before one is ignored, right or wrong.
      verifyChecksum: (header) =>
        header.command === adbCommand.cnxn
          ? header.arg0 < adbVersionSkipChecksum
          : this.#phase !== "offline" && this.#version < adbVersionSkipChecksum,
      onPacket: (packet) => this.#packet(packet),
      ...(options.allocate ? { allocate: options.allocate } : {}),
    });
  }

  get online(): boolean {
    return this.#phase === "online";
  }

  get host(): AdbBanner | undefined {
    return this.#host;
  }

  /** Streams open or waiting for an answer. */
  get streamCount(): number {
    return this.#streams.size + this.#pending.size;
  }

  /** Bytes held for the host: unconsumed in streams, and of a packet not yet whole. */
  get held(): number {
    return this.#unconsumed + this.#parser.held;
  }

  /** Takes bytes from the host. Throws a `WireError` when they break the protocol: close the transport then. */
  receive(chunk: Uint8Array): void {
    if (this.#phase === "ended") return;
    this.#parser.push(chunk);
  }

  /** Lets the host in whose key was offered to `onPublicKey`. Ignored if it is gone, reset or in already. */
  admit(): void {
    if (this.#phase === "authenticating") this.#goOnline();
  }

  /** Opens a stream to the host (reverse). Throws `not-connected`, `too-many-streams`. */
  open(service: string, events: AdbStreamEvents): AdbStream {
    if (this.#phase !== "online") throw new WireError("not-connected", "No host is connected.");
    if (this.streamCount >= this.#limits.maxStreams) throw new WireError("too-many-streams", "Too many streams are open.");
    const stream = new AdbStream(this, this.#takeId(), events);
    this.#streams.set(stream.localId, stream);
    // With its NUL, which every host strips and old ones need.
    const payload = encodeText(`${service}\0`);
    this.#send(adbCommand.open, stream.localId, { arg1: this.delayedAck ? this.#limits.receiveWindow : 0, payload });
    return stream;
  }

  /** The transport is gone: ends every stream with "reset". Idempotent. */
  end(): void {
    this.#drop();
    this.#phase = "ended";
  }

  sendOkay(stream: AdbStream, acknowledged: number): void {
    this.#okay(stream.localId, stream.remoteId, acknowledged);
  }

  sendWrite(stream: AdbStream, data: Uint8Array): void {
    this.#send(adbCommand.wrte, stream.localId, { arg1: stream.remoteId, payload: data });
  }

  sendClose(stream: AdbStream): void {
    this.#streams.delete(stream.localId);
    this.#send(adbCommand.clse, stream.localId, { arg1: stream.remoteId });
  }

  account(bytes: number): void {
    this.#unconsumed += bytes;
    if (bytes > 0 && this.#unconsumed > this.#limits.maxUnconsumed) {
      throw new WireError("window-exceeded", "The host filled more streams than this phone reads.");
    }
  }

  #packet(packet: AdbPacket): void {
    if (packet.command === adbCommand.cnxn) return this.#connect(packet);
    if (packet.command === adbCommand.auth) return this.#authenticate(packet);
    if (this.#phase !== "online") return;
    switch (packet.command) {
      case adbCommand.open:
        return this.#opened(packet);
      case adbCommand.okay:
        return this.#acknowledged(packet);
      case adbCommand.wrte:
        return this.#find(packet)?.received(packet.payload);
      case adbCommand.clse:
        return this.#closed(packet);
      case adbCommand.stls:
        return;
    }
  }

  #connect(packet: AdbPacket): void {
    this.#drop();
    const host = parseBanner(packet.payload);
    this.#host = host;
    this.#version = Math.min(packet.arg0, this.#limits.version);
    if (packet.arg1 < adbMinPayload) {
      throw new WireError(
        "bad-payload-limit",
        `The host takes payloads of ${packet.arg1} bytes only; ADB asks for ${adbMinPayload}.`,
      );
    }
    this.maxPayload = Math.min(packet.arg1, this.#limits.maxPayload);
    this.delayedAck = host.features.includes("delayed_ack") && this.#options.features.includes("delayed_ack");
    if (!this.#options.authentication) return this.#goOnline();
    this.#phase = "authenticating";
    this.#challenge();
  }

  #goOnline(): void {
    this.#phase = "online";
    this.#busy = false;
    this.#parser.maxPayload = this.maxPayload;
    this.#send(adbCommand.cnxn, this.#version, { arg1: this.maxPayload, payload: this.#options.banner });
    if (this.#host) this.#options.onConnected?.(this.#host);
  }

  #drop(): void {
    this.#generation++;
    this.#phase = "offline";
    this.#busy = false;
    this.#signatures = 0;
    this.#parser.maxPayload = maxPayloadBeforeLogin;
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    for (const pending of this.#pending) pending.cancelled = true;
    this.#pending.clear();
    for (const stream of streams) stream.closedBy("reset");
  }

  #challenge(): void {
    this.#token = new Uint8Array(this.#options.authentication?.token() ?? []);
    this.#send(adbCommand.auth, authType.token, { arg1: 0, payload: this.#token });
  }

  #authenticate(packet: AdbPacket): void {
    const authentication = this.#options.authentication;
    // A host waits for each answer; what it sends meanwhile has no meaning.
    if (!authentication || this.#phase !== "authenticating" || this.#busy) return;
    if (packet.arg0 === authType.signature) return this.#verify(authentication, packet.payload);
    if (packet.arg0 !== authType.publicKey) return;
    const key = parseAdbPublicKey(packet.payload);
    this.#busy = true;
    authentication.onPublicKey(key);
  }

  #verify(authentication: AdbAuthentication, signature: Uint8Array): void {
    if (++this.#signatures > maxSignatures)
      throw new WireError("too-many-auth-attempts", `The host tried ${maxSignatures} keys.`);
    const generation = this.#generation;
    const settle = (verified: boolean): void => {
      if (generation !== this.#generation || this.#phase !== "authenticating") return;
      this.#busy = false;
      if (verified) this.#goOnline();
      else this.#challenge();
    };
    const answer = authentication.verify(this.#token, signature);
    if (typeof answer === "boolean") return settle(answer);
    this.#busy = true;
    answer.then(settle).catch((error: unknown) => this.#options.onFailure?.(error));
  }

  #opened(packet: AdbPacket): void {
    const remoteId = packet.arg0;
    // Tango and adb agree: a window is announced if and only if both sides have delayed_ack.
    const wrongWindow = this.delayedAck !== packet.arg1 > 0;
    if (remoteId === 0) return;
    if (wrongWindow || this.streamCount >= this.#limits.maxStreams) {
      return this.#send(adbCommand.clse, 0, { arg1: remoteId });
    }
    const service = decodeText(packet.payload).replace(/\0+$/, "");
    const pending = new PendingOpen(service, remoteId, {
      accept: (request, events) => this.#accept(request, { events, sendWindow: packet.arg1 }),
      refuse: (request) => this.#refuse(request),
    });
    this.#pending.add(pending);
    this.#options.onOpen(pending);
  }

  #accept(request: PendingOpen, how: { events: AdbStreamEvents; sendWindow: number }): AdbStream | undefined {
    if (!this.#pending.delete(request)) return undefined;
    const stream = new AdbStream(this, this.#takeId(), how.events);
    this.#streams.set(stream.localId, stream);
    const receiveWindow = this.#limits.receiveWindow;
    stream.begin(request.remoteId, { sendWindow: how.sendWindow, receiveWindow, awaitingOkay: false });
    this.#okay(stream.localId, request.remoteId, receiveWindow);
    return stream;
  }

  #refuse(request: PendingOpen): void {
    if (this.#pending.delete(request)) this.#send(adbCommand.clse, 0, { arg1: request.remoteId });
  }

  #acknowledged(packet: AdbPacket): void {
    if (this.delayedAck && packet.payload.length !== 4) {
      throw new WireError("bad-okay", "An OKAY under delayed_ack must carry four bytes.");
    }
    const bytes = this.delayedAck ? viewOf(packet.payload).getUint32(0, true) : 0;
    const stream = this.#streams.get(packet.arg1);
    if (!stream || packet.arg0 === 0) return;
    if (stream.remoteId === packet.arg0) return stream.acknowledged(bytes);
    if (stream.remoteId !== 0) return;
    if (stream.closed) {
      // Its owner closed it while the host was answering.
      this.#streams.delete(stream.localId);
      return this.#send(adbCommand.clse, stream.localId, { arg1: packet.arg0 });
    }
    stream.begin(packet.arg0, { sendWindow: 0, receiveWindow: this.#limits.receiveWindow, awaitingOkay: true });
    stream.acknowledged(bytes);
  }

  #closed(packet: AdbPacket): void {
    const stream = this.#streams.get(packet.arg1);
    if (!stream) {
      // A host that closes what we have not answered yet knows no id of ours.
      for (const pending of this.#pending) if (packet.arg1 === 0 && pending.remoteId === packet.arg0) this.#cancel(pending);
      return;
    }
    const refused = stream.remoteId === 0;
    if (!refused && packet.arg0 !== stream.remoteId && packet.arg0 !== 0) return;
    this.#streams.delete(stream.localId);
    // Tango keeps its end of the stream until its CLSE has been answered.
    if (!refused) this.#send(adbCommand.clse, stream.localId, { arg1: stream.remoteId });
    stream.closedBy(refused ? "refused" : "closed");
  }

  #cancel(pending: PendingOpen): void {
    this.#pending.delete(pending);
    pending.cancelled = true;
    this.#send(adbCommand.clse, 0, { arg1: pending.remoteId });
  }

  #find(packet: AdbPacket): AdbStream | undefined {
    const stream = this.#streams.get(packet.arg1);
    return stream && stream.remoteId === packet.arg0 ? stream : undefined;
  }

  #takeId(): number {
    do this.#nextId = this.#nextId >= 0xffffffff ? 1 : this.#nextId + 1;
    while (this.#streams.has(this.#nextId));
    return this.#nextId;
  }

  #okay(localId: number, remoteId: number, acknowledged: number): void {
    const payload = new Uint8Array(this.delayedAck ? 4 : 0);
    if (this.delayedAck) viewOf(payload).setUint32(0, acknowledged, true);
    this.#send(adbCommand.okay, localId, { arg1: remoteId, payload });
  }

  #send(command: AdbCommand, arg0: number, rest: { arg1: number; payload?: Uint8Array }): void {
    const payload = rest.payload ?? nothing;
    // Clients fill and old ones check the sum of CNXN and AUTH whatever the version.
    const checksum = this.#version < adbVersionSkipChecksum || command === adbCommand.cnxn || command === adbCommand.auth;
    this.#options.send(encodeAdbHeader({ command, arg0, arg1: rest.arg1, payload }, { checksum }), payload);
  }
}

const nothing = new Uint8Array(0);

class PendingOpen implements AdbOpenRequest {
  cancelled = false;
  constructor(
    readonly service: string,
    readonly remoteId: number,
    private readonly answers: {
      accept(request: PendingOpen, events: AdbStreamEvents): AdbStream | undefined;
      refuse(request: PendingOpen): void;
    },
  ) {}
  accept(events: AdbStreamEvents): AdbStream | undefined {
    return this.answers.accept(this, events);
  }
  refuse(): void {
    this.answers.refuse(this);
  }
}
