/**
 * Another machine on this one: a network namespace with an address of its own, joined to this machine by a virtual cable. What runs in it
 * reaches us by a non-loopback address only. Needs root.
 */
import { execFileSync, spawn } from "node:child_process";

export interface NetworkNamespace {
  readonly name: string;
  /** This machine, as seen from inside. */
  readonly host: string;
  /** Runs a program inside to its end; its stdout. */
  run(program: string, ...args: string[]): Promise<string>;
  remove(): void;
}

/** Whether this process may make one. */
export function mayMakeNamespaces(): boolean {
  const name = `phonerack-try-${process.pid}`;
  try {
    execFileSync("ip", ["netns", "add", name], { stdio: "ignore" });
    execFileSync("ip", ["netns", "exec", name, "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  } finally {
    try {
      execFileSync("ip", ["netns", "delete", name], { stdio: "ignore" });
    } catch {
      // It was never made.
    }
  }
}

export function makeNamespace(): NetworkNamespace {
  const id = process.pid % 250;
  const name = `phonerack-${process.pid}`;
  const [here, there] = [`prk${process.pid}a`, `prk${process.pid}b`];
  // 198.18.0.0/15 is for tests of networks (RFC 2544): no real one collides with it.
  const [host, guest] = [`198.18.${id}.1`, `198.18.${id}.2`];
  const ip = (...words: string[]) => void execFileSync("ip", words, { stdio: "pipe" });
  const inside = (...words: string[]) => ip("-n", name, ...words);
  const remove = () => {
    // The cable goes with one of its ends, and with the namespace that holds the other.
    for (const words of [
      ["link", "delete", here],
      ["netns", "delete", name],
    ]) {
      try {
        ip(...words);
      } catch {
        // Gone already.
      }
    }
  };
  try {
    ip("netns", "add", name);
    ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name);
    ip("address", "add", `${host}/24`, "dev", here);
    ip("link", "set", here, "up");
    inside("address", "add", `${guest}/24`, "dev", there);
    inside("link", "set", there, "up");
    inside("link", "set", "lo", "up");
  } catch (error) {
    remove();
    throw error;
  }
  return {
    name,
    host,
    remove,
    run: (program, ...args) =>
      new Promise((resolve, reject) => {
        const child = spawn("ip", ["netns", "exec", name, program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
        let [stdout, stderr] = ["", ""];
        child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
        child.once("error", reject);
        child.once("close", (code) =>
          code === 0 ? resolve(stdout) : reject(new Error(`${program} ended with ${code}: ${stderr}`)),
        );
      }),
  };
}
