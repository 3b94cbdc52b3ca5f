import { z } from "zod";

/**
 * What somebody may do within one tenant (organisation), each role with all that the later ones may: `owner` (people, keys), `operator`
 * (every lease of the tenant), `member` (takes phones and drives them), `viewer` (watches, never touches).
 * In the lab's own organisation, `owner` and `operator` run the lab itself: places, hosts, quarantine, other tenants' leases.
 */
export const Role = z.enum(["owner", "operator", "member", "viewer"]);
export type Role = z.infer<typeof Role>;

/** What an API key is good for: look, drive phones, manage a tenant's people and keys, operate the lab. */
export const Scope = z.enum(["read", "drive", "manage", "operate"]);
export type Scope = z.infer<typeof Scope>;

/** The organisation that runs the lab; it exists from the first start on. */
export const LAB_TENANT = "lab";

/**
 * Who may use a route. `open`: anybody, unauthenticated too. `signed-in`: any account or key, whatever its role. A role: at least that in the
 * tenant one acts for. `lab-operator`, `lab-owner`: operator or owner of the lab's own organisation.
 */
export type Who = "open" | "signed-in" | Role | "lab-operator" | "lab-owner";

/** Every route of the contract carries one; the table of routes × roles × tenants is made of them. */
export interface Rule {
  readonly who: Who;
  /** What an API key must have besides. */
  readonly scope: Scope;
}

const RANK: Record<Role, number> = { viewer: 0, member: 1, operator: 2, owner: 3 };

export function atLeast(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}
