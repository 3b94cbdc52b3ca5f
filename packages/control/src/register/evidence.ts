/** Photos and PDFs of licences: what they are is read from their bytes, never from their name; their digest is compared whenever they are read. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { EVIDENCE_MAX_BYTES, type Evidence, EvidenceType } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { asc, count, eq } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { evidence } from "../database/law-schema.js";
import type { RecordEvent } from "../events/events.js";
import { newId } from "../ids.js";
import type { ObjectStore } from "../storage/object-store.js";
import type { FormFile } from "./multipart.js";
import type { Operator } from "./register.js";
import type { RegisterStore } from "./store.js";

const MOST_OF_ONE = 100;
const LONGEST_NAME = 120;

export interface EvidenceParts {
  readonly db: Promise<Db>;
  readonly objects: ObjectStore;
  readonly dataDir: string;
  readonly record: RecordEvent;
  readonly knows: (deviceId: string) => boolean;
  readonly store: Pick<RegisterStore, "dropEvidence">;
  readonly now?: () => number;
}

export class EvidenceShelf {
  readonly #parts: EvidenceParts;
  readonly #now: () => number;

  constructor(parts: EvidenceParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  /** Fails with `device_not_found`, `evidence_invalid`, `too_large`, `too_many` or what the store says. */
  async add({ actor }: Operator, device: string, { name, bytes }: FormFile): Promise<Evidence> {
    if (!this.#parts.knows(device)) throw new PhonerackError("device_not_found", device);
    if (bytes.length > EVIDENCE_MAX_BYTES) throw new PhonerackError("too_large", "a document has at most 10 MiB");
    const type = typeOf(bytes);
    if (!type) throw new PhonerackError("evidence_invalid");
    const db = await this.#parts.db;
    const [had] = await db
      .select({ count: count() })
      .from(evidence)
      .where(eq(evidence.subject, subjectOf(device)));
    if ((had?.count ?? 0) >= MOST_OF_ONE)
      throw new PhonerackError("too_many", `this device has ${MOST_OF_ONE} documents already`);
    const id = newId("e");
    const row = {
      id,
      subject: subjectOf(device),
      name: tidyName(name),
      type,
      size: bytes.length,
      sha256: digestOf(bytes),
      at: new Date(this.#now()),
      by: actor,
    };
    await this.#store(id, bytes);
    try {
      await db.insert(evidence).values(row);
    } catch (error) {
      await this.#parts.objects.remove(keyOf(id)).catch(() => undefined);
      throw error;
    }
    const { sha256, size } = row;
    this.#parts.record({ kind: "register.evidence", actor, tenant: null, subject: device, detail: { id, sha256, size, type } });
    return shown(row);
  }

  async of(device: string): Promise<Evidence[]> {
    const rows = await (await this.#parts.db)
      .select()
      .from(evidence)
      .where(eq(evidence.subject, subjectOf(device)))
      .orderBy(asc(evidence.at));
    return rows.map(shown);
  }

  /** Fails with `evidence_not_found`, or `evidence_damaged` when its bytes are not those that were uploaded. */
  async read(id: string): Promise<{ evidence: Evidence; bytes: Buffer }> {
    const [row] = await (await this.#parts.db).select().from(evidence).where(eq(evidence.id, id));
    if (!row?.subject.startsWith("device:")) throw new PhonerackError("evidence_not_found", id);
    if ((await this.#parts.objects.size(keyOf(id))) !== row.size) throw new PhonerackError("evidence_damaged", id);
    const bytes = await buffer(await this.#parts.objects.get(keyOf(id)));
    if (digestOf(bytes) !== row.sha256) throw new PhonerackError("evidence_damaged", id);
    return { evidence: shown(row), bytes };
  }

  /** Fails with `evidence_not_found` or `evidence_in_use`. */
  async remove({ actor }: Operator, id: string): Promise<{ id: string }> {
    const row = await this.#parts.store.dropEvidence(id);
    if (row === "in-use") throw new PhonerackError("evidence_in_use", id);
    if (!row) throw new PhonerackError("evidence_not_found", id);
    await this.#parts.objects.remove(keyOf(id));
    const detail = { id, sha256: row.sha256 };
    this.#parts.record({ kind: "register.evidence-removed", actor, tenant: null, subject: deviceOf(row.subject), detail });
    return { id };
  }

  async #store(id: string, bytes: Buffer): Promise<void> {
    const folder = join(this.#parts.dataDir, "evidence-drafts");
    const path = join(folder, randomBytes(12).toString("hex"));
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(path, bytes, { mode: 0o600, flag: "wx" });
      await this.#parts.objects.put(keyOf(id), path);
    } catch (cause) {
      if (cause instanceof PhonerackError) throw cause;
      throw new PhonerackError("data_unwritable", `evidence: ${(cause as Error).message}`, { cause });
    } finally {
      await rm(path, { force: true });
    }
  }
}

/** By its first bytes. */
export function typeOf(bytes: Buffer): EvidenceType | undefined {
  const head = bytes.subarray(0, 12).toString("latin1");
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("RIFF") && head.slice(8) === "WEBP") return "image/webp";
  return head.startsWith("%PDF-") ? "application/pdf" : undefined;
}

/** Without folders, and without characters that cannot be seen or turn others around. */
function tidyName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const tidy = Array.from(last.replaceAll(/\p{C}/gu, "").trim()).slice(0, LONGEST_NAME).join("");
  return tidy === "" || /^\.+$/.test(tidy) ? "document" : tidy;
}

function shown({ id, subject, type, at, ...rest }: typeof evidence.$inferSelect): Evidence {
  return { ...rest, id, device: deviceOf(subject), type: EvidenceType.parse(type), at: at.getTime() };
}

function subjectOf(device: string): string {
  return `device:${device}`;
}

function deviceOf(subject: string): string {
  return subject.replace(/^device:/, "");
}

function keyOf(id: string): string {
  return `evidence/${id}`;
}

function digestOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
