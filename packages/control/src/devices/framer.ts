/** Gives screenshots their device frame, in worker threads, a few at a time. */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { PhonerackError } from "@phonerack/contract/bus";
import { Turns } from "../turns.js";

/** By its name in package.json, since a worker is always compiled code, also when this file is run from its source. */
const WORKER = createRequire(import.meta.url).resolve("#frame-worker");
const AT_ONCE = 2;
const MOST_WAITING = 50;
const WITHIN_MS = 20_000;
/** Of a worker: a large picture is there three times. */
const MEMORY_MB = 512;

export class Framer {
  readonly #turns = new Turns(AT_ONCE);

  /** PNG in, PNG out. Fails with `too_many`, or `phone_failed` for what is no picture. */
  async frame(png: Uint8Array): Promise<Uint8Array> {
    if (this.#turns.waiting >= MOST_WAITING) throw new PhonerackError("too_many", "screenshots are being framed already");
    return this.#turns.run(() => inWorker(png));
  }
}

async function inWorker(png: Uint8Array): Promise<Uint8Array> {
  const worker = new Worker(WORKER, { workerData: png, resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB } });
  const late = setTimeout(() => void worker.terminate(), WITHIN_MS);
  try {
    const framed = await new Promise<Uint8Array | undefined>((resolve, reject) => {
      worker
        .once("message", resolve)
        .once("error", reject)
        .once("exit", () => resolve(undefined));
    });
    if (!framed) throw new PhonerackError("phone_failed", "its screenshot is no PNG that can be framed");
    return framed;
  } catch (cause) {
    if (cause instanceof PhonerackError) throw cause;
    throw new PhonerackError("phone_failed", "its screenshot is no PNG that can be framed", { cause });
  } finally {
    clearTimeout(late);
    await worker.terminate();
  }
}
