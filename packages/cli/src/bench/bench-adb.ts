/** The machine's own adb for a bench, with a server and a key of its own; and a lab's phone that lets it in. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { PhonerackError } from "@phonerack/contract/bus";
import { findAdb } from "../adb-program.js";
import { BenchProcess } from "./bench-process.js";

const READY_MS = 20_000;
const TRANSFER_MS = 120_000;

const exec = promisify(execFile);

/** One phone, reached by the same adb through the lab and through as many bare socket pumps: a process each. */
export interface BothWays {
  readonly adb: BenchAdb;
  /** Serials. */
  readonly through: { readonly ours: string; readonly bare: string };
  /** Resident, in bytes. */
  readonly memory: () => Promise<{ lab: number; tunnel: number }>;
}

/** Takes all down again, whatever came of `measure`. */
export async function bothWays<T>(measure: (ways: BothWays) => Promise<T>): Promise<T> {
  const phones = await BenchProcess.start("phones", { count: 1 });
  const lab = await BenchProcess.start("agent", { control: true });
  const adb = await BenchAdb.start();
  const running: { stop(): Promise<void> }[] = [];
  try {
    const [port = 0] = phones.ready.ports;
    await lab.ask("bringUp", [port]);
    const deviceId = await takeForAdb(lab.ready, await adb.key());
    const tunnel = await BenchProcess.start("tunnel", { url: lab.ready.url ?? "", token: lab.ready.token ?? "", deviceId });
    const near = await BenchProcess.start("pump", { port });
    const far = await BenchProcess.start("pump", { port: near.ready.port });
    running.push(tunnel, near, far);
    const through = { ours: await adb.connect(tunnel.ready.port), bare: await adb.connect(far.ready.port) };
    const memory = async () => ({ lab: (await lab.memory()).rss, tunnel: (await tunnel.memory()).rss });
    return await measure({ adb, through, memory });
  } finally {
    await adb.stop();
    for (const one of [...running, lab, phones]) await one.stop();
  }
}

/** Takes the phone and lets this adb's key in. @returns the phone's id */
async function takeForAdb(
  { url = "", token = "" }: { url?: string | undefined; token?: string | undefined },
  key: string,
): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const ask = async (path: string, body?: object) => {
    const response = await fetch(
      `${url}/api/v1${path}`,
      body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers },
    );
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  };
  const id = await readyDevice(() => ask("/devices") as Promise<{ items: { id: string; state: string }[] }>);
  await ask("/leases", { devices: [id] });
  await ask("/adb-keys", { key });
  return id;
}

async function readyDevice(list: () => Promise<{ items: { id: string; state: string }[] }>): Promise<string> {
  for (let waited = 0; waited < READY_MS; waited += 50) {
    const [found] = (await list()).items.filter(({ state }) => state === "ready");
    if (found) return found.id;
    await sleep(50);
  }
  throw new Error("the phone did not get ready");
}

export class BenchAdb {
  readonly #path: string;
  readonly #home: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(path: string, home: string, port: number) {
    this.#path = path;
    this.#home = home;
    this.#env = { PATH: process.env.PATH, HOME: home, TMPDIR: home, ANDROID_ADB_SERVER_PORT: String(port) };
  }

  static async start(): Promise<BenchAdb> {
    const path = findAdb();
    if (path === undefined) throw new PhonerackError("adb_missing");
    const adb = new BenchAdb(path, await mkdtemp(join(tmpdir(), "phonerack-adb-")), await freePort());
    await adb.#run("start-server");
    return adb;
  }

  async key(): Promise<string> {
    return readFile(join(this.#home, ".android/adbkey.pub"), "utf8");
  }

  /** @returns its serial */
  async connect(port: number): Promise<string> {
    const serial = `127.0.0.1:${port}`;
    await this.#run("connect", serial);
    for (const end = Date.now() + READY_MS; ; await sleep(50)) {
      const state = await this.#run("-s", serial, "get-state").catch(() => "");
      if (state.trim() === "device") return serial;
      if (Date.now() > end) throw new Error(`${serial} is '${state.trim()}' for adb`);
    }
  }

  async file(bytes: number): Promise<string> {
    const path = join(this.#home, "file");
    await writeFile(path, randomBytes(bytes));
    return path;
  }

  /** Milliseconds until the command has ended well. */
  async timed(...words: string[]): Promise<number> {
    const began = performance.now();
    await this.#run(...words);
    return performance.now() - began;
  }

  /** One that goes on until it is killed. */
  start(...words: string[]): ChildProcess {
    return spawn(this.#path, words, { env: this.#env, stdio: ["ignore", "pipe", "ignore"] });
  }

  async stop(): Promise<void> {
    await this.#run("kill-server").catch(() => undefined);
    await rm(this.#home, { recursive: true, force: true });
  }

  async #run(...words: string[]): Promise<string> {
    const { stdout } = await exec(this.#path, words, { env: this.#env, timeout: TRANSFER_MS });
    return stdout;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === "object" && address ? address.port : 0;
}
