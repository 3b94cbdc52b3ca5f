/** A whole control for a test: PGlite in a folder of its own, a real port, the bus in the process. */
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ToBrowser } from "@phonerack/contract/api";
import { type Bus, createInProcessBus } from "@phonerack/contract/bus";
import pino from "pino";
import { WebSocket } from "ws";
import { type Control, type ControlOptions, startControl } from "../src/control.js";
import { openDatabase } from "../src/database/database.js";

export const silent = pino({ level: "silent" });

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "phonerack-control-"));
}

export interface RunningControl {
  readonly control: Control;
  readonly bus: Bus;
  readonly dataDir: string;
  readonly bearer: { authorization: string };
  /** Asks the API with the admin token; the body is JSON. */
  ask(path: string, options?: { method?: string; body?: unknown; headers?: Record<string, string> }): Promise<Answer>;
  /** Takes devices for the owner, whom the admin token acts for. */
  take(...devices: string[]): Promise<void>;
  /** The same without any token. */
  knock(path: string, options?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
  readonly headers: Headers;
}

/** Beside the installed packages: ignored by git, and gone with them. */
const TEMPLATE = fileURLToPath(new URL("../../../node_modules/.cache/phonerack-control/database", import.meta.url));

/** Making a database takes five seconds of a busy core; the tests of one checkout share an empty one and copy it. */
export async function copyDatabase(dataDir: string): Promise<void> {
  if (!existsSync(TEMPLATE)) {
    await mkdir(dirname(TEMPLATE), { recursive: true });
    const own = await mkdtemp(`${TEMPLATE}-`);
    await (await openDatabase({ kind: "pglite" }, { dataDir: own, log: silent })).stop();
    // Two that make it at the same time: the first rename wins, the other copies what the first one made.
    await rename(join(own, "database"), TEMPLATE).catch(() => undefined);
    await rm(own, { recursive: true, force: true });
  }
  await cp(TEMPLATE, join(dataDir, "database"), { recursive: true });
}

export async function runControl(change: Partial<ControlOptions> = {}): Promise<RunningControl> {
  const bus = createInProcessBus();
  const dataDir = change.dataDir ?? (await temporaryFolder());
  if (change.dataDir === undefined) await copyDatabase(dataDir);
  const control = await startControl({
    bus,
    replica: "control-1",
    dataDir,
    database: { kind: "pglite" },
    host: "127.0.0.1",
    port: 0,
    version: "0.1.0",
    log: silent,
    ...change,
  });
  const bearer = { authorization: `Bearer ${control.token}` };
  const ask: RunningControl["ask"] = async (path, { method = "GET", body, headers = {} } = {}) => {
    const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const response = await fetch(`${control.url}/api/v1${path}`, {
      method,
      ...json,
      headers: { ...json.headers, ...bearer, ...headers },
    });
    return { status: response.status, body: await response.json(), headers: response.headers };
  };
  return {
    control,
    bus,
    dataDir,
    bearer,
    ask,
    take: async (...devices) => {
      const { status, body } = await ask("/leases", { method: "POST", body: { devices } });
      if (status !== 201) throw new Error(JSON.stringify(body));
    },
    knock: (path, options) => fetch(`${control.url}${path}`, { redirect: "manual", ...options }),
    stop: async () => {
      await control.stop();
      await bus.stop();
      if (change.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Waits until it holds, checked often; fails after a time in which anything here would have happened. */
export async function until<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  what = "what was waited for",
  withinMs = 10_000,
): Promise<T> {
  for (const end = Date.now() + withinMs; ; ) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A browser tab by script. */
export class Tab {
  readonly socket: WebSocket;
  readonly texts: ToBrowser[] = [];
  readonly frames: Buffer[] = [];
  closed: { code: number; reason: string } | undefined;

  constructor(url: string, headers: Record<string, string>) {
    this.socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/live`, { headers });
    this.socket.on("message", (data: Buffer, binary) => {
      if (binary) this.frames.push(data);
      else this.texts.push(JSON.parse(data.toString("utf8")) as ToBrowser);
    });
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    this.socket.on("error", () => undefined);
  }

  static async open(url: string, headers: Record<string, string>): Promise<Tab> {
    const tab = new Tab(url, headers);
    await until(() => tab.socket.readyState === WebSocket.OPEN, "opening the live socket");
    return tab;
  }

  say(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The first message of that type, now or later. */
  heard<T extends ToBrowser["type"]>(type: T, fits: (message: Extract<ToBrowser, { type: T }>) => boolean = () => true) {
    const find = () =>
      this.texts.find((text): text is Extract<ToBrowser, { type: T }> => text.type === type && fits(text as never));
    return until(find, `a message of type ${type}`);
  }

  close(): void {
    this.socket.terminate();
  }
}
