/**
 * What is kept of leases: a row for each artifact, its bytes in the object store under `artifacts/<id>`. The row is written first and removed last, so that no
 * bytes lie in the store that no row knows. Who records what is others' business, and so is when it ends (`retention.ts`).
 */
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Artifact, type ArtifactKind, UPLOAD_MAX_BYTES } from "@phonerack/contract/api";
import { type Device, PhonerackError } from "@phonerack/contract/bus";
import type { RecordEvent } from "../events/events.js";
import { newId } from "../ids.js";
import type { Onlooker } from "../leases/visibility.js";
import type { ObjectStore } from "../storage/object-store.js";
import type { Retentions } from "./retention.js";
import { type ArtifactQuery, type ArtifactRow, type ArtifactStore, artifactOf } from "./store.js";

/** What a stream leaves free, and how often that is looked at. */
const SPARE_BYTES = 1024 * 1024 * 1024;
const LOOK_BYTES = 32 * 1024 * 1024;

/** Of which lease and device something is kept; taken when it begins, since the device may be another's when it ends. */
export interface ArtifactOrigin {
  readonly tenant: string;
  readonly lease: string;
  readonly deviceId: string;
  readonly deviceName: string;
  /** Who made it, as events name them. */
  readonly actor: string;
  readonly actorName: string;
}

export interface NewArtifact {
  readonly kind: ArtifactKind;
  /** As a file is called; characters that file systems refuse are replaced. */
  readonly name: string;
  /** E.g. `image/png`. */
  readonly type: string;
  readonly ms?: number;
}

/** Bytes in memory, or a file of this machine, which is moved away. */
export type ArtifactContent = Uint8Array | { readonly path: string };

export interface ArtifactsParts {
  readonly store: ArtifactStore;
  readonly objects: ObjectStore;
  readonly retentions: Retentions;
  readonly dataDir: string;
  readonly replica: string;
  readonly record: RecordEvent;
  readonly now?: () => number;
}

export class Artifacts {
  readonly #parts: ArtifactsParts;
  readonly #incoming: string;
  readonly #now: () => number;

  constructor(parts: ArtifactsParts) {
    this.#parts = parts;
    this.#incoming = join(parts.dataDir, "artifacts");
    this.#now = parts.now ?? Date.now;
  }

