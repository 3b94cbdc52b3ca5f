/**
 * A control-only scrcpy session: no picture, so positions are device pixels (scrcpy silently drops touches whose size is not that of its
 * video). Sends messages in order and waits for the phone's acknowledgement of a clipboard.
 */
import { DeviceMessageParser, encodeControlMessage } from "@phonerack/android-wire/scrcpy";
import { PhonerackError } from "@phonerack/contract/bus";
import { type ScrcpySession, startSession } from "../mirror/scrcpy-session.js";
import type { ServerJar } from "../mirror/server-jar.js";
import type { PhoneLink } from "../transports/link.js";

/** scrcpy's COPY_KEY_NONE: the clipboard as it is, without pressing copy first. */
const NO_KEY = 0;
/** How long a phone may take to put a text into its clipboard and paste it. */
export const PASTE_TIMEOUT_MS = 3_000;

export class ControlSession {
  readonly #session: ScrcpySession;
  readonly #link: PhoneLink;
  readonly #acknowledged = new Map<bigint, () => void>();
  /** Who waits for what is in the clipboard. */
  readonly #reading = new Set<(text: string) => void>();
  #sequence = 0n;
  #ended = false;

  private constructor(session: ScrcpySession, link: PhoneLink) {
    this.#session = session;
    this.#link = link;
    void this.#listen();
  }

  /** Fails as `startSession` does. */
  static async start(link: PhoneLink, jar: ServerJar): Promise<ControlSession> {
    const options = ["video=false", "audio=false", "clipboard_autosync=false", "power_on=false"];
    return new ControlSession(await startSession({ link, jar, options }), link);
  }

  /** The server or the phone has gone; start another. */
  get ended(): boolean {
    return this.#ended || this.#link.life.ended !== undefined;
  }

  /** Resolves when the phone's ADB has accepted the bytes. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#session.socket.write(bytes);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Puts text into the clipboard and pastes it. Fails with `text_unsupported` when the phone does not confirm. */
  paste(text: string): Promise<void> {
    return this.#set(text, true);
  }

  /** Puts text into the clipboard. Fails as `paste` does. */
  setClipboard(text: string): Promise<void> {
    return this.#set(text, false);
  }

  /** What is in the clipboard. Fails with `device_timeout` where the phone does not let it be read. */
  async readClipboard(): Promise<string> {
    let tell: (text: string) => void = () => undefined;
    const told = new Promise<string>((resolve) => {
      tell = resolve;
    });
    this.#reading.add(tell);
    try {
      await this.write(encodeControlMessage({ type: "get-clipboard", copyKey: NO_KEY }));
      return await this.#link.life.guard(told, PASTE_TIMEOUT_MS, "the clipboard");
    } finally {
      this.#reading.delete(tell);
    }
  }

  async #set(text: string, paste: boolean): Promise<void> {
    const sequence = ++this.#sequence;
    const confirmed = new Promise<void>((resolve) => this.#acknowledged.set(sequence, resolve));
    try {
      await this.write(encodeControlMessage({ type: "set-clipboard", sequence, paste, text }));
      await this.#link.life.guard(confirmed, PASTE_TIMEOUT_MS, "the clipboard");
    } catch (error) {
      if (error instanceof PhonerackError && error.code === "device_timeout")
        throw new PhonerackError("text_unsupported", undefined, { cause: error });
      throw error;
    } finally {
      this.#acknowledged.delete(sequence);
    }
  }

  stop(): void {
    this.#ended = true;
    this.#session.stop();
  }

  async #listen(): Promise<void> {
    const parser = new DeviceMessageParser((message) => {
      if (message.type === "ack-clipboard") this.#acknowledged.get(message.sequence)?.();
      else if (message.type === "clipboard") for (const tell of this.#reading) tell(message.text);
    });
    try {
      for (let chunk = await this.#session.socket.read(); chunk; chunk = await this.#session.socket.read()) parser.push(chunk);
    } catch {
      // Garbage or a lost phone: both end the session, and writes say why.
    }
    this.stop();
  }
}
