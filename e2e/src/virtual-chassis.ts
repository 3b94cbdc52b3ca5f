/** A chassis of virtual phones started apart from the lab, with its control API for faults, and a lab (`phonerack up`) that is told their addresses. */
import { readFile, rm } from "node:fs/promises";
import { firstLine, launch, type Running, startUp, temporaryFolder, type Up } from "./phonerack.js";

export interface VirtualChassis extends Running {
  /** `host:port` of each phone, in the order of their slots. */
  readonly addresses: readonly string[];
  /** Sends a body to a phone's control API, e.g. `post(1, "foreground", {package: "…"})`. */
  post(slot: number, verb: string, body: object): Promise<void>;
  stop(): Promise<void>;
}

/** `phonerack virtual` with `count` phones; further words of its command line may follow. */
export async function startVirtualChassis(count: number, ...words: readonly string[]): Promise<VirtualChassis> {
  const running = launch(["virtual", "--port", "0", "--control-port", "0", "--json", "--count", String(count), ...words]);
  const { phones, control } = JSON.parse(await firstLine(running)) as { phones: { address: string }[]; control: string };
  return {
    ...running,
    addresses: phones.map(({ address }) => address),
    async post(slot, verb, body) {
      const response = await fetch(`${control}/phones/${slot}/${verb}`, { method: "POST", body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`${verb} of phone ${slot} was answered ${response.status}: ${await response.text()}`);
    },
    async stop() {
      if (running.child.exitCode === null && running.child.signalCode === null) running.child.kill("SIGTERM");
      await running.exited;
    },
  };
}

/** A lab without phones of its own; its slots 1, 2, … are these addresses. */
export function startLabWith(addresses: readonly string[]): Promise<Up> {
  return startLab({ virtual: 0, words: addresses.flatMap((address, at) => ["--connect", `${address}@H1/${at + 1}`]) });
}

/** `phonerack up` in a folder that goes when it stops: for one start, making a database is cheaper than copying one. */
export async function startLab(options: { virtual: number; words?: readonly string[] }): Promise<Up> {
  const data = await temporaryFolder();
  const remove = () => rm(data, { recursive: true, force: true });
  try {
    const up = await startUp({ ...options, data });
    const stop = async () => {
      await up.stop();
      await remove();
    };
    return { ...up, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Resident memory of a process in MiB, by Linux's own count. */
export async function residentMiB(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
