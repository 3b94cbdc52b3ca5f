/**
 * A live ADB connection to one phone, whichever way it is reached, reduced to what the agent needs: open a service, read, write, know when
 * it is over. Every wait on it is guarded by its `Lifeline`.
 */
import { PhonerackError } from "@phonerack/contract/bus";
import { Lifeline } from "./lifeline.js";

/** How long a phone may take to answer an OPEN. */
const OPEN_TIMEOUT_MS = 5_000;
/** How long a phone may take to accept bytes. */
const WRITE_TIMEOUT_MS = 5_000;

/** What people are told that a phone does not open. */
const SERVICES = [
  ["shell", "a shell"],
  ["exec:", "a shell"],
  ["sync:", "a file transfer"],
  ["localabstract:", "a socket"],
  ["tcp:", "a port"],
] as const;

/** A service's bytes, as a way to the phone provides them. */
export interface RawStream {
  /** The next bytes, undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves when the phone's ADB has the bytes, or as near to it as this way can tell. */
  write(bytes: Uint8Array): Promise<void>;
  /** Idempotent. */
  close(): void;
}

export interface LinkParts {
  readonly shellV2: boolean;
  /** What the phone's adbd says that it can, as adb names it; default none. */
  readonly features?: readonly string[];
  connect(service: string): Promise<RawStream>;
  /** Takes the connections that the phone opens to this name (`reverse:`), until the function it gives is called. Absent where somebody else takes them. */
  listen?(name: string, take: (stream: RawStream) => void): () => void;
  close(): void;
}

export class PhoneLink {
  readonly life: Lifeline;
  readonly #parts: LinkParts;
  /** Shell commands of ours whose streams are open. */
  readonly #running = new Map<symbol, string>();

  constructor(parts: LinkParts, life: Lifeline = new Lifeline()) {
    this.#parts = parts;
    this.life = life;
  }

  /** Whether shells report exit codes and stderr by themselves (Android 7 and later). */
  get shellV2(): boolean {
    return this.#parts.shellV2;
  }

  get features(): readonly string[] {
    return this.#parts.features ?? [];
  }

  /** Takes what the phone opens to this name, which a `reverse:forward` gave it; undefined where an adb server stands in between. */
  listen(name: string, take: (socket: PhoneSocket) => void): (() => void) | undefined {
    return this.#parts.listen?.(name, (stream) => take(new PhoneSocket(stream, this.life)));
  }

  /** What we ourselves run on the phone now, by command; with `openTheirs` whoever holds it does. */
  get running(): readonly string[] {
    return [...this.#running.values()];
  }

  /** Opens an ADB service of ours. Fails with `phone_failed` when the phone refuses it, `device_timeout`, or the connection's end. */
  async open(service: string, timeoutMs = OPEN_TIMEOUT_MS): Promise<PhoneSocket> {
    const command = /^(?:shell|exec)[^:]*:(.+)$/s.exec(service)?.[1];
    if (command === undefined) return this.openTheirs(service, timeoutMs);
    const one = Symbol("command");
    this.#running.set(one, command);
    const over = () => void this.#running.delete(one);
    try {
      return await this.openTheirs(service, timeoutMs, over);
    } catch (error) {
      over();
      throw error;
    }
  }

  /** The same for whoever holds the phone: what it starts is theirs, and not spared as ours is. `onOver`: it is closed, or was read to its end. */
  async openTheirs(service: string, timeoutMs = OPEN_TIMEOUT_MS, onOver: () => void = () => undefined): Promise<PhoneSocket> {
    if (this.life.ended) throw this.life.ended;
    const name = SERVICES.find(([prefix]) => service.startsWith(prefix))?.[1] ?? "a service";
    let late = false;
    const opening = this.#parts.connect(service);
    // An answer that comes after we stopped waiting must not leave a stream open.
    opening.then(
      (stream) => late && stream.close(),
      () => undefined,
    );
    try {
      return new PhoneSocket(await this.life.guard(opening, timeoutMs, `opening ${name}`), this.life, onOver);
    } catch (error) {
      late = true;
      if (error instanceof PhonerackError) throw error;
      throw new PhonerackError("phone_failed", `it refused to open ${name}`, { cause: error });
    }
  }

  /** Ends the connection; what still waits on it fails with the reason. */
  close(reason: PhonerackError): void {
    this.life.end(reason);
    this.#parts.close();
  }
}

export class PhoneSocket {
  readonly #stream: RawStream;
  readonly #life: Lifeline;
  readonly #onOver: () => void;

  constructor(stream: RawStream, life: Lifeline, onOver: () => void = () => undefined) {
    this.#stream = stream;
    this.#life = life;
    this.#onOver = onOver;
  }

  /**
   * The next bytes, undefined at the end of the stream. The end of the whole connection is an error, never a short answer. There is no
   * time-out here: a log or a picture may be silent for hours.
   */
  async read(): Promise<Uint8Array | undefined> {
    const chunk = await this.#stream.read();
    if (chunk) return chunk;
    this.#onOver();
    if (this.#life.ended) throw this.#life.ended;
    return undefined;
  }

  /** Writes and waits until the phone's ADB has accepted the bytes (through an adb server: until the server has them). */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#life.ended) throw this.#life.ended;
    await this.#life.guard(this.#stream.write(bytes), WRITE_TIMEOUT_MS, "sending");
  }

  /** The same for as long as it takes: a program on the phone may read when it likes. */
  async writePatiently(bytes: Uint8Array): Promise<void> {
    if (this.#life.ended) throw this.#life.ended;
    await this.#stream.write(bytes).catch((error: unknown) => {
      throw this.#life.ended ?? error;
    });
  }

  /** Closes our side; safe to call twice. */
  close(): void {
    this.#onOver();
    this.#stream.close();
  }
}
