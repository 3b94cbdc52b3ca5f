/** The SQL of log-ins: who a session or key belongs to, one-time codes, and what the first start makes. Rules are others'. */
import { LAB_TENANT } from "@phonerack/contract/bus";
import { and, eq, gt, inArray, isNull, lt, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { apiKeys, authSessions, members, organizations, settings, users } from "../database/auth-schema.js";
import type { Db } from "../database/database.js";
import { loginCodes } from "../database/schema.js";

/** The account that the lab begins with; whoever has the machine comes in as it. */
export const FIRST_OWNER = "owner";

/** A log-in or key with its person, and what they are in the organisation it acts for and in the lab's. */
export interface LogInRow {
  readonly id: string;
  readonly userId: string;
  readonly userName: string;
  readonly expiresAt: Date | null;
  readonly tenant: string | null;
  readonly tenantName: string | null;
  readonly role: string | null;
  readonly labRole: string | null;
}

export interface KeyRow extends LogInRow {
  readonly name: string | null;
  /** JSON, `KeyGrant`. */
  readonly grant: string | null;
}

const labMember = alias(members, "lab_member");

export class AccessStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  /** The value under this name: the one given, unless somebody set one before. */
  async setting(key: string, first: string): Promise<string> {
    const db = await this.#db;
    await db.insert(settings).values({ key, value: first }).onConflictDoNothing();
    const [row] = await db.select().from(settings).where(eq(settings.key, key));
    return row?.value ?? first;
  }

  /** The lab's own organisation and its first owner; each start makes sure of both, so that the machine's owner cannot be locked out. */
  async makeLab(email: string): Promise<void> {
    const db = await this.#db;
    const now = new Date();
    await db
      .insert(organizations)
      .values({ id: LAB_TENANT, name: "Lab", slug: LAB_TENANT, createdAt: now })
      .onConflictDoNothing();
    await db.insert(users).values({ id: FIRST_OWNER, name: "Owner", email }).onConflictDoNothing();
    await db
      .insert(members)
      .values({ id: FIRST_OWNER, organizationId: LAB_TENANT, userId: FIRST_OWNER, role: "owner", createdAt: now })
      // By any of its keys: of two controls that start together both get here.
      .onConflictDoNothing();
    await db
      .update(members)
      .set({ role: "owner" })
      .where(and(eq(members.organizationId, LAB_TENANT), eq(members.userId, FIRST_OWNER)));
  }

  async sessionByToken(hash: string, now: Date): Promise<LogInRow | undefined> {
    const [row] = await this.#sessions(and(eq(authSessions.token, hash), gt(authSessions.expiresAt, now)));
    return row;
  }

  async sessionsById(ids: readonly string[], now: Date): Promise<LogInRow[]> {
    if (ids.length === 0) return [];
    return this.#sessions(and(inArray(authSessions.id, [...ids]), gt(authSessions.expiresAt, now)));
  }

  async #sessions(where: ReturnType<typeof and>): Promise<LogInRow[]> {
    const db = await this.#db;
    // Who has not chosen an organisation acts for the one that they joined first.
    const first = sql`(SELECT m.organization_id FROM ${members} m WHERE m.user_id = ${users.id} ORDER BY m.created_at, m.id LIMIT 1)`;
    const acting = sql`coalesce(${authSessions.activeOrganizationId}, ${first})`;
    const own = and(eq(members.userId, users.id), eq(members.organizationId, acting));
    return db
      .select({
        id: authSessions.id,
        userId: users.id,
        userName: users.name,
        expiresAt: authSessions.expiresAt,
        tenant: members.organizationId,
        tenantName: organizations.name,
        role: members.role,
        labRole: labMember.role,
      })
      .from(authSessions)
      .innerJoin(users, eq(users.id, authSessions.userId))
      .leftJoin(members, own)
      .leftJoin(organizations, eq(organizations.id, members.organizationId))
      .leftJoin(labMember, and(eq(labMember.userId, users.id), eq(labMember.organizationId, LAB_TENANT)))
      .where(where);
  }

  async keysById(ids: readonly string[], now: Date): Promise<KeyRow[]> {
    if (ids.length === 0) return [];
    const db = await this.#db;
    const own = and(
      eq(members.userId, apiKeys.referenceId),
      eq(members.organizationId, sql`(${apiKeys.metadata})::jsonb ->> 'tenant'`),
    );
    return db
      .select({
        id: apiKeys.id,
        name: apiKeys.name,
        grant: apiKeys.metadata,
        userId: users.id,
        userName: users.name,
        expiresAt: apiKeys.expiresAt,
        tenant: members.organizationId,
        tenantName: organizations.name,
        role: members.role,
        labRole: labMember.role,
      })
      .from(apiKeys)
      .innerJoin(users, eq(users.id, apiKeys.referenceId))
      .innerJoin(members, own)
      .innerJoin(organizations, eq(organizations.id, members.organizationId))
      .leftJoin(labMember, and(eq(labMember.userId, users.id), eq(labMember.organizationId, LAB_TENANT)))
      .where(
        and(inArray(apiKeys.id, [...ids]), eq(apiKeys.enabled, true), or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now))),
      );
  }

  async hasTenant(id: string): Promise<boolean> {
    const db = await this.#db;
    const found = await db.select({ id: organizations.id }).from(organizations).where(eq(organizations.id, id));
    return found.length > 0;
  }

  async userName(id: string): Promise<string | undefined> {
    const db = await this.#db;
    const [row] = await db.select({ name: users.name }).from(users).where(eq(users.id, id));
    return row?.name;
  }

  /** Whether there was one. */
  async endSession(id: string): Promise<boolean> {
    const db = await this.#db;
    const ended = await db.delete(authSessions).where(eq(authSessions.id, id)).returning({ id: authSessions.id });
    return ended.length > 0;
  }

  async forgetExpired(now: Date): Promise<void> {
    const db = await this.#db;
    await db.delete(authSessions).where(lt(authSessions.expiresAt, now));
  }

  async addCode(hash: string, expiresAt: Date, now: Date): Promise<void> {
    const db = await this.#db;
    await db.delete(loginCodes).where(lt(loginCodes.expiresAt, now));
    await db.insert(loginCodes).values({ hash, expiresAt });
  }

  /** Takes the code away: of two who bring it at the same time, one is told true. */
  async takeCode(hash: string, now: Date): Promise<boolean> {
    const db = await this.#db;
    const taken = await db
      .delete(loginCodes)
      .where(and(eq(loginCodes.hash, hash), gt(loginCodes.expiresAt, now)))
      .returning({ hash: loginCodes.hash });
    return taken.length > 0;
  }
}
