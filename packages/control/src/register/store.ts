/** The SQL of the register: records, IMEIs, warnings that were given, and which schemes the lab asks for. */
import { randomBytes } from "node:crypto";
import { RegisterEntry, RegisterSchemes } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { asc, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "../database/database.js";
import { evidence, labFacts, registerImeis, registerRecords } from "../database/law-schema.js";
import { type DeviceRecord, evidenceOf, type Records, StoredRecord } from "./records.js";

/** The register is changed by one at a time, on whatever replica: any number that nothing else of ours locks. */
const REGISTER_LOCK = 7_216_013;
const SCHEMES = "schemes";
const ROWS_AT_ONCE = 2_000;

export interface RecordChange {
  readonly device: string;
  /** Null: it goes. */
  readonly next: Pick<DeviceRecord, "record" | "imeis"> | null;
}

export interface Author {
  readonly at: number;
  readonly by: string;
}

/** Of a licence's end, by scheme: which day that was, and which warnings were given (days before). */
export const Warned = z.record(z.string(), z.object({ expires: z.string(), given: z.array(z.int()) }));
export type Warned = z.infer<typeof Warned>;

export class RegisterStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async read(): Promise<Records> {
    return readRecords(await this.#db);
  }

  /** Gives `make` the records and the ids of all evidence as they are, and writes what it wants changed: all of it or, when it throws, nothing. */
  async change(
    author: Author,
    make: (records: Records, evidence: ReadonlySet<string>) => readonly RecordChange[],
  ): Promise<Records> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${REGISTER_LOCK})`);
      const ids = await tx.select({ id: evidence.id }).from(evidence);
      const changes = make(await readRecords(tx), new Set(ids.map(({ id }) => id)));
      for (let at = 0; at < changes.length; at += ROWS_AT_ONCE) {
        const part = changes.slice(at, at + ROWS_AT_ONCE);
        // All of them first: two devices may exchange theirs.
        await tx.delete(registerImeis).where(
          inArray(
            registerImeis.deviceId,
            part.map(({ device }) => device),
          ),
        );
      }
      for (let at = 0; at < changes.length; at += ROWS_AT_ONCE)
        await writeRecords(tx, changes.slice(at, at + ROWS_AT_ONCE), author);
      return readRecords(tx);
    });
  }

  /** Undefined: there is none. `in-use`: a record rests on it; asked under the lock, since another control may be about to write one. */
  async dropEvidence(id: string): Promise<{ readonly subject: string; readonly sha256: string } | "in-use" | undefined> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${REGISTER_LOCK})`);
      if ([...(await readRecords(tx)).values()].some((record) => evidenceOf(record).includes(id))) return "in-use";
      const { subject, sha256 } = evidence;
      const [gone] = await tx.delete(evidence).where(eq(evidence.id, id)).returning({ subject, sha256 });
      return gone;
    });
  }

  async warned(): Promise<Map<string, Warned>> {
    const rows = await (await this.#db)
      .select({ id: registerRecords.deviceId, warned: registerRecords.warned })
      .from(registerRecords);
    return new Map(rows.map(({ id, warned }) => [id, Warned.catch({}).parse(warned)]));
  }

  /** @returns whether nobody else was quicker: who was not says nothing. */
  async warn(device: string, before: Warned, after: Warned): Promise<boolean> {
    const done = await (await this.#db)
      .update(registerRecords)
      .set({ warned: after })
      .where(sql`${registerRecords.deviceId} = ${device} and ${registerRecords.warned} = ${JSON.stringify(before)}::jsonb`)
      .returning({ id: registerRecords.deviceId });
    return done.length > 0;
  }

  async schemes(): Promise<RegisterSchemes> {
    const [found] = await (await this.#db).select({ value: labFacts.value }).from(labFacts).where(eq(labFacts.key, SCHEMES));
    return RegisterSchemes.parse(found?.value ?? {});
  }

  async putSchemes(value: RegisterSchemes, { at, by }: Author): Promise<void> {
    const row = { value, at: new Date(at), by };
    await (await this.#db)
      .insert(labFacts)
      .values({ key: SCHEMES, ...row })
      .onConflictDoUpdate({ target: labFacts.key, set: row });
  }
}

/** In the log stands a digest of it alone; without the salt, whoever guesses would find the IMEI that fits. */
const StoredRow = StoredRecord.extend({ imeis: RegisterEntry.shape.imeis, salt: z.string() });

async function readRecords(db: Pick<Db, "select">): Promise<Records> {
  const rows = await db.select().from(registerRecords).orderBy(asc(registerRecords.deviceId));
  return new Map(
    rows.flatMap(({ deviceId, record: stored, at, by }) => {
      // What cannot be read is no record: its device is isolated where one is asked for.
      const parsed = StoredRow.safeParse(stored);
      if (!parsed.success) return [];
      const { salt: _salt, imeis, ...record } = parsed.data;
      return [[deviceId, { record, imeis, at: at.getTime(), by }] as const];
    }),
  );
}

async function writeRecords(
  db: Pick<Db, "insert" | "delete">,
  changes: readonly RecordChange[],
  { at, by }: Author,
): Promise<void> {
  const gone = changes.flatMap(({ device, next }) => (next ? [] : [device]));
  if (gone.length > 0) await db.delete(registerRecords).where(inArray(registerRecords.deviceId, gone));
  const kept = changes.flatMap(({ device, next }) => (next ? [{ device, ...next }] : []));
  if (kept.length === 0) return;
  await db
    .insert(registerRecords)
    .values(
      kept.map(({ device, record, imeis }) => {
        const salt = randomBytes(16).toString("hex");
        return { deviceId: device, record: { ...record, imeis, salt }, at: new Date(at), by };
      }),
    )
    .onConflictDoUpdate({
      target: registerRecords.deviceId,
      set: { record: sql`excluded.record`, at: sql`excluded.at`, by: sql`excluded.by` },
    });
  const imeis = kept.flatMap(({ device, imeis: own }) => own.map((imei) => ({ imei, deviceId: device })));
  if (imeis.length === 0) return;
  const written = await db.insert(registerImeis).values(imeis).onConflictDoNothing().returning({ imei: registerImeis.imei });
  if (written.length === imeis.length) return;
  const taken =
    imeis.find(({ imei }) => !written.some((row) => row.imei === imei)) ??
    imeis.find(({ imei }, n) => imeis.findIndex((other) => other.imei === imei) !== n);
  throw new PhonerackError("imei_taken", taken?.imei);
}
