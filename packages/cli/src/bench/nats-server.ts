/** A real nats-server on a free port, for tests and benches. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface NatsServer {
  readonly url: string;
  readonly pid: number;
  /** The same server again on the same port, as after a crash. */
  restart(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 10_000;

/** Fails with one sentence when nats-server is not installed. `config`: its file; address and port stay ours. */
export async function startNatsServer(config?: string): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), "phonerack-nats-"));
  const launch = (port: number) => launchIn(folder, port, config);
  let running = await launch(-1);
  const { port } = running;
  const server: NatsServer = {
    url: `nats://127.0.0.1:${port}`,
    get pid() {
      return running.pid;
    },
    kill: () => running.end(),
    async restart() {
      running = await launch(port);
    },
    async stop() {
      await running.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return server;
}

function program(): string {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  const found = folders.map((folder) => join(folder, "nats-server")).find((path) => existsSync(path));
  if (!found) throw new Error("nats-server was not found; install it (Debian: apt-get install nats-server).");
  return found;
}

async function launchIn(folder: string, port: number, config: string | undefined) {
  for (const name of await readdir(folder)) await rm(join(folder, name));
  const words = [...(config ? ["-c", config] : []), "-a", "127.0.0.1", "-p", String(port), "--ports_file_dir", folder];
  const child = spawn(program(), words, { stdio: "ignore" });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const deadline = Date.now() + READY_WITHIN_MS;
  let found: number | undefined;
  while (found === undefined) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error("nats-server did not start");
    await sleep(20);
    found = await readPort(folder);
  }
  return {
    port: found,
    pid: child.pid ?? 0,
    async end() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** The server writes its ports as JSON once it listens. */
async function readPort(folder: string): Promise<number | undefined> {
  const name = (await readdir(folder)).find((each) => each.endsWith(".ports"));
  if (!name) return undefined;
  try {
    const ports = JSON.parse(await readFile(join(folder, name), "utf8")) as { nats?: string[] };
    return Number(ports.nats?.[0]?.split(":").at(-1)) || undefined;
  } catch {
    return undefined;
  }
}
