/** A phone's log over control's WebSocket, line by line, to the terminal or into a file. Ends with the lease, with Ctrl-C, or, when it only dumps, when the phone is silent. */
import { createWriteStream } from "node:fs";
import { type LogLine, type LogWish, readable, readLogDivider, readLogLine } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { connectPipe } from "@phonerack/contract/client";
import { WebSocket } from "ws";
import type { ControlAddress } from "../api/find-control.js";
import type { LogFlags } from "./commands.js";

const SILENT_MS = 1_000;
/** A phone whose log is empty says nothing at all. */
const FIRST_MS = 5_000;

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
  let timer = flags.dump ? setTimeout(finish, FIRST_MS) : undefined;
  const pipe = connectPipe({
    url: address.url,
    deviceId,
    service: { type: "logs", wish },
    open: (url) =>
      new WebSocket(url, {
        headers: { authorization: `Bearer ${address.token}` },
        ...(address.ca === undefined ? {} : { ca: address.ca }),
      }) as unknown as ReturnType<Parameters<typeof connectPipe>[0]["open"]>,
    onData: (bytes) => {
      printer.add(bytes);
      if (timer) timer = clearTimeout(timer) as undefined;
      if (flags.dump) timer = setTimeout(finish, SILENT_MS);
    },
    onMessage: (message) => {
      if (message.type === "processes") for (const { pid, name } of message.processes) printer.processes.set(pid, name);
      else if (message.type === "dropped") process.stderr.write(`(${message.lines} lines came too fast, and are missing here)\n`);
    },
  });
  process.once("SIGINT", finish);
  try {
    await Promise.race([finished, failed, pipe.ended]);
  } finally {
    clearTimeout(timer);
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
    const { pid, tid, level, tag, time } = line;
    const name = this.processes.get(pid) ?? "";
    if (this.#json) return `${JSON.stringify({ ...line, buffer: this.#buffer, process: name })}\n`;
    const at = time === null ? "" : `${new Date(time).toISOString().slice(5, 23).replace("T", " ")} `;
    return `${at}${String(pid).padStart(5)} ${String(tid).padStart(5)} ${level} ${readable(`${tag}: ${line.text}`)}\n`;
  }
}
