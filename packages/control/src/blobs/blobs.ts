/**
 * Files that lie in the lab, named by their digest, identical ones once. An organisation can name only what it brought itself. Sends them to the hosts of phones, each once
 * however many phones need it, and forgets what nobody uses. How they come in is `uploads.ts`'s.
 */
import { buffer } from "node:stream/consumers";
import type { ByteRange } from "@phonerack/apk";
import { type Bus, PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { ObjectStore } from "../storage/object-store.js";
import { sendBlob } from "./send-blob.js";
import type { BlobStore } from "./store.js";

const DAY_MS = 24 * 3_600_000;
/** What no build names and nobody used for so long is removed. */
const UNUSED_MS = 7 * DAY_MS;
const SWEEP_MS = 3_600_000;
const AT_ONCE = 100;

export interface BlobFile {
  readonly sha256: string;
  readonly size: number;
}

export interface BlobsParts {
  readonly store: BlobStore;
  readonly objects: ObjectStore;
  readonly bus: Bus;
  readonly log: Logger;
  readonly now?: () => number;
}

export interface Ensuring {
  readonly signal?: AbortSignal;
  /** Bytes of the file under way that are there. */
  readonly progress?: (file: BlobFile, bytes: number) => void;
}

interface Sending {
  readonly done: Promise<void>;
  readonly listeners: Set<(bytes: number) => void>;
}

export class Blobs {
  readonly #parts: BlobsParts;
  readonly #now: () => number;
  readonly #sending = new Map<string, Sending>();
  /** Storing and forgetting of one file, one after the other. */
  readonly #turns = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;

  constructor(parts: BlobsParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  start(): void {
    this.#timer = setInterval(() => void this.sweep(), SWEEP_MS);
    void this.sweep();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  /** Takes a verified file of this machine, which is moved away, as one that this organisation brought. Fails with `storage_full` or `storage_unreachable`. */
  async keep(tenant: string, path: string, file: BlobFile): Promise<void> {
    const { store, objects } = this.#parts;
    await this.#inTurn(file.sha256, async () => {
      const now = new Date(this.#now());
      if (!(await store.touch([file.sha256], now))) {
        await objects.put(keyOf(file.sha256), path);
        await store.add(file, now);
      }
      await store.brought(tenant, file.sha256, now);
    });
  }

  /** The sizes of files that this organisation brought; they count as used now. Fails with `blob_not_found`. */
  async require(tenant: string, digests: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { store } = this.#parts;
    const sizes = await store.sizes(tenant, digests);
    const missing = digests.find((digest) => !sizes.has(digest));
    if (missing !== undefined) throw new PhonerackError("blob_not_found", missing);
    if (sizes.size > 0) await store.touch([...sizes.keys()], new Date(this.#now()));
    return sizes;
  }

  /** Its size, when the organisation brought it and it is there. */
  async sizeFor(tenant: string, sha256: string): Promise<number | undefined> {
    const { store, objects } = this.#parts;
    const size = (await store.sizes(tenant, [sha256])).get(sha256);
    if (size === undefined || !(await store.touch([sha256], new Date(this.#now())))) return undefined;
    return (await objects.size(keyOf(sha256))) === size ? size : undefined;
  }

  range({ sha256, size }: BlobFile): ByteRange {
    const slice = async (from: number, to: number): Promise<Buffer> => {
      const [start, end] = [Math.max(0, from), Math.min(size, to)];
      return start >= end ? Buffer.alloc(0) : buffer(await this.#parts.objects.get(keyOf(sha256), { start, end }));
    };
    return { size, slice };
  }

  /** Has these on the agent's host. Fails with `host_full`, `blob_not_found`, `digest_wrong` (another size), `agent_unreachable`, `pipe_broken` or the signal's reason. */
  async ensure(agentId: string, files: readonly BlobFile[], { signal, progress }: Ensuring = {}): Promise<void> {
    for (const file of files) {
      signal?.throwIfAborted();
      // What a job says of its files is its client's word.
      const size = await this.#parts.store.size(file.sha256);
      if (size === undefined) throw new PhonerackError("blob_not_found", file.sha256);
      if (size !== file.size) throw new PhonerackError("digest_wrong", `${file.sha256} has ${size} bytes`);
      const sending = this.#send(agentId, file);
      const listener = (bytes: number) => progress?.(file, bytes);
      sending.listeners.add(listener);
      try {
        await abortable(sending.done, signal);
      } finally {
        sending.listeners.delete(listener);
      }
    }
  }

  /** Removes what nobody uses. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep()
      .catch((error: unknown) => this.#parts.log.error({ err: error }, "unused files could not be removed"))
      .finally(() => {
        this.#sweeping = undefined;
      });
    return this.#sweeping;
  }

  /** One transfer of a file to an agent at a time, shared by all who wait for it. */
  #send(agentId: string, file: BlobFile): Sending {
    const key = `${agentId} ${file.sha256}`;
    const known = this.#sending.get(key);
    if (known) return known;
    const { bus, objects, store } = this.#parts;
    const listeners = new Set<(bytes: number) => void>();
    const tell = (bytes: number) => {
      for (const listener of listeners) listener(bytes);
    };
    const send = async () => {
      if (!(await store.touch([file.sha256], new Date(this.#now())))) throw new PhonerackError("blob_not_found", file.sha256);
      const read = (start: number) => objects.get(keyOf(file.sha256), { start, end: file.size });
      await sendBlob({ bus, agentId, file, read, progress: tell });
    };
    const sending = { done: send().finally(() => this.#sending.delete(key)), listeners };
    this.#sending.set(key, sending);
    return sending;
  }

  async #sweep(): Promise<void> {
    const { store, objects } = this.#parts;
    const before = new Date(this.#now() - UNUSED_MS);
    for (const sha256 of await store.unused(before, AT_ONCE))
      await this.#inTurn(sha256, async () => {
        if (await store.forget(sha256, before)) await objects.remove(keyOf(sha256));
      });
  }

  async #inTurn(sha256: string, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(sha256) ?? Promise.resolve();
    const mine = before.then(work);
    const settled = mine.catch(() => undefined);
    this.#turns.set(sha256, settled);
    try {
      await mine;
    } finally {
      if (this.#turns.get(sha256) === settled) this.#turns.delete(sha256);
    }
  }
}

function keyOf(sha256: string): string {
  return `blobs/${sha256}`;
}

/** Others may wait for it too: it goes on. */
function abortable(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
