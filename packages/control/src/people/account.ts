/** Somebody's own account: who they are, for whom they act, where they are logged in. */
import { type LogIn, PhonerackError, Role, type Session } from "@phonerack/contract/api";
import type { Access } from "../access/access.js";
import { NO_EMAIL } from "../access/accounts.js";
import { type Caller, known } from "../access/caller.js";
import type { PeopleStore } from "./store.js";

export class Account {
  readonly #store: PeopleStore;
  readonly #access: Access;

  constructor(parts: { store: PeopleStore; access: Access }) {
    this.#store = parts.store;
    this.#access = parts.access;
  }

  async session(asking: Caller | null): Promise<Session> {
    const caller = known(asking);
    const { kind, actor, tenant, tenantName, role } = caller;
    const base = {
      actor,
      name: caller.name,
      kind,
      tenant,
      tenantName,
      role,
      lab: caller.lab,
      scopes: caller.scopes === null ? null : [...caller.scopes],
      expiresAt: caller.expiresAt,
    };
    if (kind === "key") {
      const own = tenant !== null && role !== null ? [{ id: tenant, name: tenantName ?? tenant, role }] : [];
      return { ...base, email: null, tenants: own, complete: true, twoFactor: false };
    }
    const [person, memberships, credentials] = await Promise.all([
      this.#store.person(actor),
      this.#store.memberships(actor),
      this.#store.credentials(actor),
    ]);
    return {
      ...base,
      email: shownEmail(person?.email),
      tenants: memberships.map((own) => ({ ...own, role: roleIn(own.role) })),
      complete: kind === "admin-token" || isComplete(person?.email, credentials),
      twoFactor: person?.twoFactor ?? false,
    };
  }

  async act(asking: Caller | null, tenant: string): Promise<Session> {
    const caller = known(asking);
    if (caller.session === null) throw new PhonerackError("forbidden", "only a log-in can act for another organisation");
    const own = await this.#store.memberships(caller.actor);
    const chosen = own.find(({ id }) => id === tenant);
    if (!chosen) throw new PhonerackError("tenant_not_found");
    await this.#store.actFor(caller.session, tenant);
    this.#access.changed();
    const role = roleIn(chosen.role);
    return this.session({ ...caller, tenant, tenantName: chosen.name, role });
  }

  /** Name, address and first password of the account that came in by the link. */
  async setCredentials(asking: Caller | null, set: { name: string; email: string; password: string }): Promise<Session> {
    const caller = known(asking);
    if (caller.kind === "key") throw new PhonerackError("forbidden", "a key is no account");
    const email = set.email.toLowerCase();
    const { password } = await this.#store.credentials(caller.actor);
    const person = await this.#store.person(caller.actor);
    if (shownEmail(person?.email) !== null) throw new PhonerackError("forbidden", "this account has its address; it stays");
    if (password) throw new PhonerackError("forbidden", "this account has a password; change it with the old one");
    const other = await this.#store.personByEmail(email);
    if (other !== undefined && other !== caller.actor)
      throw new PhonerackError("bad_request", "another account has this address");
    await this.#store.describePerson(caller.actor, { name: set.name, email });
    await this.#access.accounts.setPassword(caller.actor, set.password);
    this.#access.changed();
    return this.session({ ...caller, name: set.name });
  }

  async logIns(asking: Caller | null): Promise<LogIn[]> {
    const caller = known(asking);
    if (caller.kind === "key") return [];
    return (await this.#store.logIns(caller.actor)).map((row) => ({
      id: row.id,
      current: row.id === caller.session,
      userAgent: row.userAgent === "" ? null : row.userAgent,
      ip: row.ipAddress === "" ? null : row.ipAddress,
      createdAt: row.createdAt.getTime(),
      expiresAt: row.expiresAt.getTime(),
    }));
  }

  /** False when there is no such log-in of theirs. */
  async revoke(asking: Caller | null, id: string): Promise<boolean> {
    const { actor, kind } = known(asking);
    if (kind === "key") return false;
    const ended = await this.#store.endLogIn(actor, id);
    this.#access.changed();
    return ended;
  }
}

/** The address as people know it; null while an account has none. */
export function shownEmail(email: string | undefined): string | null {
  return email === undefined || email === NO_EMAIL ? null : email;
}

/** Who came by an organisation's sign-on has an address and no password of ours. */
function isComplete(email: string | undefined, { password, passkeys }: { password: boolean; passkeys: number }): boolean {
  return password || passkeys > 0 || shownEmail(email) !== null;
}

/** A role that is none of ours, by an older version or by hand, may do the least. */
export function roleIn(text: string | null): Role {
  const role = Role.safeParse(text);
  return role.success ? role.data : "viewer";
}
