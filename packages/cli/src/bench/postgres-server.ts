/** A real PostgreSQL server of a bench's own, as Debian installs it: in a temporary folder, on a free port; with fsync, as in a lab. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = "/usr/lib/postgresql";

export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Fails with one sentence when PostgreSQL is not installed. */
export async function startPostgresServer(): Promise<PostgresServer> {
  const versions = existsSync(ROOT) ? readdirSync(ROOT).sort((a, b) => Number(b) - Number(a)) : [];
  const bin = versions.map((version) => join(ROOT, version, "bin")).find((folder) => existsSync(join(folder, "initdb")));
  if (!bin) throw new Error("PostgreSQL was not found; install it (Debian: apt-get install postgresql).");
  const folder = await mkdtemp(join(tmpdir(), "phonerack-postgres-"));
  const data = join(folder, "data");
  const port = await freePort();
  // initdb refuses to run as root; the package made a user for it.
  const asUser = process.getuid?.() === 0 ? ["runuser", "-u", "postgres", "--"] : [];
  if (asUser.length > 0) execFileSync("chown", ["postgres", folder]);
  await chmod(folder, 0o700);
  const run = (program: string, ...args: string[]) => {
    const [command = "", ...rest] = [...asUser, join(bin, program), ...args];
    execFileSync(command, rest, { stdio: "ignore", cwd: "/", timeout: 60_000 });
  };
  run("initdb", "-D", data, "-A", "trust", "-U", "postgres");
  run(
    "pg_ctl",
    "-D",
    data,
    "-w",
    "-l",
    join(folder, "log"),
    "-o",
    `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1`,
    "start",
  );
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
