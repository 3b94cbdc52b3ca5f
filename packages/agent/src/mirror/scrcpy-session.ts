/**
 * One run of the unmodified scrcpy server on a phone: started by shell, its sockets opened through ADB ("tunnel_forward"), ended when either
 * side ends. What flows through the sockets is left to picture, sound and input. Protocol: scrcpy doc/develop.md, at v3.3.1.
 */
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { deviceNameLength } from "@phonerack/android-wire/scrcpy";
import { PhonerackError } from "@phonerack/contract/bus";
import { ByteReader } from "../transports/byte-reader.js";
import type { PhoneLink, PhoneSocket } from "../transports/link.js";
import type { ServerJar } from "./server-jar.js";

/** From the command to the first byte of the server: a slow phone takes 2 s. */
const START_TIMEOUT_MS = 8_000;
const MOST_LINES = 20;

export interface SessionOptions {
  readonly link: PhoneLink;
  readonly jar: ServerJar;
  /** Options of the server that differ from its defaults, e.g. `max_size=400`. */
  readonly options: readonly string[];
}

export interface ScrcpySession {
  readonly socket: PhoneSocket;
  readonly reader: ByteReader;
  /** What the server said last of errors; "" when nothing. */
  complaint(): string;
  stop(): void;
}

/** Starts a server with exactly one socket (video, audio or control). Fails with `phone_failed` and the server's own words, or `device_timeout`. */
export async function startSession({ link, jar, options }: SessionOptions): Promise<ScrcpySession> {
  const scid = randomInt(1, 0x7fff_ffff).toString(16).padStart(8, "0");
  const words = [
    "com.genymobile.scrcpy.Server",
    jar.version,
    `scid=${scid}`,
    "log_level=info",
    "tunnel_forward=true",
    "cleanup=false",
  ];
  const command = `CLASSPATH=${jar.remotePath} app_process / ${[...words, ...options].join(" ")}`;
  // "exec:" joins stdout and stderr on every Android; the server's exit code says nothing that its words do not.
  const shell = await link.open(`exec:${command} 2>&1`);
  const output = new Output();
  let gone = false;
  const exited = drain(shell, output).finally(() => {
    gone = true;
    shell.close();
  });
  const opening = connect(link, `localabstract:scrcpy_${scid}`, () => gone);
  try {
    const socket = await link.life.guard(opening, START_TIMEOUT_MS, "starting scrcpy");
    const reader = new ByteReader(socket);
    // The first socket begins with one byte (the tunnel stands) and the phone's name.
    await link.life.guard(reader.exactly(1 + deviceNameLength), START_TIMEOUT_MS, "starting scrcpy");
    const stop = () => {
      socket.close();
      shell.close();
    };
    void exited.then(stop);
    return { socket, reader, complaint: () => output.complaint(), stop };
  } catch (error) {
    shell.close();
    // Also one that opens only now, after we stopped waiting.
    opening.then(
      (socket) => socket.close(),
      () => undefined,
    );
    if (link.life.ended) throw link.life.ended;
    throw failure(error, output);
  }
}

/** The words of the server where it gave any, else of what we met. */
export function failure(error: unknown, output: { complaint(): string }): PhonerackError {
  const words = output.complaint();
  if (error instanceof PhonerackError && (words === "" || error.code === "phone_protocol")) return error;
  return new PhonerackError("phone_failed", words || "the scrcpy server stopped", { cause: error });
}

/** The server needs time to listen; until then the phone refuses the socket. */
async function connect(link: PhoneLink, service: string, gone: () => boolean): Promise<PhoneSocket> {
  for (let wait = 15; ; wait = Math.min(200, wait * 1.5)) {
    await sleep(wait);
    if (link.life.ended) throw link.life.ended;
    try {
      return await link.open(service);
    } catch (error) {
      if (gone() || !(error instanceof PhonerackError && error.code === "phone_failed")) throw error;
    }
  }
}

async function drain(shell: PhoneSocket, output: Output): Promise<void> {
  try {
    for (let chunk = await shell.read(); chunk; chunk = await shell.read()) output.add(chunk);
  } catch {
    // The connection's end is told by its lifeline.
  }
}

class Output {
  #lines: string[] = [];
  #rest = "";

  add(chunk: Uint8Array): void {
    const lines = (this.#rest + Buffer.from(chunk).toString("utf8")).split("\n");
    this.#rest = (lines.pop() ?? "").slice(-1_000);
    this.#lines = [...this.#lines, ...lines.map((line) => line.slice(0, 300))].slice(-MOST_LINES);
  }

  /** The first error the server printed: what follows are consequences. */
  complaint(): string {
    const error = [...this.#lines, this.#rest].find((line) => /\bERROR\b|Exception/.test(line));
    return (error ?? "").replace(/^\[server\] ERROR: /, "").trim();
  }
}
