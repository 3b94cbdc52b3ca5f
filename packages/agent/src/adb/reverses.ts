/**
 * `adb reverse` of one session: the phone is given a name of ours to connect to, so that two laptops which ask for the same do not get each other's connections;
 * whoever asked sees only their own, by the names that they gave. What is bound is unbound when the session ends.
 */
import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import {
  encodeForwardFail,
  encodeForwardList,
  encodeForwardOkay,
  type ForwardRequest,
  parseForwardRequest,
  parseProtocolString,
  WireError,
} from "@phonerack/android-wire/adb";
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneLink } from "../transports/link.js";
import type { PhoneEnd } from "./adb-stream.js";

const ANSWER_MS = 5_000;
const MOST = 50;
const MOST_ANSWER = 64 * 1024;

export interface ReversesParts {
  readonly link: PhoneLink;
  /** The phone connects to what the host named so. */
  onOpened(connect: string, opened: PhoneEnd): void;
}

interface Reverse {
  readonly connect: string;
  readonly stopListening: () => void;
}

/** Who has bound what on which phone: a second session must not take it away. */
const bound = new WeakMap<PhoneLink, Map<string, Reverses>>();

export class Reverses {
  readonly #parts: ReversesParts;
  readonly #own = new Map<string, Reverse>();

  constructor(parts: ReversesParts) {
    this.#parts = parts;
  }

  /** Answers the text after "reverse:". Never fails. */
  async answer(text: string): Promise<Uint8Array> {
    try {
      return await this.#answer(parseForwardRequest(text));
    } catch (error) {
      const words =
        error instanceof WireError ? error.message : error instanceof PhonerackError ? (error.detail ?? error.message) : "failed";
      return encodeForwardFail(words);
    }
  }

  /** The session is over. Never fails. */
  async stop(): Promise<void> {
    await Promise.all([...this.#own.keys()].map((listen) => this.#kill(listen).catch(() => undefined)));
  }

  async #answer(request: ForwardRequest): Promise<Uint8Array> {
    switch (request.type) {
      case "list":
        return encodeForwardList([...this.#own].map(([listen, { connect }]) => ({ serial: "phonerack", listen, connect })));
      case "kill-all":
        await this.stop();
        return encodeForwardOkay();
      case "kill":
        if (!this.#own.has(request.listen)) throw new WireError("bad-forward-request", `listener '${request.listen}' not found`);
        await this.#kill(request.listen);
        return encodeForwardOkay();
      case "forward":
        return this.#bind(request);
    }
  }

  async #bind({ listen, connect, rebind }: Extract<ForwardRequest, { type: "forward" }>): Promise<Uint8Array> {
    const holder = this.#book.get(listen);
    // A port that the phone chooses is nobody's yet.
    if (holder && holder !== this && listen !== "tcp:0")
      throw new WireError("bad-forward-request", `'${listen}' is bound by another adb session of this phone`);
    if (this.#own.has(listen)) {
      if (!rebind) throw new WireError("bad-forward-request", "cannot rebind existing socket");
      await this.#kill(listen);
    }
    if (this.#own.size >= MOST) throw new WireError("bad-forward-request", `at most ${MOST} reverse sockets`);
    // Reserved before anything is awaited: another session may ask for the same at this moment.
    this.#book.set(listen, this);
    const { name, stop } = await this.#listen(connect);
    try {
      const answer = await this.#ask(`forward:${listen};${name}`);
      const port = parseProtocolString(answer.subarray(4));
      const real = port === undefined ? listen : `tcp:${port}`;
      this.#own.set(real, { connect, stopListening: stop });
      if (real !== listen) this.#book.delete(listen);
      this.#book.set(real, this);
      return answer;
    } catch (error) {
      stop();
      this.#book.delete(listen);
      throw error;
    }
  }

  async #kill(listen: string): Promise<void> {
    const reverse = this.#own.get(listen);
    if (!reverse) return;
    this.#own.delete(listen);
    this.#book.delete(listen);
    reverse.stopListening();
    await this.#ask(`killforward:${listen}`);
  }

  /** A name on our side that the phone connects to: of the connection itself, or through an adb server, a port of this machine alone. */
  async #listen(connect: string): Promise<{ name: string; stop: () => void }> {
    const { link } = this.#parts;
    const onOpened = (opened: PhoneEnd) => this.#parts.onOpened(connect, opened);
    const name = `phonerack:${randomBytes(9).toString("base64url")}`;
    const direct = link.listen(name, (socket) =>
      onOpened({
        read: () => socket.read(),
        write: (bytes) => socket.writePatiently(bytes),
        close: () => socket.close(),
      }),
    );
    if (direct) return { name, stop: direct };
    const server = createServer({ pauseOnConnect: true }, (socket) => onOpened(streamOf(socket)));
    const port = await listening(server);
    return { name: `tcp:${port}`, stop: () => void server.close() };
  }

  /** Fails with what the phone says. */
  async #ask(request: string): Promise<Uint8Array> {
    const { link } = this.#parts;
    const socket = await link.open(`reverse:${request}`);
    try {
      const answer = await link.life.guard(readAll(socket), ANSWER_MS, "reverse");
      if (answer.subarray(0, 4).toString() === "OKAY") return answer;
      throw new WireError("bad-forward-request", parseProtocolString(answer.subarray(4)) ?? "the phone refused it");
    } finally {
      socket.close();
    }
  }

  get #book(): Map<string, Reverses> {
    const { link } = this.#parts;
    const book = bound.get(link) ?? new Map<string, Reverses>();
    bound.set(link, book);
    return book;
  }
}

async function readAll(socket: { read(): Promise<Uint8Array | undefined> }): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let chunk = await socket.read(); chunk && bytes < MOST_ANSWER; chunk = await socket.read()) {
    parts.push(chunk);
    bytes += chunk.length;
  }
  return Buffer.concat(parts);
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0 }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

/** A connection of the adb server's, which stands for one that the phone opened. */
function streamOf(socket: Socket): PhoneEnd {
  socket.on("error", () => undefined);
  socket.resume();
  const chunks = socket.iterator({ destroyOnReturn: true }) as AsyncIterator<Buffer>;
  return {
    read: async () => {
      const { value, done } = await chunks.next().catch(() => ({ value: undefined, done: true }));
      return done ? undefined : value;
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => void socket.end(),
  };
}
