/**
 * Files on their way into the lab. The bytes lie in the data folder of the control that takes them until they are whole, hashed while they come, and can be gone on with for a
 * day; then they are the lab's (`blobs.ts`). One sender at a time: who comes later is the same client whose connection was lost.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type Upload, UploadId } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Caller, known, tenantOf } from "../access/caller.js";
import { newId } from "../ids.js";
import type { BlobFile, Blobs } from "./blobs.js";
import { Receipt } from "./receipt.js";
import type { BlobStore, UploadRow } from "./store.js";

const MOST_OPEN = 20;
/** Nobody has sent for so long: it gives way where no more may be begun. */
const GIVES_WAY_MS = 60 * 60_000;
/** A sender between two pieces is not gone. */
const BETWEEN_MS = 2_000;
const LEFT_MS = 24 * 3_600_000;
const SWEEP_MS = 10 * 60_000;
/** SHA-256 of nothing: an empty file has no bytes that could come. */
const EMPTY = createHash("sha256").digest("hex");

export interface UploadsParts {
  readonly store: BlobStore;
  readonly blobs: Pick<Blobs, "keep" | "sizeFor">;
  readonly dataDir: string;
  /** Fails with `storage_full`. */
  readonly requireRoom: (tenant: string, bytes: number) => Promise<void>;
  readonly now?: () => number;
}

type Asker = Caller | null;

export interface NewFile {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** In hex, when it is known. */
  readonly sha256?: string | undefined;
}

