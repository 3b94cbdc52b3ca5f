/** A real nats-server of a test's own, to be killed and started again on its port, and free ports for it. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { delimiter, join } from "node:path";

/** Listens on 127.0.0.1; further words of its command line may follow. Whoever starts it waits for those who need it. */
export function spawnNats(port: number, ...words: readonly string[]): ChildProcess {
  return spawn(natsServer(), [...words, "-a", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** Debian keeps servers where only root's PATH leads. */
function natsServer(): string {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  const found = folders.map((folder) => join(folder, "nats-server")).find((path) => existsSync(path));
  if (!found) throw new Error("nats-server was not found; install it (Debian: apt-get install nats-server).");
  return found;
}
