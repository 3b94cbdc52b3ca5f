/** The API's accounts: who asks, organisations, members, keys, single sign-on. Log-in itself stands at `/api/auth` (better-auth). */
import { z } from "zod";
import { Role, Scope } from "../access.js";
import { ApiKey, EMail, Invitation, LabEvent, LogIn, Member, Session, SignOn, Tenant, TenantId } from "../people.js";
import { Words } from "../words.js";
import { tenants as leaseTenants } from "./leases.js";
import { ruled } from "./route.js";

const Name = Words(80);

export const session = {
  get: ruled("signed-in", "read")
    .route({ method: "GET", path: "/session", summary: "Who asks, for which organisation, and until when the session holds" })
    .output(Session),
  act: ruled("signed-in", "read")
    .route({ method: "PUT", path: "/session/tenant", summary: "Act for another of your organisations from now on" })
    .input(z.object({ tenant: TenantId }))
    .output(Session),
  link: ruled("lab-owner", "manage")
    .route({
      method: "POST",
      path: "/session/link",
      summary: "A new link that opens the console, once, logged in as the lab's owner",
    })
    .output(z.object({ link: z.url(), expiresAt: z.number() })),
  end: ruled("signed-in", "read")
    .route({ method: "DELETE", path: "/session", summary: "Log out: ends the session of the cookie" })
    .output(z.object({ ended: z.boolean() })),
  credentials: ruled("signed-in", "manage")
    .route({
      method: "PUT",
      path: "/session/credentials",
      summary: "Set name, e-mail and password of an account that came in by the printed link and has none yet",
    })
    .input(z.object({ name: Name, email: EMail, password: z.string().min(12).max(128) }))
    .output(Session),
  logIns: ruled("signed-in", "read")
    .route({ method: "GET", path: "/session/log-ins", summary: "The browsers and terminals that are logged in as you" })
    .output(z.object({ items: z.array(LogIn) })),
  revoke: ruled("signed-in", "manage")
    .route({
      method: "DELETE",
      path: "/session/log-ins/{id}",
      summary: "Log one of them out; its live pictures end within a second",
    })
    .input(z.object({ id: z.string() }))
    .output(z.object({ ended: z.boolean() })),
};

export const tenants = {
  list: ruled("lab-operator", "operate")
    .route({ method: "GET", path: "/tenants", summary: "All organisations, with what they use" })
    .output(z.object({ items: z.array(Tenant) })),
  create: ruled("lab-owner", "manage")
    .route({
      method: "POST",
      path: "/tenants",
      successStatus: 201,
      summary: "A new organisation and an invitation for its first owner",
    })
    .input(z.object({ id: TenantId, name: Name, owner: EMail }))
    .output(z.object({ tenant: Tenant, invitation: Invitation })),
  ...leaseTenants,
};

export const members = {
  list: ruled("viewer", "read")
    .route({ method: "GET", path: "/members", summary: "The people of your organisation" })
    .output(z.object({ items: z.array(Member) })),
  setRole: ruled("owner", "manage")
    .route({ method: "PATCH", path: "/members/{id}", summary: "Give a member another role" })
    .input(z.object({ id: z.string(), role: Role }))
    .output(Member),
  remove: ruled("owner", "manage")
    .route({ method: "DELETE", path: "/members/{id}", summary: "Take somebody out of your organisation; their leases end" })
    .input(z.object({ id: z.string() }))
    .output(z.object({ id: z.string() })),
  invitations: ruled("owner", "manage")
    .route({ method: "GET", path: "/invitations", summary: "Invitations that nobody has accepted yet" })
    .output(z.object({ items: z.array(Invitation) })),
  invite: ruled("owner", "manage")
    .route({ method: "POST", path: "/invitations", successStatus: 201, summary: "Invite somebody: gives a link to send them" })
    .input(z.object({ email: EMail, role: Role }))
    .output(Invitation),
  withdraw: ruled("owner", "manage")
    .route({ method: "DELETE", path: "/invitations/{id}", summary: "Withdraw an invitation" })
    .input(z.object({ id: z.string() }))
    .output(z.object({ id: z.string() })),
  invitation: ruled("open", "read")
    .route({ method: "GET", path: "/invitations/{id}", summary: "What an invitation is for; for whoever has its link" })
    .input(z.object({ id: z.string().min(20).max(100) }))
    .output(z.object({ email: EMail, tenantName: z.string(), role: Role, hasAccount: z.boolean() })),
  accept: ruled("open", "read")
    .route({
      method: "POST",
      path: "/invitations/{id}/accept",
      summary: "Accept an invitation: with a new account (name, password), or logged in with the invited e-mail",
    })
    .input(z.object({ id: z.string().min(20).max(100), name: Name.optional(), password: z.string().min(12).max(128).optional() }))
    .output(z.object({ tenant: z.string() })),
};

export const keys = {
  list: ruled("member", "manage")
    .route({ method: "GET", path: "/keys", summary: "Your API keys (owners: all of the organisation)" })
    .output(z.object({ items: z.array(ApiKey) })),
  create: ruled("member", "manage")
    .route({ method: "POST", path: "/keys", successStatus: 201, summary: "A new API key; it is told once" })
    .input(
      z.object({
        name: Name,
        scopes: z.array(Scope).min(1),
        role: Role.optional(),
        /** Days until it expires; null: never. */
        days: z.int().min(1).max(3_650).nullable().default(90),
      }),
    )
    .output(z.object({ key: z.string(), info: ApiKey })),
  remove: ruled("member", "manage")
    .route({ method: "DELETE", path: "/keys/{id}", summary: "Revoke a key; what it holds open ends within a second" })
    .input(z.object({ id: z.string() }))
    .output(z.object({ id: z.string() })),
};

export const signOn = {
  list: ruled("owner", "manage")
    .route({ method: "GET", path: "/sign-on", summary: "The OpenID Connect providers of your organisation" })
    .output(z.object({ items: z.array(SignOn) })),
  create: ruled("owner", "manage")
    .route({
      method: "POST",
      path: "/sign-on",
      successStatus: 201,
      summary: "Let your people log in by an OpenID Connect provider",
    })
    .input(
      z.object({
        issuer: z.url(),
        domain: z.string().min(3).max(200),
        clientId: z.string().min(1).max(200),
        clientSecret: z.string().min(1).max(500),
        role: Role.exclude(["owner"]).default("member"),
      }),
    )
    .output(SignOn),
  remove: ruled("owner", "manage")
    .route({ method: "DELETE", path: "/sign-on/{id}", summary: "Take a provider away" })
    .input(z.object({ id: z.string() }))
    .output(z.object({ id: z.string() })),
};

export const events = {
  list: ruled("operator", "read")
    .route({
      method: "GET",
      path: "/events",
      summary: "What was done in your organisation (the lab's operators: everywhere), newest first",
    })
    .input(
      z.object({
        kind: z.string().max(60).optional(),
        subject: z.string().max(100).optional(),
        before: z.coerce.number().int().optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ items: z.array(LabEvent) })),
};
