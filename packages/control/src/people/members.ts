/** Who belongs to an organisation and as what: members, and invitations that become members. */
import { createHash, randomBytes } from "node:crypto";
import { type Invitation, LAB_TENANT, type Member, PhonerackError, type Role } from "@phonerack/contract/api";
import type { Access } from "../access/access.js";
import type { OpenedSession } from "../access/accounts.js";
import { type Caller, known, tenantOf } from "../access/caller.js";
import { KEY_ACTOR } from "../access/key-grant.js";
import { FIRST_OWNER } from "../access/store.js";
import type { RecordEvent } from "../events/events.js";
import { roleIn, shownEmail } from "./account.js";
import type { InvitationRow, MemberRow, PeopleStore } from "./store.js";

const INVITATION_MS = 7 * 24 * 3_600_000;

export interface MembersParts {
  readonly store: PeopleStore;
  readonly access: Access;
  readonly record: RecordEvent;
  /** Told of each actor who is no more, a member and the keys they had made, so that what they hold there ends. */
  readonly onRemoved: (tenant: string, actor: string) => unknown;
}

/** What accepting an invitation came to; the log-in is of an account that was just made. */
export interface Accepted {
  readonly tenant: string;
  readonly session: OpenedSession | undefined;
}

export interface Acceptance {
  readonly id: string;
  readonly name?: string | undefined;
  readonly password?: string | undefined;
}

export class Members {
  readonly #parts: MembersParts;

  constructor(parts: MembersParts) {
    this.#parts = parts;
  }