export class Uploads {
  readonly #parts: UploadsParts;
  readonly #folder: string;
  readonly #now: () => number;
  readonly #receipts = new Map<string, Receipt>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: UploadsParts) {
    this.#parts = parts;
    this.#folder = join(parts.dataDir, "incoming");
    this.#now = parts.now ?? Date.now;
  }

  /** Files that no upload is about any more go. */
  async start(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.sweep();
    for (const name of await readdir(this.#folder)) {
      const row = UploadId.safeParse(name).success ? await this.#parts.store.upload(name) : undefined;
      if (!row || row.whole) await rm(join(this.#folder, name), { force: true });
    }
    this.#timer = setInterval(() => void this.sweep().catch(() => undefined), SWEEP_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const receipt of this.#receipts.values()) await receipt.interrupt();
  }

  /** Where the same person has left off sending the same file, it goes on with that. Fails with `storage_full` or `too_many`. */
  async create(caller: Asker, file: NewFile): Promise<Upload> {
    const { store, blobs } = this.#parts;
    const tenant = tenantOf(caller);
    const here = file.sha256 !== undefined && (await blobs.sizeFor(tenant, file.sha256)) === file.size;
    if (!here) {
      const before = await this.#leftOff(caller, file);
      if (before) return viewOf(before);
      await this.#requireRoom(tenant, file.size);
    }
    const now = new Date(this.#now());
    const row: UploadRow = {
      id: newId("u"),
      tenant,
      actor: known(caller).actor,
      name: file.name,
      size: file.size,
      offset: here ? file.size : 0,
      sha256: file.sha256 ?? null,
      whole: here,
      createdAt: now,
      touchedAt: now,
    };
    await store.addUpload(row);
    return file.size === 0 && !here ? this.#finish(row, EMPTY) : viewOf(row);
  }

  async #leftOff(caller: Asker, { name, size, sha256 }: NewFile): Promise<UploadRow | undefined> {
    if (sha256 === undefined) return undefined;
    const file = { tenant: tenantOf(caller), actor: known(caller).actor, name, size, sha256 };
    for (const row of await this.#parts.store.leftOff(file)) {
      const receipt = this.#receipts.get(row.id);
      if (receipt?.busy || this.#now() - row.touchedAt.getTime() < BETWEEN_MS) continue;
      // Its bytes may lie with another control.
      const bytes = receipt?.offset ?? (await stat(this.#pathOf(row.id)).catch(() => undefined))?.size;
      if (bytes !== undefined) return { ...row, offset: Math.min(row.offset, bytes) };
    }
    return undefined;
  }

  async #requireRoom(tenant: string, bytes: number): Promise<void> {
    const { store, requireRoom } = this.#parts;
    let open = await store.open(tenant);
    if (open.count >= MOST_OPEN) {
      const idle = await store.untouched(tenant, new Date(this.#now() - GIVES_WAY_MS));
      const oldest = idle.find(({ id }) => !this.#receipts.get(id)?.busy);
      if (!oldest)
        throw new PhonerackError("too_many", `${MOST_OPEN} uploads of your organisation are not whole yet; end or remove one`);
      await this.#drop(oldest.id);
      open = await store.open(tenant);
    }
    await requireRoom(tenant, bytes + open.bytes);
  }

  /** Fails with `upload_not_found`, as everything here does for what is another organisation's. */
  async get(caller: Asker, id: string): Promise<Upload> {
    const row = await this.#require(caller, id);
    return viewOf({ ...row, offset: this.#receipts.get(id)?.offset ?? row.offset });
  }

  /**
   * Appends bytes. Fails with `upload_offset`, `storage_full`, `digest_wrong` (the upload is gone then), `too_large`, or `bad_request` when the sender went silent; what came until
   * then stays.
   */
  async send(caller: Asker, { id, offset }: { id: string; offset: number }, body: Readable): Promise<Upload> {
    const row = await this.#require(caller, id);
    if (row.whole) {
      if (offset !== row.size) throw new PhonerackError("upload_offset", `it is whole, of ${row.size} bytes`);
      return viewOf(row);
    }
    const receipt = this.#receiptOf(row);
    let digest: string | undefined;
    try {
      digest = await receipt.take(body, offset);
    } catch (error) {
      if (error instanceof PhonerackError && error.code === "storage_full") await this.#drop(id);
      else await this.#note(id, receipt.offset);
      throw error;
    }
    if (digest === undefined) return viewOf(await this.#note(id, receipt.offset));
    return this.#finish(row, digest).catch(async (error: unknown) => {
      if (error instanceof PhonerackError && error.code === "storage_full") await this.#drop(id);
      throw error;
    });
  }

  async remove(caller: Asker, id: string): Promise<void> {
    await this.#require(caller, id);
    await this.#drop(id);
  }

  /** Those that were left go, with their bytes. */
  async sweep(): Promise<void> {
    const gone = await this.#parts.store.removeUploads(new Date(this.#now() - LEFT_MS));
    for (const id of gone) await this.#dropFile(id);
  }

  async #finish(row: UploadRow, digest: string): Promise<Upload> {
    const { store, blobs } = this.#parts;
    if (row.sha256 !== null && row.sha256 !== digest) {
      await this.#drop(row.id);
      throw new PhonerackError("digest_wrong", `it is ${digest}`);
    }
    const file: BlobFile = { sha256: digest, size: row.size };
    if (row.size === 0) await Receipt.touch(this.#pathOf(row.id));
    await blobs.keep(row.tenant, this.#pathOf(row.id), file);
    const change = { offset: row.size, sha256: digest, whole: true, touchedAt: new Date(this.#now()) };
    const whole = await store.changeUpload(row.id, change);
    await this.#dropFile(row.id);
    return viewOf(whole ?? { ...row, ...change });
  }

  async #note(id: string, offset: number): Promise<UploadRow> {
    const row = await this.#parts.store.changeUpload(id, { offset, touchedAt: new Date(this.#now()) });
    if (!row) throw new PhonerackError("upload_not_found", id);
    return row;
  }

  #receiptOf(row: UploadRow): Receipt {
    const known = this.#receipts.get(row.id);
    if (known) return known;
    const receipt = new Receipt({ path: this.#pathOf(row.id), size: row.size, trusted: row.offset });
    this.#receipts.set(row.id, receipt);
    return receipt;
  }

  async #drop(id: string): Promise<void> {
    await this.#parts.store.removeUpload(id);
    await this.#dropFile(id);
  }

  async #dropFile(id: string): Promise<void> {
    const receipt = this.#receipts.get(id);
    this.#receipts.delete(id);
    await receipt?.interrupt();
    await rm(this.#pathOf(id), { force: true });
  }

  async #require(caller: Asker, id: string): Promise<UploadRow> {
    const { tenant } = known(caller);
    const row = await this.#parts.store.upload(id);
    if (!row || row.tenant !== tenant) throw new PhonerackError("upload_not_found", id);
    return row;
  }

  #pathOf(id: string): string {
    return join(this.#folder, id);
  }
}

function viewOf({ id, name, size, offset, sha256, whole }: UploadRow): Upload {
  return { id, name, size, offset, sha256: whole ? sha256 : null };
}
