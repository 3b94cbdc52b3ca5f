/** A phone's log over control's WebSocket, line by line, to the terminal or into a file. Ends with the lease, with Ctrl-C, or, when it only dumps, with what the phone has. */
import { createWriteStream } from "node:fs";
import { type LogLine, type LogWish, logText, readable, readLogDivider, readLogLine } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { connectPipe } from "@phonerack/contract/client";
import { WebSocket } from "ws";
import type { ControlAddress } from "../api/find-control.js";
import type { LogFlags } from "./commands.js";

export interface LogTarget {
  readonly address: ControlAddress;
  readonly deviceId: string;
  readonly wish: Partial<LogWish>;
}

/** Resolves at the end of a dump, or at Ctrl-C. Fails with what the log was refused or ended for. */
export async function readLog({ address, deviceId, wish }: LogTarget, flags: LogFlags): Promise<void> {
  const out = flags.output === undefined ? process.stdout : createWriteStream(flags.output);
  const failed = new Promise<never>((_, reject) => {
    out.on("error", (error: NodeJS.ErrnoException) => reject(unwritable(error, flags.output)));
  });
  const printer = new Printer(flags, (text) => void out.write(text));
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const pipe = connectPipe({
    url: address.url,
    deviceId,
    service: { type: "logs", wish },
    open: (url) =>
      new WebSocket(url, {
        headers: { authorization: `Bearer ${address.token}` },
        ...(address.ca === undefined ? {} : { ca: address.ca }),
      }) as unknown as ReturnType<Parameters<typeof connectPipe>[0]["open"]>,
    onData: (bytes) => printer.add(bytes),
    onMessage: (message) => {
      if (message.type === "processes") for (const { pid, name } of message.processes) printer.processes.set(pid, name);
      else if (message.type === "dropped") process.stderr.write(`(${message.lines} lines came too fast, and are missing here)\n`);
    },
  });
  process.once("SIGINT", finish);
  try {
    await Promise.race([finished, failed, pipe.ended]);
  } finally {
    process.off("SIGINT", finish);
    pipe.close();
    if (out !== process.stdout) await new Promise<void>((resolve) => out.end(() => resolve()));
  }
}

function unwritable(cause: NodeJS.ErrnoException, file: string | undefined): PhonerackError {
  // Whoever read has gone, e.g. `| head`.
  if (cause.code === "EPIPE") process.exit(0);
  return new PhonerackError("data_unwritable", `${file ?? "stdout"}: ${cause.message}`, { cause });
}

class Printer {
  readonly processes = new Map<number, string>();
  readonly #fits: (line: LogLine) => boolean;
  readonly #json: boolean;
  readonly #write: (text: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #buffer = "";

  constructor({ grep, regex, json = false }: LogFlags, write: (text: string) => void) {
    const wanted = grep?.toLowerCase();
    const has = (text: string) => (wanted === undefined || text.toLowerCase().includes(wanted)) && (regex?.test(text) ?? true);
    this.#fits = ({ tag, text }) => has(`${tag}: ${text}`);
    this.#json = json;
    this.#write = write;
  }

  add(bytes: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    const printed = lines.map((text) => this.#print(text)).join("");
    if (printed !== "") this.#write(printed);
  }

  #print(text: string): string {
    const buffer = readLogDivider(text);
    if (buffer !== undefined) this.#buffer = buffer;
    const line = readLogLine(text);
    if (!line || !this.#fits(line)) return "";
    const process = this.processes.get(line.pid) ?? "";
    if (this.#json) return `${JSON.stringify({ ...line, buffer: this.#buffer, process })}\n`;
    return `${readable(logText(line))}\n`;
  }
}