  async list(caller: Caller | null): Promise<Member[]> {
    return (await this.#parts.store.members(tenantOf(caller))).map(memberOf);
  }

  async setRole(caller: Caller | null, id: string, role: Role): Promise<Member> {
    const tenant = tenantOf(caller);
    if (role !== "owner") refuseFirstOwner(tenant, id);
    requireDone(await this.#parts.store.setRole(tenant, id, role));
    this.#parts.access.changed();
    this.#record(caller, { tenant, kind: "member.role", subject: id, detail: { role } });
    const [member] = await this.#parts.store.members(tenant, id);
    if (!member) throw new PhonerackError("member_not_found");
    return memberOf(member);
  }

  async remove(caller: Caller | null, id: string): Promise<void> {
    const tenant = tenantOf(caller);
    refuseFirstOwner(tenant, id);
    const keys: string[] = [];
    requireDone(await this.#parts.store.removeMember(tenant, id, (key) => keys.push(KEY_ACTOR + key)));
    this.#parts.access.changed();
    this.#record(caller, { tenant, kind: "member.removed", subject: id, detail: {} });
    for (const actor of [id, ...keys]) await this.#parts.onRemoved(tenant, actor);
  }

  async invitations(caller: Caller | null): Promise<Invitation[]> {
    return (await this.#parts.store.invitations(tenantOf(caller))).map((row) => invitationOf(row, null));
  }

  async invite(
    caller: Caller | null,
    wanted: { email: string; role: Role; baseUrl: string; tenant?: string },
  ): Promise<Invitation> {
    const tenant = wanted.tenant ?? tenantOf(caller);
    const email = wanted.email.toLowerCase();
    const present = await this.#parts.store.members(tenant);
    if (present.some((member) => member.email === email)) throw new PhonerackError("bad_request", "they are a member already");
    // Like every secret, it is kept as a hash: who reads the list, or the database, cannot accept it.
    const secret = randomBytes(24).toString("base64url");
    const row = {
      id: hashOf(secret),
      organizationId: tenant,
      email,
      role: wanted.role,
      expiresAt: new Date(Date.now() + INVITATION_MS),
      inviterId: await this.#personOf(known(caller)),
    };
    await this.#parts.store.addInvitation(row);
    this.#record(caller, { tenant, kind: "invitation.made", subject: row.id, detail: { email, role: row.role } });
    return invitationOf(row, `${wanted.baseUrl}/invite/${secret}`);
  }

  async withdraw(caller: Caller | null, id: string): Promise<void> {
    const tenant = tenantOf(caller);
    if (!(await this.#parts.store.withdraw(tenant, id))) throw new PhonerackError("invitation_invalid");
    this.#record(caller, { tenant, kind: "invitation.withdrawn", subject: id, detail: {} });
  }

  /** For whoever has the link. */
  async invitation(secret: string): Promise<{ email: string; tenantName: string; role: Role; hasAccount: boolean }> {
    const row = await this.#require(secret);
    const account = await this.#parts.store.personByEmail(row.email);
    return { email: row.email, tenantName: row.tenantName, role: roleIn(row.role), hasAccount: account !== undefined };
  }

  /** With a new account, or as who is logged in with the invited address. */
  async accept(caller: Caller | null, { id, name, password }: Acceptance, from: From): Promise<Accepted> {
    const { store, access } = this.#parts;
    const row = await this.#require(id);
    const existing = await store.personByEmail(row.email);
    if (existing !== undefined && caller?.actor !== existing) {
      throw new PhonerackError(caller ? "forbidden" : "unauthorised", `log in as ${row.email} to accept`);
    }
    if (existing === undefined && (name === undefined || password === undefined)) {
      throw new PhonerackError("bad_request", "a new account needs a name and a password");
    }
    if (!(await store.takeInvitation(row.id))) throw new PhonerackError("invitation_invalid");
    const tenant = row.organizationId;
    const userId =
      existing ?? (await access.accounts.addPerson({ name: name ?? "", email: row.email, password: password ?? "" }));
    await store.addMember(tenant, userId, roleIn(row.role));
    // The lab sent it to that address: whoever has it reads that mail. What a tenant's own people invite, they only say.
    if (await store.isOfLab(row.inviterId)) await store.vouch(userId);
    access.changed();
    this.#parts.record({ actor: userId, tenant, kind: "invitation.accepted", subject: userId, detail: { role: row.role } });
    if (existing === undefined) return { tenant, session: await access.accounts.openSession(userId, { ...from, tenant }) };
    if (caller?.session) await store.actFor(caller.session, tenant);
    return { tenant, session: undefined };
  }

  async #require(secret: string): Promise<InvitationRow & { tenantName: string }> {
    const row = await this.#parts.store.invitation(hashOf(secret));
    if (!row) throw new PhonerackError("invitation_invalid");
    return row;
  }

  async #personOf({ kind, actor }: Caller): Promise<string> {
    if (kind !== "key") return actor;
    const owner = await this.#parts.store.keyOwner(actor.slice(KEY_ACTOR.length));
    if (owner === undefined) throw new PhonerackError("unauthorised");
    return owner;
  }

  #record(caller: Caller | null, what: { tenant: string; kind: string; subject: string; detail: Record<string, unknown> }): void {
    this.#parts.record({ actor: known(caller).actor, ...what });
  }
}

/** Where a log-in comes from. */
export interface From {
  readonly ip: string;
  readonly userAgent: string | undefined;
}

function requireDone(outcome: "done" | "unknown" | "last-owner"): void {
  if (outcome === "unknown") throw new PhonerackError("member_not_found");
  if (outcome === "last-owner") throw new PhonerackError("last_owner");
}

/** Whoever has the machine is the lab's owner by it; each start would make them so again. */
function refuseFirstOwner(tenant: string, id: string): void {
  if (tenant === LAB_TENANT && id === FIRST_OWNER) throw new PhonerackError("forbidden", "this account is the machine's own");
}

function memberOf(row: MemberRow): Member {
  return {
    id: row.id,
    name: row.name,
    email: shownEmail(row.email) ?? "",
    role: roleIn(row.role),
    since: row.since.getTime(),
    twoFactor: row.twoFactor === true,
  };
}

function invitationOf(row: Pick<InvitationRow, "id" | "email" | "role" | "expiresAt">, link: string | null): Invitation {
  return { id: row.id, email: row.email, role: roleIn(row.role), expiresAt: row.expiresAt.getTime(), link };
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
