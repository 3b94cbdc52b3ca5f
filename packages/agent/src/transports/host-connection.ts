/**
 * The host's side of one ADB connection over TCP: packets, log-in, streams. Tango answers the log-in and reads the banner; its packet
 * dispatcher is not used, because four web streams per connection and two per stream cost four times the time of this per frame. Here is
 * also where a hostile phone ends: whatever breaks the protocol destroys this socket, with the reason in words, and nothing else.
 */
import type { Socket } from "node:net";
import {
  type AdbPacket,
  AdbPacketParser,
  adbCommand,
  adbMaxPayload,
  adbVersionSkipChecksum,
  encodeAdbHeader,
  WireError,
} from "@phonerack/android-wire/adb";
import { PhonerackError } from "@phonerack/contract/bus";
import { type AdbAuthenticationProcessor, AdbBanner } from "@yume-chan/adb";
import { HostStream, type StreamLine } from "./host-stream.js";

/** A banner is a few hundred bytes; adb itself refuses more than 4 KiB from old phones. */
const MAX_BANNER = 64 * 1024;
/** The smallest payload any adbd was built with (Android 4). */
const MIN_PAYLOAD = 4 * 1024;
/** What the phone has not read of what we sent. All our writes wait for an OKAY, so an honest one is never near it. */
const MAX_UNSENT = 2 * 1024 * 1024;
/**
 * Packets that nobody waits for. What we close may have a WRTE, an OKAY and a CLSE under way, so an honest phone sends a few per
 * stream; the rest is for phones that are only untidy.
 */
const STRAYS = 200;
const STRAYS_PER_STREAM = 3;
/** Of what a phone opens to us, in bytes. */
const MAX_NAME = 1_024;
/** At once, beyond which a phone gets no more of its own. */
const MOST_STREAMS = 2_000;
const FEATURES = "shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir,apex,fixed_push_symlink_timestamp";
const NOTHING = new Uint8Array(0);

interface Opening {
  resolve(stream: HostStream): void;
  reject(error: unknown): void;
}

export interface HostConnectionParts {
  readonly socket: Socket;
  readonly authentication: AdbAuthenticationProcessor;
  /** Called once, when no more packets come. */
  onEnd(reason: PhonerackError): void;
}

export class HostConnection implements StreamLine {
  readonly #socket: Socket;
  readonly #authentication: AdbAuthenticationProcessor;
  readonly #onEnd: (reason: PhonerackError) => void;
  readonly #openings = new Map<number, Opening>();
  readonly #streams = new Map<number, HostStream>();
  /** Who takes what the phone opens, by the name that a reverse tunnel gave it. */
  readonly #listeners = new Map<string, (stream: HostStream) => void>();
  #connected: ((banner: AdbBanner) => void) | undefined;
  #answering = false;
  #checksums = true;
  #nextId = 1;
  #strays = 0;
  #ended = false;
  maxPayload: number = adbMaxPayload;

