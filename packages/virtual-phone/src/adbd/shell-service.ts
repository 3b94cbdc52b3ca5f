/**
 * "shell:", "shell,v2,…:" and "exec:": carries a command's input and output over a stream, in plain bytes or in shell protocol v2, with a
 * terminal or without. What a command does is the phone's shell's affair. AOSP packages/modules/adb, daemon/shell_service.cpp.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  encodeShellExit,
  encodeShellPacket,
  type ShellEvent,
  ShellProtocolParser,
  type ShellService,
  shellPacketId,
} from "@phonerack/android-wire/adb";
import { bytePipe } from "./byte-pipe.js";
import type { ByteSink, Shell, WindowSize } from "./services.js";
import type { StreamSocket } from "./stream-socket.js";
import { Terminal, terminalOutput } from "./terminal.js";

/** How long a command without shell v2 may still work with its input after the host closed: `adb exec-in` closes when all is written. */
const graceAfterClose = 1_000;

/** Runs the service until the command or the host ends it. */
export async function serveShell(shell: Shell, service: ShellService, stream: StreamSocket): Promise<void> {
  const session = new Session(service, stream);
  const input = session.readInput();
  const code = await shell.run({
    command: service.command === "" ? undefined : service.command,
    stdin: session.stdin.source,
    stdout: session.sink(shellPacketId.stdout),
    // One terminal, or one pipe of plain bytes, has no second way out.
    stderr: session.sink(service.v2 && !service.pty ? shellPacketId.stderr : shellPacketId.stdout),
    pty: service.pty,
    term: service.term,
    size: () => session.size,
    onInterrupt: (listener) => {
      session.onInterrupt = listener;
    },
    signal: session.signal,
  });
  if (service.v2) await stream.write(encodeShellExit(code));
  session.stdin.close();
  stream.end();
  await input;
}

class Session {
  readonly stdin = bytePipe();
  size: WindowSize = { rows: 0, columns: 0 };
  onInterrupt: (() => void) | undefined;
  readonly #service: ShellService;
  readonly #stream: StreamSocket;
  readonly #hangUp = new AbortController();
  #writing: Promise<void>[] = [];
  readonly #terminal: Terminal | undefined;

  constructor(service: ShellService, stream: StreamSocket) {
    this.#service = service;
    this.#stream = stream;
    if (service.pty) {
      this.#terminal = new Terminal({
        echo: (bytes) => void this.#send(shellPacketId.stdout, bytes),
        line: (bytes) => this.#feed(bytes),
        interrupt: () => this.onInterrupt?.(),
        endOfFile: () => this.stdin.end(),
      });
    }
    stream.signal.addEventListener("abort", () => void this.#hangUpWhenRead(), { once: true });
  }

  get signal(): AbortSignal {
    return this.#hangUp.signal;
  }

  sink(id: number): ByteSink {
    return {
      write: (data) => {
        const bytes = typeof data === "string" ? Buffer.from(data) : data;
        return this.#send(id, this.#service.pty ? terminalOutput(bytes) : bytes);
      },
    };
  }

  /** Feeds the command's stdin until the host ends. Never rejects. */
  async readInput(): Promise<void> {
    const packets = this.#service.v2 ? new ShellProtocolParser((event) => this.#event(event)) : undefined;
    try {
      for await (const chunk of this.#stream.input) {
        if (packets) packets.push(chunk);
        else this.#typed(chunk);
        await Promise.all(this.#writing.splice(0));
      }
    } catch {
      // No shell packet: nothing after it can be read either.
      this.#stream.destroy();
    }
    this.stdin.end();
  }

  #send(id: number, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return Promise.resolve();
    // A pipe that nobody reads any more: SIGPIPE.
    if (this.#stream.signal.aborted) this.#hangUp.abort();
    return this.#stream.write(this.#service.v2 ? encodeShellPacket(id, bytes) : bytes);
  }

  #event(event: ShellEvent): void {
    if (event.type === "stdin") this.#typed(event.data);
    else if (event.type === "close-stdin") this.stdin.end();
    else if (event.type === "window-size") this.size = { rows: event.rows, columns: event.columns };
  }

  #typed(bytes: Uint8Array): void {
    if (this.#terminal) this.#terminal.input(bytes);
    else this.#feed(bytes);
  }

  #feed(bytes: Uint8Array): void {
    this.#writing.push(this.stdin.write(bytes));
  }

  async #hangUpWhenRead(): Promise<void> {
    if (!this.#service.v2 && this.stdin.buffered > 0)
      await Promise.race([this.stdin.closed, sleep(graceAfterClose, undefined, { ref: false })]);
    if (!this.#service.v2) await sleep(graceAfterClose, undefined, { ref: false });
    this.#hangUp.abort();
  }
}
