import { z } from "zod";
import { Role, Scope } from "./access.js";
import { Quota } from "./leases.js";

export const TenantId = z.string().regex(/^[a-z0-9][a-z0-9-]{1,38}$/, "an organisation's id is 2 to 39 of a-z, 0-9 and -");
export const EMail = z.email().max(200);

/** An organisation whose members lease phones. */
export const Tenant = z.object({
  id: TenantId,
  name: z.string(),
  createdAt: z.number(),
  members: z.int(),
  /** Devices that it holds now, and device-hours used this calendar month (UTC). */
  use: z.object({ devices: z.int(), hours: z.number() }),
  quota: Quota,
});
export type Tenant = z.infer<typeof Tenant>;

export const Member = z.object({
  /** The person's id; what leases and logs call the actor. */
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: Role,
  since: z.number(),
  twoFactor: z.boolean(),
});
export type Member = z.infer<typeof Member>;

export const Invitation = z.object({
  id: z.string(),
  email: EMail,
  role: Role,
  expiresAt: z.number(),
  /** Opens the console where it is accepted; only told to who makes it. */
  link: z.url().nullable(),
});
export type Invitation = z.infer<typeof Invitation>;

export const ApiKey = z.object({
  id: z.string(),
  name: z.string(),
  /** The first characters, to recognise it by; the key itself is shown once and kept as a hash. */
  start: z.string(),
  scopes: z.array(Scope).min(1),
  /** It may never do more than this, nor more than its maker may. */
  role: Role,
  createdBy: z.string(),
  createdAt: z.number(),
  expiresAt: z.number().nullable(),
  lastUsedAt: z.number().nullable(),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** A browser or terminal that is logged in. */
export const LogIn = z.object({
  id: z.string(),
  current: z.boolean(),
  userAgent: z.string().nullable(),
  ip: z.string().nullable(),
  createdAt: z.number(),
  expiresAt: z.number(),
});
export type LogIn = z.infer<typeof LogIn>;

/** Who asks, and for which tenant. */
export const Session = z.object({
  /** How leases and logs call them. */
  actor: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  kind: z.enum(["person", "key", "admin-token"]),
  tenant: z.string().nullable(),
  tenantName: z.string().nullable(),
  role: Role.nullable(),
  /** owner or operator of the lab's own organisation: they run the lab. */
  lab: z.enum(["owner", "operator"]).nullable(),
  /** null: not an API key, everything the role allows. */
  scopes: z.array(Scope).nullable(),
  tenants: z.array(z.object({ id: z.string(), name: z.string(), role: Role })),
  /** False for an owner who came in by the printed link and has set neither password nor passkey yet. */
  complete: z.boolean(),
  twoFactor: z.boolean(),
  /** Milliseconds since the epoch (Unix); null for the admin token, which does not expire. */
  expiresAt: z.number().nullable(),
});
export type Session = z.infer<typeof Session>;

/** A tenant's own log-in: an OpenID Connect provider whose people become members at their first log-in. */
export const SignOn = z.object({
  id: z.string(),
  tenant: TenantId,
  issuer: z.url(),
  /** E-mail domain by which the log-in page finds it. */
  domain: z.string(),
  clientId: z.string(),
  role: Role,
});
export type SignOn = z.infer<typeof SignOn>;

/** Something that was done, by whom: the lab's log until the verifiable one. */
export const LabEvent = z.object({
  id: z.int(),
  at: z.number(),
  actor: z.string(),
  tenant: z.string().nullable(),
  kind: z.string(),
  /** Id of what it was done to: lease, device, member, agent. */
  subject: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
export type LabEvent = z.infer<typeof LabEvent>;