  /** Throws away what a crash left on its way into the store. */
  async start(): Promise<void> {
    await rm(this.#incoming, { recursive: true, force: true });
  }

  /** Fails with `storage_full` or `storage_unreachable`; then nothing is kept. */
  async add(origin: ArtifactOrigin, artifact: NewArtifact, content: ArtifactContent): Promise<Artifact> {
    const inMemory = content instanceof Uint8Array;
    const path = inMemory ? await this.#written((at) => writeFile(at, content, { mode: 0o600, flag: "wx" })) : content.path;
    try {
      const { id } = await this.begin(origin, artifact);
      try {
        return await this.finish(id, { path, state: "kept" });
      } catch (error) {
        await this.drop(id).catch(() => undefined);
        throw error;
      }
    } finally {
      await rm(path, { force: true });
    }
  }

  /** As `add`; fails too with what the stream breaks with, and as soon as it is more than the organisation has room for, with `storage_full`. */
  async addStream(origin: ArtifactOrigin, artifact: NewArtifact, bytes: Readable): Promise<Artifact> {
    try {
      const room = await this.#parts.retentions.mostOf(origin.tenant);
      const path = await this.#written((at) =>
        pipeline(bytes, upTo(room), this.#unlessFull(), createWriteStream(at, { mode: 0o600, flags: "wx" })),
      );
      return await this.add(origin, artifact, { path });
    } finally {
      // Where nobody began to read it, whoever sends it waits.
      bytes.destroy();
    }
  }

  /** One whose bytes come later: `finish` or `drop` it. */
  async begin(origin: ArtifactOrigin, { kind, name, type, ms }: NewArtifact): Promise<Artifact> {
    const { store, retentions, replica } = this.#parts;
    const now = this.#now();
    const { actor: createdBy, actorName: createdByName, lease: leaseId, ...where } = origin;
    const row: ArtifactRow = {
      ...where,
      id: newId("r"),
      leaseId,
      kind,
      name: fileName(name),
      type,
      size: 0,
      ms: ms ?? null,
      state: "writing",
      replica,
      createdAt: new Date(now),
      createdBy,
      createdByName,
      expiresAt: await retentions.expiryOf(origin.tenant, now),
    };
    await store.insert(row);
    return artifactOf(row);
  }

  /** Its bytes are whole now: this file, which is moved into the store. When it fails it is as before: to be tried again or dropped. */
  async finish(id: string, { path, state, ms }: { path: string; state: "kept" | "cut"; ms?: number }): Promise<Artifact> {
    const { store, objects, retentions, record } = this.#parts;
    const row = await store.get(id);
    if (!row) throw new PhonerackError("artifact_not_found", id);
    const { size } = await stat(path);
    await retentions.makeRoom(row.tenant, size);
    await objects.put(keyOf(id), path);
    const kept = await store.update(id, { size, state, replica: null, ...(ms === undefined ? {} : { ms }) });
    if (!kept) throw new PhonerackError("artifact_not_found", id);
    const { tenant, createdBy: actor, deviceId: subject, name, kind } = kept;
    record({ kind: "artifact.kept", tenant, actor, subject, detail: { artifact: id, name, type: kind, size } });
    return artifactOf(kept);
  }

  /** It grows. */
  async progress(id: string, { size, ms }: { size: number; ms: number }): Promise<void> {
    await this.#parts.store.update(id, { size, ms });
  }

  /** Of this name and still unfinished, whoever began it. */
  async unfinished(id: string): Promise<boolean> {
    return (await this.#parts.store.get(id))?.state === "writing";
  }

  /** Bytes first: a crash in between leaves a row that is removed later, never bytes without one. */
  async drop(id: string): Promise<void> {
    await this.#parts.objects.remove(keyOf(id));
    await this.#parts.store.remove(id);
  }

  /** Their own organisation's; everybody's for those who run the lab. `bytes`: all that they may see takes together. */
  async list(who: Onlooker, query: Omit<ArtifactQuery, "tenant">): Promise<{ items: Artifact[]; bytes: number }> {
    const { store } = this.#parts;
    const tenant = who.lab ? undefined : (who.tenant ?? "");
    const [rows, bytes] = await Promise.all([store.list({ ...query, tenant }), store.bytes(tenant)]);
    return { items: rows.map(artifactOf), bytes };
  }

  /** Fails with `artifact_not_found`, for another organisation's too. */
  async get(who: Onlooker, id: string): Promise<Artifact> {
    const row = await this.#parts.store.get(id);
    const shown = row && (row.state !== "writing" || row.kind === "recording");
    if (!shown || !(who.lab || row.tenant === who.tenant)) throw new PhonerackError("artifact_not_found", id);
    return artifactOf(row);
  }

  /** Its bytes, or some of them; fails with `artifact_not_found` when they are gone. */
  async read(id: string, range?: { readonly start: number; readonly end: number }): Promise<Readable> {
    try {
      return await this.#parts.objects.get(keyOf(id), range);
    } catch (cause) {
      if (cause instanceof PhonerackError && cause.code === "not_found")
        throw new PhonerackError("artifact_not_found", id, { cause });
      throw cause;
    }
  }

  /** Fails with `artifact_not_found`, or `recording_running` for one that grows now. */
  async remove(who: Onlooker, id: string): Promise<{ id: string }> {
    const { tenant, state, deviceId, name, kind } = await this.get(who, id);
    if (state === "writing") throw new PhonerackError("recording_running", name);
    await this.drop(id);
    const detail = { artifact: id, name, type: kind };
    this.#parts.record({ kind: "artifact.removed", tenant, actor: who.actor, subject: deviceId, detail });
    return { id };
  }

  /** The database may lie on the same disk: it is not for one organisation to fill. */
  #unlessFull() {
    const folder = this.#incoming;
    return async function* (bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      let left = 0;
      for await (const piece of bytes) {
        left -= piece.length;
        if (left < 0) {
          const { bavail, bsize } = await statfs(folder);
          if (bavail * bsize < SPARE_BYTES) throw new PhonerackError("storage_full", "the lab's disk is nearly full");
          left = LOOK_BYTES;
        }
        yield piece;
      }
    };
  }

  /** Where it was written to; fails with `storage_full`, and leaves nothing then. */
  async #written(write: (path: string) => Promise<void>): Promise<string> {
    const path = join(this.#incoming, randomBytes(12).toString("hex"));
    try {
      await mkdir(this.#incoming, { recursive: true, mode: 0o700 });
      await write(path);
      return path;
    } catch (cause) {
      await rm(path, { force: true });
      const { code } = cause as NodeJS.ErrnoException;
      if (code === "ENOSPC" || code === "EDQUOT") throw new PhonerackError("storage_full", "the lab's disk is full", { cause });
      throw cause;
    }
  }
}

/** Fails with `lease_required` where nobody holds it. Without an actor its holder made it. */
export function originOf(device: Device, by?: { readonly actor: string; readonly name: string }): ArtifactOrigin {
  const { holder } = device;
  if (!holder) throw new PhonerackError("lease_required", device.name);
  return {
    tenant: holder.tenant,
    lease: holder.lease,
    deviceId: device.id,
    deviceName: device.name,
    actor: by?.actor ?? holder.actor,
    actorName: by?.name ?? holder.actorName,
  };
}

/** Lets as many bytes through as an organisation has room for (null: no limit), and a file may have. */
function upTo(room: number | null) {
  return async function* (bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const piece of bytes) {
      size += piece.length;
      if (room !== null && size > room) throw new PhonerackError("storage_full", `it is more than ${room} bytes`);
      if (size > UPLOAD_MAX_BYTES) throw new PhonerackError("too_large", `more than ${UPLOAD_MAX_BYTES} bytes`);
      yield piece;
    }
  };
}

export function keyOf(id: string): string {
  return `artifacts/${id}`;
}

/** In any script, on any file system, at most 200 characters; its ending stays. */
function fileName(name: string): string {
  const clean = name.replaceAll(/[\p{Cc}\p{Cf}/\\:*?"<>|]/gu, "-").trim() || "artifact";
  if (clean.length <= 200) return clean;
  const ending = /\.[a-z0-9]{1,8}$/i.exec(clean)?.[0] ?? "";
  return clean.slice(0, 200 - ending.length) + ending;
}
