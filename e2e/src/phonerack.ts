/** Starts `phonerack` commands as a person would, in folders of their own, and reads what they print. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const PHONERACK = resolve(import.meta.dirname, "../../packages/cli/bin/phonerack.js");

/** A command under way: its process, and what it wrote so far. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves to the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
}

export interface Ran {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `up --json` prints, and the process that printed it. */
export interface Up extends Running {
  readonly url: string;
  readonly token: string;
  readonly console: string;
  readonly data: string;
  stop(): Promise<void>;
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "phonerack-e2e-"));
}

const launched = new Set<ChildProcess>();
// A test that failed half-way must not leave a lab running.
process.once("exit", () => {
  for (const child of launched) child.kill("SIGKILL");
});

export function launch(words: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [PHONERACK, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  launched.add(child);
  child.once("exit", () => launched.delete(child));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const exited = new Promise<number | string>((done) => child.once("close", (code, signal) => done(code ?? signal ?? "lost")));
  return { child, pid: child.pid ?? 0, stdout: () => stdout, stderr: () => stderr, exited };
}

/** Runs a command to its end. */
export async function run(...words: string[]): Promise<Ran> {
  const running = launch(words);
  const code = await running.exited;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

/** Waits for the first line on stdout; fails with what stderr says when the command ends before. */
export async function firstLine(running: Running, withinMs = 120_000): Promise<string> {
  const deadline = Date.now() + withinMs;
  while (!running.stdout().includes("\n")) {
    if (running.child.exitCode !== null) throw new Error(`ended with ${running.child.exitCode}: ${running.stderr()}`);
    if (Date.now() > deadline) {
      // Nobody would end it later: its caller has nothing in hand yet.
      running.child.kill("SIGKILL");
      throw new Error(`printed nothing in time: ${running.stderr()}`);
    }
    await sleep(25);
  }
  return running.stdout().split("\n", 1)[0] ?? "";
}

/** Beside the installed packages: ignored by git, and gone with them. */
const TEMPLATE = resolve(import.meta.dirname, "../../node_modules/.cache/phonerack-e2e/database");

/** A data folder whose database is made already: making one takes seconds of both cores, and each test wants its own. The tests of one checkout share an empty one. */
export async function dataFolder(): Promise<string> {
  if (!existsSync(TEMPLATE)) await makeTemplate();
  const data = await temporaryFolder();
  await cp(TEMPLATE, join(data, "database"), { recursive: true });
  return data;
}

async function makeTemplate(): Promise<void> {
  const folder = await temporaryFolder();
  const up = await startUp({ virtual: 0, data: folder });
  await up.stop();
  await mkdir(dirname(TEMPLATE), { recursive: true });
  // Copied first: a rename does not cross file systems. Of two that make it at the same time the first wins, the other uses what that one made.
  const made = await mkdtemp(`${TEMPLATE}-`);
  await cp(join(folder, "database"), made, { recursive: true });
  await rename(made, TEMPLATE).catch(() => rm(made, { recursive: true, force: true }));
  await rm(folder, { recursive: true, force: true });
}

/** `phonerack up --json` on a free port, without adb, in a data folder of its own unless one is given. */
export async function startUp(options: { virtual: number; data?: string; words?: readonly string[] }): Promise<Up> {
  const data = options.data ?? (await dataFolder());
  const words = ["up", "--port", "0", "--data", data, "--virtual", String(options.virtual), "--no-adb", "--json"];
  const running = launch([...words, ...(options.words ?? [])]);
  const { url, token, console } = JSON.parse(await firstLine(running)) as { url: string; token: string; console: string };
  return {
    ...running,
    url,
    token,
    console,
    data,
    async stop() {
      if (running.child.exitCode === null && running.child.signalCode === null) running.child.kill("SIGTERM");
      await running.exited;
      if (options.data === undefined) await rm(data, { recursive: true, force: true });
    },
  };
}

export interface DeviceView {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly address: string;
  readonly chassis: string | null;
  readonly slot: number | null;
  readonly reason: string | null;
  readonly screen: { readonly width: number; readonly height: number } | null;
  readonly foreground: { readonly package: string } | null;
  readonly watchers: number;
  readonly steps: readonly { readonly name: string; readonly state: string; readonly reason?: string }[];
  readonly notices: readonly { readonly code: string; readonly message: string }[];
}

export async function devicesOf(up: { url: string; token: string }): Promise<DeviceView[]> {
  const response = await fetch(`${up.url}/api/v1/devices?limit=1000`, { headers: { authorization: `Bearer ${up.token}` } });
  return ((await response.json()) as { items: DeviceView[] }).items;
}

/** Takes devices for the lab's owner, whom the admin token acts for; fails with what control says when it refuses. */
export async function takeDevices(up: { url: string; token: string }, ids: readonly string[]): Promise<string> {
  const response = await fetch(`${up.url}/api/v1/leases`, {
    method: "POST",
    headers: { authorization: `Bearer ${up.token}`, "content-type": "application/json" },
    body: JSON.stringify({ devices: ids, idleMinutes: null }),
  });
  const lease = (await response.json()) as { id: string };
  if (response.status !== 201) throw new Error(JSON.stringify(lease));
  return lease.id;
}

/** Asks until `holds`; fails with the devices as they were last. */
export async function untilDevices(
  up: { url: string; token: string },
  holds: (devices: DeviceView[]) => boolean,
  withinMs = 30_000,
): Promise<DeviceView[]> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const devices = await devicesOf(up);
    if (holds(devices)) return devices;
    if (Date.now() > deadline)
      throw new Error(
        `the devices did not get there: ${JSON.stringify(devices.map(({ id, state, reason }) => ({ id, state, reason })))}`,
      );
    await sleep(50);
  }
}

/** Processes whose parent is `pid`, by Linux's own table. */
export async function childrenOf(pid: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(parent) === pid) found.push(Number(name));
  }
  return found;
}

/** Zombies do not count: they have ended and only wait to be noticed. */
export function isAlive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
  } catch {
    return false;
  }
}
