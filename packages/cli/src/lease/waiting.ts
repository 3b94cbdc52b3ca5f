/** Waits in the queue until a lease is granted, and says how far it is; who gives up leaves the queue. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Lease } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { LeaseApi } from "../api/leases.js";
import { queueWords } from "./lease-table.js";

const LOOK_MS = 1_000;

/** Resolves when it is active. Fails with `lease_over` when it ended instead, e.g. because somebody cancelled it elsewhere. */
export async function waitUntilGranted(api: LeaseApi, asked: Lease): Promise<Lease> {
  const progress = new Progress();
  const givenUp = new AbortController();
  const interrupted = () => {
    if (givenUp.signal.aborted) process.exit(130);
    givenUp.abort();
  };
  process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
  try {
    let lease = asked;
    while (lease.phase === "queued") {
      progress.show(lease);
      await sleep(LOOK_MS, undefined, { signal: givenUp.signal }).catch(() => undefined);
      if (givenUp.signal.aborted) return await leave(api, lease.id);
      // Control restarts, a network blinks: the place in the queue is kept.
      lease = await api.get(lease.id).catch((error: unknown) => {
        if (error instanceof PhonerackError && error.code === "control_unreachable") return lease;
        throw error;
      });
    }
    if (lease.phase === "ended") throw new PhonerackError("lease_over", lease.endNote ?? lease.endReason ?? undefined);
    return lease;
  } finally {
    progress.end();
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
}

async function leave(api: LeaseApi, id: string): Promise<never> {
  await api.release(id);
  process.stderr.write(`${process.stderr.isTTY ? "\n" : ""}phonerack: ${id} left the queue\n`);
  process.exit(130);
}

/** One line that is written over at a terminal, one line for each change elsewhere. */
class Progress {
  #said = "";

  show({ id, queue }: Lease): void {
    const line = `${id} waits: ${queue ? queueWords(queue) : "being granted"}`;
    if (line === this.#said) return;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
    this.#said = line;
  }

  end(): void {
    if (process.stderr.isTTY && this.#said !== "") process.stderr.write("\r\u001b[K");
  }
}
