/**
 * Files of the lab that this host has, each named by its digest: sent here once, however many phones need it. A file is there whole and verified or not at all; beyond
 * their bound those that were not used for longest go. What is done with them is their users'.
 */
import { mkdir, readdir, rm, stat, statfs, utimes } from "node:fs/promises";
import { join } from "node:path";
import { BlobDigest, PhonerackError, type Pipe, type PipeService } from "@phonerack/contract/bus";
import { Incoming } from "./incoming.js";

const GIB = 1024 ** 3;
/** All files together. */
export const BLOBS_MAX_BYTES = 20 * GIB;
/** The host needs some of its disk for itself. */
const SPARE = 256 * 1024 * 1024;
/** What was half sent is gone on with for so long. */
const HALF_MS = 60_000;

export interface BlobsParts {
  readonly folder: string;
  /** Bytes of all files together; default 20 GiB. */
  readonly most?: number;
  readonly halfMs?: number;
}

export interface BlobInUse {
  readonly path: string;
  readonly size: number;
  /** Safe to call twice. */
  release(): void;
}

type BlobService = Extract<PipeService, { type: "blob" }>;

interface Kept {
  readonly size: number;
  usedAt: number;
  users: number;
}

export class Blobs {
  readonly #folder: string;
  readonly #most: number;
  readonly #halfMs: number;
  readonly #kept = new Map<string, Kept>();
  readonly #coming = new Map<string, Incoming>();

  constructor({ folder, most = BLOBS_MAX_BYTES, halfMs = HALF_MS }: BlobsParts) {
    this.#folder = folder;
    this.#most = most;
    this.#halfMs = halfMs;
  }

  /** Throws away what a crash left half written. */
  async start(): Promise<void> {
    await rm(this.#incomingFolder, { recursive: true, force: true });
    await mkdir(this.#incomingFolder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#folder)) {
      if (!BlobDigest.safeParse(name).success) continue;
      const { size, mtimeMs } = await stat(join(this.#folder, name));
      this.#kept.set(name, { size, usedAt: mtimeMs, users: 0 });
    }
  }

  /** Takes one from control. Refuses by throwing (`host_full`); what it gives back serves the pipe to its end. */
  async receive(service: BlobService): Promise<(pipe: Pipe) => Promise<void>> {
    const known = this.#kept.get(service.sha256);
    if (known && known.size !== service.size) throw new PhonerackError("digest_wrong", service.sha256);
    if (!known && !this.#coming.has(service.sha256)) await this.#makeRoom(service.size);
    return (pipe) => this.#serve(pipe, service);
  }

  /** Its path on this host; fails with `blob_not_found`. Used as long as `release` was not called. */
  async use(sha256: string): Promise<BlobInUse> {
    const kept = this.#kept.get(sha256);
    if (!kept) throw new PhonerackError("blob_not_found", "this host does not have it any more");
    this.#touch(sha256, kept);
    kept.users++;
    let released = false;
    const release = () => {
      if (!released) kept.users--;
      released = true;
    };
    return { path: join(this.#folder, sha256), size: kept.size, release };
  }

  /** Nothing half sent is left. */
  async stop(): Promise<void> {
    for (const incoming of this.#coming.values()) await incoming.discard();
  }

  get #incomingFolder(): string {
    return join(this.#folder, "incoming");
  }

  async #serve(pipe: Pipe, service: BlobService): Promise<void> {
    const { sha256, size } = service;
    // Somebody else sends it at this moment: it is waited for, and gone on with should they fail.
    for (let other = this.#coming.get(sha256); other?.busy; other = this.#coming.get(sha256))
      await Promise.race([other.idle(), pipe.over]).then(() => requireOpen(pipe));
    const kept = this.#kept.get(sha256);
    if (kept) {
      this.#touch(sha256, kept);
      return pipe.tell({ type: "have", bytes: size, whole: true });
    }
    const incoming = this.#coming.get(sha256) ?? this.#begin(service);
    await incoming.take(pipe);
    pipe.tell({ type: "have", bytes: size, whole: true });
  }

  #begin({ sha256, size }: BlobService): Incoming {
    const incoming = new Incoming({
      sha256,
      size,
      part: join(this.#incomingFolder, sha256),
      path: join(this.#folder, sha256),
      halfMs: this.#halfMs,
      onWhole: () => {
        this.#kept.set(sha256, { size, usedAt: Date.now(), users: 0 });
        this.#coming.delete(sha256);
      },
      onGone: () => this.#coming.delete(sha256),
    });
    this.#coming.set(sha256, incoming);
    return incoming;
  }

  #touch(sha256: string, kept: Kept): void {
    kept.usedAt = Date.now();
    const now = new Date(kept.usedAt);
    // For the next start only.
    utimes(join(this.#folder, sha256), now, now).catch(() => undefined);
  }

  /** Fails with `host_full`, having removed nothing that would not have helped. */
  async #makeRoom(size: number): Promise<void> {
    const idle = [...this.#kept].filter(([, { users }]) => users === 0).sort(([, a], [, b]) => a.usedAt - b.usedAt);
    const idleBytes = idle.reduce((sum, [, kept]) => sum + kept.size, 0);
    const free = await this.#free();
    if (this.#bytes - idleBytes + size > this.#most || free + idleBytes < size)
      throw new PhonerackError("host_full", `${size} bytes are wanted`);
    let missing = Math.max(this.#bytes + size - this.#most, size - free);
    for (const [sha256, kept] of idle) {
      if (missing <= 0) return;
      missing -= kept.size;
      this.#kept.delete(sha256);
      await rm(join(this.#folder, sha256), { force: true });
    }
  }

  /** Kept and promised. */
  get #bytes(): number {
    const kept = [...this.#kept.values()].reduce((sum, { size }) => sum + size, 0);
    return [...this.#coming.values()].reduce((sum, { size }) => sum + size, kept);
  }

  async #free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize - SPARE;
  }
}

function requireOpen(pipe: Pipe): void {
  if (pipe.ended) throw new PhonerackError("pipe_broken");
}
