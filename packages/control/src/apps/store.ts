/** The SQL of apps, nonces, permits and what agents are told of them. What changes grounds raises their version in the same transaction. */
import { type App, type Grounds, type Ownership, type Permit, PhonerackError } from "@phonerack/contract/bus";
import { reachOf } from "@phonerack/policy";
import { and, count, desc, eq, gt, lte, type SQL, sql } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { apps, groundsVersions, nonces, permits } from "../database/schema.js";
import { builds } from "../database/work-schema.js";

export type AppRow = typeof apps.$inferSelect;

/** Fits a message of the bus, whatever the packages are called. */
const MOST_OWNED = 2_000;
/** Of an organisation, by package and signer: each is a leaf and a mark of the watching. */
const MOST_APPS = 500;
const MOST_PERMITS = 1_000;

type Tx = Parameters<Parameters<Db["transaction"]>[0]>[0];

export class AppStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  /** Newest first; undefined tenant: of all. */
  async list(query: { tenant: string | undefined; package?: string | undefined; limit: number }): Promise<AppRow[]> {
    const wanted: SQL[] = [];
    if (query.tenant !== undefined) wanted.push(eq(apps.tenant, query.tenant));
    if (query.package !== undefined) wanted.push(eq(apps.package, query.package));
    const db = await this.#db;
    return db
      .select()
      .from(apps)
      .where(and(...wanted))
      .orderBy(desc(apps.uploadedAt), apps.id)
      .limit(query.limit);
  }

  async get(id: string): Promise<AppRow | undefined> {
    const db = await this.#db;
    return (await db.select().from(apps).where(eq(apps.id, id)))[0];
  }

  /** Packages that it owns, of one signer. */
  async ownedBy(tenant: string, signer: string): Promise<ReadonlySet<string>> {
    const db = await this.#db;
    const isOwned = sql`jsonb_typeof(${apps.ownership}) = 'object'`;
    const found = await db
      .select({ package: apps.package })
      .from(apps)
      .where(and(eq(apps.tenant, tenant), eq(apps.signer, signer), isOwned));
    return new Set(found.map((one) => one.package));
  }

  /**
   * A new app, or another version of one: the newest version's words count, what stands against any version stays. Ownership ends (`fell`) when something
   * new stands against it. `own`: what nothing stands against any more.
   */
  async put(row: AppRow, own: ReadonlySet<string>): Promise<{ row: AppRow; fell: Ownership | null }> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      await tx.insert(apps).values(row).onConflictDoNothing();
      const [many] = await tx.select({ count: count() }).from(apps).where(eq(apps.tenant, row.tenant));
      if ((many?.count ?? 0) > MOST_APPS)
        throw new PhonerackError("too_many", `${MOST_APPS} apps of your organisation; remove some`);
      const same = and(eq(apps.tenant, row.tenant), eq(apps.package, row.package), eq(apps.signer, row.signer));
      const [known] = await tx.select().from(apps).where(same).for("update");
      if (!known || known.id === row.id) return { row, fell: null };
      const before = known.obstacles.filter(({ target }) => target === undefined || !own.has(target));
      const reaches = new Set(before.map(reachOf));
      const added = row.obstacles.filter((one) => !reaches.has(reachOf(one)));
      const fell = added.length > 0 ? known.ownership : null;
      const newest = row.versionCode >= known.versionCode ? row : known;
      const merged = {
        ...newest,
        id: known.id,
        obstacles: [...before, ...added],
        ownership: fell ? null : known.ownership,
        uploadedAt: row.uploadedAt,
        uploadedBy: row.uploadedBy,
      };
      await tx.update(apps).set(merged).where(eq(apps.id, known.id));
      if (fell) await raise(tx, row.tenant);
      return { row: merged, fell };
    });
  }

  /** Undefined when it is gone meanwhile. */
  async own(id: string, ownership: Ownership | null): Promise<AppRow | undefined> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      const [row] = await tx.update(apps).set({ ownership }).where(eq(apps.id, id)).returning();
      if (row) await raise(tx, row.tenant);
      return row;
    });
  }

  async remove(id: string): Promise<AppRow | undefined> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      const [row] = await tx.delete(apps).where(eq(apps.id, id)).returning();
      await tx.delete(nonces).where(eq(nonces.appId, id));
      await tx.delete(builds).where(eq(builds.appId, id));
      if (row) await raise(tx, row.tenant);
      return row;
    });
  }

  /** Forgets those that have expired, too. */
  async addNonce(nonce: { hash: string; appId: string; expiresAt: Date }): Promise<void> {
    const db = await this.#db;
    await db.delete(nonces).where(lte(nonces.expiresAt, new Date()));
    await db.insert(nonces).values(nonce);
  }

  /** Its expiry, once: whoever comes second gets undefined. */
  async takeNonce(hash: string, appId: string): Promise<Date | undefined> {
    const db = await this.#db;
    const which = and(eq(nonces.hash, hash), eq(nonces.appId, appId), gt(nonces.expiresAt, new Date()));
    return (await db.delete(nonces).where(which).returning())[0]?.expiresAt;
  }

  /** That have not expired, soonest first; undefined tenant: of all. */
  async permits(tenant: string | undefined): Promise<Permit[]> {
    const db = await this.#db;
    const wanted = [gt(permits.until, new Date()), ...(tenant === undefined ? [] : [eq(permits.tenant, tenant)])];
    const found = await db
      .select()
      .from(permits)
      .where(and(...wanted))
      .orderBy(permits.until)
      .limit(MOST_PERMITS);
    return found.map((row) => ({ ...row, until: row.until.getTime(), at: row.at.getTime() }));
  }

  async addPermit(permit: Permit): Promise<void> {
    const db = await this.#db;
    await db.transaction(async (tx) => {
      await tx.insert(permits).values({ ...permit, until: new Date(permit.until), at: new Date(permit.at) });
      await raise(tx, permit.tenant);
    });
  }

  async removePermit(id: string): Promise<{ tenant: string; package: string } | undefined> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      const [row] = await tx.delete(permits).where(eq(permits.id, id)).returning();
      if (row) await raise(tx, row.tenant);
      return row;
    });
  }

  /** The version is read first: what changes meanwhile is told again, with a higher one. */
  async grounds(tenant: string): Promise<Grounds> {
    const db = await this.#db;
    const [known] = await db.select().from(groundsVersions).where(eq(groundsVersions.tenant, tenant));
    const owned = await db
      .select({ id: apps.id, package: apps.package, signer: apps.signer, obstacles: apps.obstacles, ownership: apps.ownership })
      .from(apps)
      .where(and(eq(apps.tenant, tenant), sql`jsonb_typeof(${apps.ownership}) = 'object'`))
      .orderBy(desc(apps.uploadedAt))
      .limit(MOST_OWNED);
    const permitted = (await this.permits(tenant)).map(({ id, package: name, devices, until }) => ({
      id,
      package: name,
      devices,
      until,
    }));
    return { tenant, version: known?.version ?? 1, owned: owned.map(groundOf), permits: permitted };
  }
}

/** What reaches beyond it was seen by who approved it: what came later ended the ownership (`put`). */
function groundOf({
  id,
  package: name,
  signer,
  obstacles,
  ownership,
}: Pick<AppRow, "id" | "package" | "signer" | "obstacles" | "ownership">) {
  const approved = ownership?.how === "approved" ? obstacles.map(reachOf) : [];
  return { id, package: name, signer, ...(approved.length > 0 && { approved: approved.slice(0, 100) }) };
}

/** Agents that have an older version are told anew. In the transaction of what changed. */
export async function raise(tx: Pick<Tx, "insert">, tenant: string): Promise<void> {
  await tx
    .insert(groundsVersions)
    .values({ tenant, version: 2 })
    .onConflictDoUpdate({ target: groundsVersions.tenant, set: { version: sql`${groundsVersions.version} + 1` } });
}

/** As the API shows it; `more` stands against it beside what its manifest does. */
export function appOf(row: AppRow, more: App["obstacles"]): App {
  const { certificate: _certificate, icon, uploadedAt, obstacles, ...rest } = row;
  return { ...rest, hasIcon: icon !== null, uploadedAt: uploadedAt.getTime(), obstacles: [...more, ...obstacles] };
}
