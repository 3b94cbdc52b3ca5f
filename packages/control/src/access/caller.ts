/** Who asks, and whether a rule of the contract lets them: the one place where rules are weighed. */
import { atLeast, PhonerackError, type Role, type Rule, type Scope } from "@phonerack/contract/bus";

/** Somebody who was let in. */
export interface Caller {
  /** How leases and logs call them: a person's id, or `key:<id>`. The admin token acts as the lab's first owner. */
  readonly actor: string;
  /** What people read. */
  readonly name: string;
  readonly kind: "person" | "key" | "admin-token";
  /** The organisation that they act for now. */
  readonly tenant: string | null;
  readonly tenantName: string | null;
  /** In that organisation. */
  readonly role: Role | null;
  /** Owner or operator of the lab's own organisation: they run the lab. */
  readonly lab: "owner" | "operator" | null;
  /** null: all. */
  readonly scopes: readonly Scope[] | null;
  /** The id of the log-in, when a cookie or a token of one let them in. */
  readonly session: string | null;
  /** Milliseconds since the epoch (Unix); null: never. */
  readonly expiresAt: number | null;
}

/** Fails with `unauthorised`, `forbidden` or `scope_missing`. */
export function obey(rule: Rule, caller: Caller | null): void {
  if (rule.who === "open") return;
  const { role, lab, scopes } = known(caller);
  const fits =
    rule.who === "signed-in" ||
    (rule.who === "lab-owner" && lab === "owner") ||
    (rule.who === "lab-operator" && lab !== null) ||
    (rule.who !== "lab-owner" && rule.who !== "lab-operator" && role !== null && atLeast(role, rule.who));
  if (!fits) throw new PhonerackError("forbidden", `this needs: ${rule.who}`);
  if (scopes !== null && !scopes.includes(rule.scope)) throw new PhonerackError("scope_missing", rule.scope);
}

/** Who asks, where the rule has let somebody in; fails with `unauthorised` otherwise. */
export function known(caller: Caller | null): Caller {
  if (caller === null) throw new PhonerackError("unauthorised");
  return caller;
}

/** For what is done within an organisation; fails with `forbidden` for who acts for none. */
export function tenantOf(caller: Caller | null): string {
  const { tenant } = known(caller);
  if (tenant === null) throw new PhonerackError("forbidden", "you act for no organisation");
  return tenant;
}

/** Whether they may still do the same: what an open socket was granted holds only as long. */
export function isAsBefore(before: Caller, now: Caller): boolean {
  return (
    before.actor === now.actor &&
    before.tenant === now.tenant &&
    before.role === now.role &&
    before.lab === now.lab &&
    String(before.scopes) === String(now.scopes)
  );
}
