/**
 * One host's TCP connection: joins a socket to an `AdbdConnection`, both ways with back-pressure, and its streams to the phone's services.
 */
import type { Socket } from "node:net";
import { AdbdConnection, type AdbOpenRequest, deviceFeatures, encodeDeviceBanner } from "@phonerack/android-wire/adb";
import { rsaAuthentication } from "./authentication.js";
import { type AdbdFault, swallows, takeOver } from "./faults.js";
import type { LocalSocket } from "./local-sockets.js";
import { ReverseForwards } from "./reverse-service.js";
import { join, route } from "./route.js";
import type { AdbdParts } from "./services.js";
import { type Carrier, StreamSocket } from "./stream-socket.js";

/** Bytes waiting in the socket above which streams stop writing. */
const congestedAbove = 2 * 1024 * 1024;
/** Bytes waiting above which nothing more is read from the host: it is not reading our answers. */
const deafAbove = 4 * 1024 * 1024;

export class Transport implements Carrier {
  fault: AdbdFault | undefined;
  readonly #socket: Socket;
  readonly #parts: AdbdParts;
  readonly #connection: AdbdConnection;
  readonly #reverse: ReverseForwards;
  readonly #over = new AbortController();
  #waiting: (() => void)[] = [];
  #corked = false;

  constructor(socket: Socket, parts: AdbdParts, fault: AdbdFault | undefined) {
    this.#socket = socket;
    this.#parts = parts;
    this.fault = fault;
    this.#connection = new AdbdConnection({
      banner: encodeDeviceBanner(parts.identity, deviceFeatures),
      features: deviceFeatures,
      // Larger than the pool's slabs, so that a kept payload pins nothing else.
      allocate: (length) => Buffer.allocUnsafeSlow(length),
      send: (header, payload) => this.#send(header, payload),
      onOpen: (request) => this.#open(request),
      onFailure: () => socket.destroy(),
      ...(parts.authorisation
        ? {
            authentication: rsaAuthentication({
              ...parts.authorisation,
              admit: () => this.#connection.admit(),
              signal: this.#over.signal,
            }),
          }
        : {}),
    });
    this.#reverse = new ReverseForwards(parts.sockets, (destination, local) => this.#openToHost(destination, local));
    this.#listen();
  }

  get closed(): boolean {
    return this.#over.signal.aborted;
  }

  get congested(): boolean {
    return this.#socket.writableLength > congestedAbove;
  }

  whenClear(resume: () => void): void {
    this.#waiting.push(resume);
  }

  /** Applies a fault to the standing connection. A maimed one cannot be mended: it is dropped when its fault changes. */
  setFault(fault: AdbdFault | undefined): void {
    if (fault === "refuse" || (this.fault !== undefined && this.fault !== fault)) return this.destroy();
    this.fault = fault;
    if (fault === "hang") this.#socket.pause();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#closed());
    if (this.fault && takeOver(this.fault, socket)) return;
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("drain", () => this.#drained());
  }

  #receive(chunk: Buffer): void {
    try {
      this.#connection.receive(chunk);
    } catch {
      // A WireError: these bytes are no ADB, and nothing after them can be trusted.
      this.#socket.destroy();
    }
    if (this.#socket.writableLength > deafAbove) this.#socket.pause();
  }

  #drained(): void {
    if (this.fault !== "hang") this.#socket.resume();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  #send(header: Uint8Array, payload: Uint8Array): void {
    if (this.fault === "hang" || swallows(this.fault, header)) return;
    this.#cork();
    this.#socket.write(header);
    if (payload.length > 0) this.#socket.write(payload);
  }

  /** What is sent in one turn of the event loop leaves in one system call. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#socket.uncork();
    });
  }

  #open(request: AdbOpenRequest): void {
    const service = route(request.service, { ...this.#parts, reverse: this.#reverse });
    const stream = service ? StreamSocket.accept(request, this) : undefined;
    if (!service || !stream) return request.refuse();
    service(stream).catch(() => stream.destroy());
  }

  #openToHost(destination: string, local: LocalSocket): void {
    try {
      const stream = StreamSocket.open(this, (events) => this.#connection.open(destination, events));
      void join(stream, local);
    } catch {
      // No host, or too many streams: the app of the phone sees its connection closed.
      local.close();
    }
  }

  #closed(): void {
    this.#over.abort();
    this.#reverse.close();
    this.#connection.end();
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
