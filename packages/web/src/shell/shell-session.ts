/**
 * A shell on one phone, apart from any page: going to another tab and back does not end it. One at a time per phone and browser tab; it ends with the lease, with `exit`, or when the page is left.
 */
import { connectPipe, type OpenPipe, PhonerackError, type PipeMessage } from "@phonerack/contract/client";
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import i18next from "i18next";

const SCROLLBACK = 10_000;
/** Bytes that the terminal has not drawn yet. */
const MOST_UNDRAWN = 2 * 1024 * 1024;

export interface ShellState {
  /** none: not opened yet. */
  readonly phase: "none" | "open" | "ended";
  /** Why nothing goes to the phone now; null: all goes. */
  readonly stalled: string | null;
  readonly exitCode: number | undefined;
  readonly error: PhonerackError | undefined;
}

const NONE: ShellState = { phase: "none", stalled: null, exitCode: undefined, error: undefined };

export class ShellSession {
  readonly #deviceId: string;
  readonly #listeners = new Set<() => void>();
  readonly #fit = new FitAddon();
  #terminal: Terminal | undefined;
  #pipe: OpenPipe | undefined;
  #state: ShellState = NONE;

  constructor(deviceId: string) {
    this.#deviceId = deviceId;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly get = (): ShellState => this.#state;

  /** `agreed`: the fence may close on a phone that nobody enrolled. */
  open(agreed: boolean): void {
    this.#pipe?.close();
    this.#terminal?.dispose();
    const terminal = new Terminal({
      fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
      fontSize: 13,
      scrollback: SCROLLBACK,
      cursorBlink: false,
      screenReaderMode: true,
    });
    terminal.loadAddon(this.#fit);
    this.#terminal = terminal;
    this.#change({ ...NONE, phase: "open" });
    const screen = new Paced(terminal);
    const { rows, cols: columns } = terminal;
    const pipe = connectPipe({
      url: location.origin,
      deviceId: this.#deviceId,
      service: { type: "shell", terminal: { rows, columns, term: "xterm-256color" }, agreed },
      open: (url) => new WebSocket(url),
      onData: (bytes) => screen.write(bytes),
      onMessage: (message) => this.#hear(message),
    });
    this.#pipe = pipe;
    const encoder = new TextEncoder();
    terminal.onData((text) => pipe.write(encoder.encode(text)));
    terminal.onBinary((text) => pipe.write(Uint8Array.from(text, (char) => char.charCodeAt(0))));
    terminal.onResize((size) => pipe.tell({ type: "resize", rows: size.rows, columns: size.cols }));
    pipe.ended.then(
      ({ exitCode }) => this.#over(pipe, { exitCode, error: undefined }),
      (error: unknown) =>
        this.#over(pipe, {
          exitCode: undefined,
          error: error instanceof PhonerackError ? error : new PhonerackError("pipe_broken"),
        }),
    );
  }

  /** Ends it. */
  close(): void {
    this.#pipe?.close();
    this.#change({ ...this.#state, phase: "ended", stalled: null });
  }

  /** Shows it here from now on. @returns takes it away again, without ending it */
  attach(place: HTMLElement): () => void {
    const terminal = this.#terminal;
    if (!terminal) return () => undefined;
    if (terminal.element) place.append(terminal.element);
    else terminal.open(place);
    const style = getComputedStyle(place);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    terminal.options.theme = {
      background: colour("--surface"),
      foreground: colour("--text"),
      cursor: colour("--accent"),
      selectionBackground: colour("--accent-soft"),
    };
    this.#fit.fit();
    terminal.focus();
    const observer = new ResizeObserver(() => this.#fit.fit());
    observer.observe(place);
    return () => {
      observer.disconnect();
      terminal.element?.remove();
    };
  }

  #hear(message: PipeMessage): void {
    if (message.type === "stalled") this.#change({ ...this.#state, stalled: message.reason });
    else if (message.type === "resumed") this.#change({ ...this.#state, stalled: null });
  }

  #over(pipe: OpenPipe, how: Pick<ShellState, "exitCode" | "error">): void {
    if (pipe !== this.#pipe || this.#state.phase === "ended") return;
    this.#change({ phase: "ended", stalled: null, ...how });
  }

  #change(state: ShellState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** A browser's socket cannot be told to wait: what comes faster than it can be drawn is left out, and said to be. */
class Paced {
  readonly #terminal: Terminal;
  #undrawn = 0;
  #left = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  write(bytes: Uint8Array): void {
    if (this.#undrawn > MOST_UNDRAWN) {
      this.#left += bytes.length;
      return;
    }
    this.#draw(bytes);
  }

  #draw(data: Uint8Array | string): void {
    this.#undrawn += data.length;
    this.#terminal.write(data, () => {
      this.#undrawn -= data.length;
      if (this.#left === 0 || this.#undrawn > MOST_UNDRAWN / 2) return;
      const left = this.#left;
      this.#left = 0;
      this.#draw(`\r\n\x1b[7m ${i18next.t("shell.left", { bytes: left })} \x1b[0m\r\n`);
    });
  }
}

const sessions = new Map<string, ShellSession>();

/** The one of this phone under this lease. */
export function shellOf(deviceId: string, epoch: number): ShellSession {
  const key = `${deviceId}/${epoch}`;
  const known = sessions.get(key);
  if (known) return known;
  for (const [other, session] of sessions) {
    if (!other.startsWith(`${deviceId}/`)) continue;
    session.close();
    sessions.delete(other);
  }
  const made = new ShellSession(deviceId);
  sessions.set(key, made);
  return made;
}