  constructor(parts: HostConnectionParts) {
    this.#socket = parts.socket;
    this.#authentication = parts.authentication;
    this.#onEnd = (reason) => parts.onEnd(reason);
    const parser = new AdbPacketParser({
      maxPayload: adbMaxPayload,
      // TCP has checksums of its own, and adb's is not sent by new phones.
      verifyChecksum: () => false,
      allocate: (length) => Buffer.allocUnsafeSlow(length),
      onPacket: (packet) => this.#receive(packet),
    });
    this.#socket.on("data", (chunk: Buffer) => {
      if (this.#ended) return;
      try {
        parser.push(chunk);
      } catch (error) {
        this.#end(fault(error));
      }
    });
    this.#socket.on("error", (error) =>
      this.#end(new PhonerackError("device_not_ready", `the connection broke (${error.message})`)),
    );
    this.#socket.on("close", () => this.#end(new PhonerackError("device_not_ready", "the phone closed the connection")));
  }

  /** Says hello; resolves with the phone's banner when it trusts us. Its end is told by `onEnd` only. */
  logIn(): Promise<AdbBanner> {
    return new Promise((resolve) => {
      this.#connected = resolve;
      const payload = Buffer.from(`host::features=${FEATURES}`);
      this.#send({ command: adbCommand.cnxn, arg0: adbVersionSkipChecksum, arg1: adbMaxPayload, payload });
    });
  }

  /** Fails with `phone_failed` when the phone refuses the service. */
  open(service: string): Promise<HostStream> {
    return new Promise((resolve, reject) => {
      const localId = this.#nextId++;
      this.#openings.set(localId, { resolve, reject });
      this.#send({ command: adbCommand.open, arg0: localId, arg1: 0, payload: Buffer.from(`${service}\0`) });
    });
  }

  /** Takes the streams that the phone opens to this name. @returns ends that */
  listen(name: string, take: (stream: HostStream) => void): () => void {
    this.#listeners.set(name, take);
    return () => void this.#listeners.delete(name);
  }

  okay(localId: number, remoteId: number): void {
    this.#send({ command: adbCommand.okay, arg0: localId, arg1: remoteId, payload: NOTHING });
  }

  write(localId: number, remoteId: number, payload: Uint8Array): void {
    this.#send({ command: adbCommand.wrte, arg0: localId, arg1: remoteId, payload });
  }

  close(localId: number, remoteId: number): void {
    this.#send({ command: adbCommand.clse, arg0: localId, arg1: remoteId, payload: NOTHING });
  }

  #receive(packet: AdbPacket): void {
    if (this.#ended) return;
    if (this.#connected) return this.#receiveLogIn(packet, this.#connected);
    const { command, arg0: remoteId, arg1: localId } = packet;
    switch (command) {
      case adbCommand.okay:
        return this.#receiveOkay(localId, remoteId);
      case adbCommand.wrte: {
        const stream = this.#streams.get(localId);
        // It closed, or never was: the phone is told so, as adb tells it.
        if (!stream) this.#stray(() => this.close(0, remoteId));
        else if (!stream.received(packet.payload)) this.#stray();
        return;
      }
      case adbCommand.clse:
        return this.#receiveClose(localId, remoteId);
      case adbCommand.open:
        return this.#receiveOpen(remoteId, packet.payload);
      case adbCommand.cnxn:
        return this.#end(new PhonerackError("device_not_ready", "the phone began the connection anew"));
      case adbCommand.auth:
      case adbCommand.stls:
        throw new WireError("unknown-command", "It asked to log in again.");
    }
  }

  /** Only reverse tunnels open streams from the phone's side. */
  #receiveOpen(remoteId: number, payload: Uint8Array): void {
    const take =
      payload.length > MAX_NAME ? undefined : this.#listeners.get(Buffer.from(payload).toString("utf8").replace(/\0+$/, ""));
    if (!take || remoteId === 0 || this.#streams.size >= MOST_STREAMS) return this.#stray(() => this.close(0, remoteId));
    const stream = new HostStream(this, this.#nextId++, remoteId);
    this.#streams.set(stream.localId, stream);
    this.okay(stream.localId, remoteId);
    take(stream);
  }

  #receiveOkay(localId: number, remoteId: number): void {
    const opening = this.#openings.get(localId);
    if (!opening) {
      if (!this.#streams.get(localId)?.accepted()) this.#stray();
      return;
    }
    this.#openings.delete(localId);
    const stream = new HostStream(this, localId, remoteId);
    this.#streams.set(localId, stream);
    opening.resolve(stream);
  }

  #receiveClose(localId: number, remoteId: number): void {
    const opening = this.#openings.get(localId);
    if (opening) {
      this.#openings.delete(localId);
      opening.reject(new Error("CLSE"));
      return;
    }
    const stream = this.#streams.get(localId);
    if (!stream) return this.#stray();
    this.#streams.delete(localId);
    if (stream.end()) this.close(localId, remoteId);
  }

  /** A packet that nobody waits for. Throws `too-many-streams` when there were too many. */
  #stray(answer?: () => void): void {
    if (++this.#strays > STRAYS + STRAYS_PER_STREAM * this.#nextId)
      throw new WireError("too-many-streams", "It goes on about streams that nobody opened or that are closed.");
    answer?.();
  }

  #receiveLogIn(packet: AdbPacket, connected: (banner: AdbBanner) => void): void {
    switch (packet.command) {
      case adbCommand.cnxn: {
        if (packet.payload.length > MAX_BANNER) throw new WireError("bad-banner", "Its greeting has no end.");
        if (packet.arg1 < MIN_PAYLOAD) throw new WireError("bad-banner", `It takes no more than ${packet.arg1} bytes at once.`);
        this.#checksums = packet.arg0 < adbVersionSkipChecksum;
        this.maxPayload = Math.min(packet.arg1, adbMaxPayload);
        this.#connected = undefined;
        return connected(AdbBanner.parse(Buffer.from(packet.payload).toString("utf8").replace(/\0+$/, "")));
      }
      case adbCommand.auth:
        if (this.#answering || packet.payload.length > MAX_BANNER)
          throw new WireError("too-many-auth-attempts", "It asks for keys out of turn.");
        this.#answering = true;
        this.#authentication.process(packet).then(
          ({ command, arg0, arg1, payload }) => {
            this.#answering = false;
            this.#send({ command: command as AdbPacket["command"], arg0, arg1, payload });
          },
          () => this.#end(new PhonerackError("phone_protocol", "it asked for our key again and again")),
        );
        return;
      case adbCommand.stls:
        throw new WireError(
          "unknown-command",
          "It wants TLS (wireless debugging by pairing code); run 'adb tcpip 5555' on it over USB, or connect it by USB.",
        );
      default:
        // Left over from a connection before this one; the phone answers our CNXN later.
        return this.#stray();
    }
  }

  #send(packet: AdbPacket): void {
    const socket = this.#socket;
    if (this.#ended || socket.destroyed) return;
    if (socket.writableLength > MAX_UNSENT)
      return this.#end(new PhonerackError("phone_protocol", "it does not read what we answer"));
    const header = encodeAdbHeader(packet, { checksum: this.#checksums });
    if (packet.payload.length === 0) {
      socket.write(header);
      return;
    }
    socket.cork();
    socket.write(header);
    socket.write(packet.payload);
    socket.uncork();
  }

  #end(reason: PhonerackError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.destroy();
    // First the reason, so that whoever is woken by the end of a stream can see it.
    this.#onEnd(reason);
    for (const opening of this.#openings.values()) opening.reject(reason);
    for (const stream of this.#streams.values()) stream.end();
    this.#openings.clear();
    this.#streams.clear();
  }
}

function fault(error: unknown): PhonerackError {
  return new PhonerackError("phone_protocol", error instanceof Error ? error.message : "unreadable bytes", { cause: error });
}
