/** The SQL of organisations, their members and invitations, and of somebody's own log-ins. Rules are others'. */
import { LAB_TENANT, type Role } from "@phonerack/contract/bus";
import { and, asc, count, desc, eq, gt, isNotNull, isNull, ne, or, sql } from "drizzle-orm";
import {
  apiKeys,
  authAccounts,
  authSessions,
  invitations,
  members,
  organizations,
  passkeys,
  users,
} from "../database/auth-schema.js";
import type { Db } from "../database/database.js";
import { quotas } from "../database/schema.js";

export type InvitationRow = typeof invitations.$inferSelect;
export type SessionRow = typeof authSessions.$inferSelect;

export interface MemberRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly since: Date;
  readonly twoFactor: boolean | null;
}

/** What becomes of a change to somebody's membership. */
export type Membership = "done" | "unknown" | "last-owner";

export class PeopleStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async person(id: string): Promise<{ id: string; name: string; email: string; twoFactor: boolean } | undefined> {
    const db = await this.#db;
    const [row] = await db.select().from(users).where(eq(users.id, id));
    return row && { id, name: row.name, email: row.email, twoFactor: row.twoFactorEnabled === true };
  }

  /** Whether they belong to the organisation that runs the lab. */
  async isOfLab(id: string): Promise<boolean> {
    const db = await this.#db;
    const own = and(eq(members.userId, id), eq(members.organizationId, LAB_TENANT));
    return (await db.select({ id: members.id }).from(members).where(own).limit(1)).length > 0;
  }

  /** That their address is theirs is known by more than their own word. */
  async vouch(id: string): Promise<void> {
    const db = await this.#db;
    await db.update(users).set({ emailVerified: true }).where(eq(users.id, id));
  }

  async personByEmail(email: string): Promise<string | undefined> {
    const db = await this.#db;
    const [row] = await db.select({ id: users.id }).from(users).where(eq(users.email, email));
    return row?.id;
  }

  async describePerson(id: string, change: { name: string; email: string }): Promise<void> {
    const db = await this.#db;
    await db
      .update(users)
      .set({ ...change, updatedAt: new Date() })
      .where(eq(users.id, id));
  }

  /** By what somebody can log in on their own. */
  async credentials(userId: string): Promise<{ password: boolean; passkeys: number }> {
    const db = await this.#db;
    const own = await db
      .select({ id: authAccounts.id })
      .from(authAccounts)
      .where(and(eq(authAccounts.userId, userId), isNotNull(authAccounts.password)));
    const [keys] = await db.select({ n: count() }).from(passkeys).where(eq(passkeys.userId, userId));
    return { password: own.length > 0, passkeys: keys?.n ?? 0 };
  }

  async memberships(userId: string): Promise<{ id: string; name: string; role: string }[]> {
    const db = await this.#db;
    return db
      .select({ id: organizations.id, name: organizations.name, role: members.role })
      .from(members)
      .innerJoin(organizations, eq(organizations.id, members.organizationId))
      .where(eq(members.userId, userId))
      .orderBy(asc(members.createdAt), asc(members.id));
  }

  async members(tenant: string, id?: string): Promise<MemberRow[]> {
    const db = await this.#db;
    return db
      .select({
        id: users.id,
        name: users.name,
        email: users.email,
        role: members.role,
        since: members.createdAt,
        twoFactor: users.twoFactorEnabled,
      })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .where(and(eq(members.organizationId, tenant), id === undefined ? undefined : eq(users.id, id)))
      .orderBy(asc(users.name), asc(users.id));
  }

  async addMember(tenant: string, userId: string, role: Role): Promise<void> {
    const db = await this.#db;
    const id = `${tenant}:${userId}`;
    const row = { id, organizationId: tenant, userId, role, createdAt: new Date() };
    await db.insert(members).values(row).onConflictDoNothing();
  }

  setRole(tenant: string, userId: string, role: Role): Promise<Membership> {
    return this.#changeMember({ tenant, userId, stays: role === "owner" }, async (db, own) => {
      await db.update(members).set({ role }).where(own);
    });
  }

  /** Also ends their log-ins that act for this organisation, and deletes their keys of it, each of which is told. */
  removeMember(tenant: string, userId: string, removed: (key: string) => void): Promise<Membership> {
    return this.#changeMember({ tenant, userId, stays: false }, async (db, member) => {
      await db.delete(members).where(member);
      const acting = or(eq(authSessions.activeOrganizationId, tenant), isNull(authSessions.activeOrganizationId));
      await db.delete(authSessions).where(and(eq(authSessions.userId, userId), acting));
      const own = and(eq(apiKeys.referenceId, userId), keyOf(tenant));
      for (const { id } of await db.delete(apiKeys).where(own).returning({ id: apiKeys.id })) removed(id);
    });
  }

  /** Of two owners who take each other's role at the same time, one comes second: the organisation's row is locked meanwhile. */
  async #changeMember(
    { tenant, userId, stays }: { tenant: string; userId: string; stays: boolean },
    change: (db: Db, own: ReturnType<typeof and>) => Promise<void>,
  ): Promise<Membership> {
    const db = await this.#db;
    return db.transaction(async (tx): Promise<Membership> => {
      await tx.select().from(organizations).where(eq(organizations.id, tenant)).for("update");
      const own = and(eq(members.organizationId, tenant), eq(members.userId, userId));
      const [member] = await tx.select().from(members).where(own);
      if (!member) return "unknown";
      const others = and(eq(members.organizationId, tenant), eq(members.role, "owner"), ne(members.userId, userId));
      const [owners] = await tx.select({ n: count() }).from(members).where(others);
      if (member.role === "owner" && !stays && owners?.n === 0) return "last-owner";
      await change(tx, own);
      return "done";
    });
  }

  async invitations(tenant: string): Promise<InvitationRow[]> {
    const db = await this.#db;
    return db
      .select()
      .from(invitations)
      .where(and(eq(invitations.organizationId, tenant), pending()))
      .orderBy(desc(invitations.createdAt));
  }

  /** In place of an older one for the same address. */
  async addInvitation(row: Omit<InvitationRow, "status" | "createdAt">): Promise<void> {
    const db = await this.#db;
    const same = and(eq(invitations.organizationId, row.organizationId), eq(invitations.email, row.email));
    await db.delete(invitations).where(and(same, eq(invitations.status, "pending")));
    await db.insert(invitations).values(row);
  }

  async invitation(id: string): Promise<(InvitationRow & { tenantName: string }) | undefined> {
    const db = await this.#db;
    const [row] = await db
      .select({ invitation: invitations, tenantName: organizations.name })
      .from(invitations)
      .innerJoin(organizations, eq(organizations.id, invitations.organizationId))
      .where(and(eq(invitations.id, id), pending()));
    return row && { ...row.invitation, tenantName: row.tenantName };
  }

  /** Takes it: of two who accept at the same time, one is told true. */
  async takeInvitation(id: string): Promise<boolean> {
    const db = await this.#db;
    const taken = await db
      .update(invitations)
      .set({ status: "accepted" })
      .where(and(eq(invitations.id, id), pending()))
      .returning({ id: invitations.id });
    return taken.length > 0;
  }

  async withdraw(tenant: string, id: string): Promise<boolean> {
    const db = await this.#db;
    const gone = await db
      .delete(invitations)
      .where(and(eq(invitations.organizationId, tenant), eq(invitations.id, id), eq(invitations.status, "pending")))
      .returning({ id: invitations.id });
    return gone.length > 0;
  }

  async hasTenant(id: string): Promise<boolean> {
    const db = await this.#db;
    return (await db.select({ id: organizations.id }).from(organizations).where(eq(organizations.id, id))).length > 0;
  }

  async tenants() {
    const db = await this.#db;
    return db
      .select({
        id: organizations.id,
        name: organizations.name,
        createdAt: organizations.createdAt,
        members: sql<number>`(SELECT count(*)::int FROM ${members} m WHERE m.organization_id = ${organizations.id})`,
        devicesAtOnce: quotas.devicesAtOnce,
        hoursPerMonth: quotas.hoursPerMonth,
      })
      .from(organizations)
      .leftJoin(quotas, eq(quotas.tenant, organizations.id))
      .orderBy(sql`${organizations.id} <> ${LAB_TENANT}`, asc(organizations.name));
  }

  /** False when there is one with this id. */
  async addTenant(id: string, name: string, createdAt: Date): Promise<boolean> {
    const db = await this.#db;
    const made = await db
      .insert(organizations)
      .values({ id, name, slug: id, createdAt })
      .onConflictDoNothing()
      .returning({ id: organizations.id });
    return made.length > 0;
  }

  async logIns(userId: string): Promise<SessionRow[]> {
    const db = await this.#db;
    return db
      .select()
      .from(authSessions)
      .where(and(eq(authSessions.userId, userId), gt(authSessions.expiresAt, new Date())))
      .orderBy(desc(authSessions.createdAt));
  }

  async endLogIn(userId: string, id: string): Promise<boolean> {
    const db = await this.#db;
    const ended = await db
      .delete(authSessions)
      .where(and(eq(authSessions.userId, userId), eq(authSessions.id, id)))
      .returning({ id: authSessions.id });
    return ended.length > 0;
  }

  async actFor(session: string, tenant: string): Promise<void> {
    const db = await this.#db;
    await db.update(authSessions).set({ activeOrganizationId: tenant }).where(eq(authSessions.id, session));
  }

  async keys(tenant: string, userId?: string) {
    const db = await this.#db;
    return db
      .select()
      .from(apiKeys)
      .where(and(keyOf(tenant), userId === undefined ? undefined : eq(apiKeys.referenceId, userId)))
      .orderBy(desc(apiKeys.createdAt));
  }

  async keyOwner(id: string): Promise<string | undefined> {
    const db = await this.#db;
    const [row] = await db.select({ userId: apiKeys.referenceId }).from(apiKeys).where(eq(apiKeys.id, id));
    return row?.userId;
  }

  /** Whether there was one; of this person only, when one is named. */
  async removeKey(tenant: string, id: string, userId?: string): Promise<boolean> {
    const db = await this.#db;
    const own = and(eq(apiKeys.id, id), keyOf(tenant), userId === undefined ? undefined : eq(apiKeys.referenceId, userId));
    const gone = await db.delete(apiKeys).where(own).returning({ id: apiKeys.id });
    return gone.length > 0;
  }
}

function keyOf(tenant: string) {
  return eq(sql`(${apiKeys.metadata})::jsonb ->> 'tenant'`, tenant);
}

function pending() {
  return and(eq(invitations.status, "pending"), gt(invitations.expiresAt, new Date()));
}
