/** A real PostgreSQL server of the test's own, as Debian installs it: in a temporary folder, on a free port, without fsync. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BIN = ["17", "16", "15"]
  .map((version) => `/usr/lib/postgresql/${version}/bin`)
  .find((bin) => existsSync(join(bin, "initdb")));

/** Whether the machine has one. Where tests must be whole (CI=true), it has to. */
export const hasPostgres = BIN !== undefined || process.env.CI === "true";

export interface PostgresServer {
  readonly url: string;
  /** Ends it as a power cut would; its data stay. */
  crash(): void;
  /** The same server again, on the same port. */
  restart(): void;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<PostgresServer> {
  if (BIN === undefined) throw new Error("PostgreSQL is missing; on Debian: apt-get install postgresql");
  const folder = await mkdtemp(join(tmpdir(), "phonerack-postgres-"));
  const port = await freePort();
  const data = join(folder, "data");
  // initdb refuses to run as root; the package made a user for it.
  const asUser = process.getuid?.() === 0 ? ["runuser", "-u", "postgres", "--"] : [];
  if (asUser.length > 0) execFileSync("chown", ["postgres", folder]);
  await chmod(folder, 0o700);
  const run = (program: string, ...args: string[]) => {
    const [command = "", ...rest] = [...asUser, join(BIN, program), ...args];
    execFileSync(command, rest, { stdio: "ignore", cwd: "/", timeout: 60_000 });
  };
  run("initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync");
  const settings = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=16MB`;
  const start = () => run("pg_ctl", "-D", data, "-w", "-l", join(folder, "log"), "-o", settings, "start");
  const crash = () => run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop");
  try {
    start();
  } catch (cause) {
    throw new Error(await readFile(join(folder, "log"), "utf8"), { cause });
  }
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    crash,
    restart: start,
    stop: async () => {
      crash();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}
