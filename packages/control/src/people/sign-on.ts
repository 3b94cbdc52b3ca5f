/** An organisation's own log-in: OpenID Connect providers, checked when they are registered. better-auth's sso does the log-ins. */
import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { discoverOIDCConfig } from "@better-auth/sso";
import { PhonerackError, type Role, type SignOn } from "@phonerack/contract/api";
import { type Caller, known, tenantOf } from "../access/caller.js";
import type { RecordEvent } from "../events/events.js";
import { roleIn } from "./account.js";
import type { SignOnRow, SignOnStore } from "./sign-on-store.js";

export interface WantedSignOn {
  readonly issuer: string;
  readonly domain: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly role: Role;
}

const DOMAIN = /^(?=.{3,200}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;

export class SignOns {
  readonly #store: SignOnStore;
  readonly #record: RecordEvent;

  constructor(parts: { store: SignOnStore; record: RecordEvent }) {
    this.#store = parts.store;
    this.#record = parts.record;
  }

  async list(caller: Caller | null): Promise<SignOn[]> {
    return (await this.#store.list(tenantOf(caller))).map(signOnOf);
  }

  async create(asking: Caller | null, wanted: WantedSignOn): Promise<SignOn> {
    const caller = known(asking);
    const tenant = tenantOf(caller);
    const domain = wanted.domain.toLowerCase();
    if (!DOMAIN.test(domain)) throw new PhonerackError("bad_request", "domain: such as example.com");
    if (await this.#store.ofDomain(domain)) throw new PhonerackError("bad_request", "domain: it has a provider already");
    // Control asks the provider: only who runs the lab may point it into the lab's own network.
    if (caller.lab !== "owner") await requirePublic(wanted.issuer);
    const config = await discover(wanted.issuer);
    const id = randomBytes(12).toString("hex");
    const row: SignOnRow = {
      id,
      providerId: id,
      issuer: wanted.issuer,
      domain,
      organizationId: tenant,
      userId: null,
      role: wanted.role,
      samlConfig: null,
      oidcConfig: JSON.stringify({
        ...config,
        clientId: wanted.clientId,
        clientSecret: wanted.clientSecret,
        pkce: true,
        scopes: SCOPES,
      }),
    };
    await this.#store.add(row);
    const detail = { issuer: row.issuer, domain, role: row.role };
    this.#record({ actor: caller.actor, tenant, kind: "sign-on.made", subject: id, detail });
    return signOnOf(row);
  }

  async remove(asking: Caller | null, id: string): Promise<void> {
    const tenant = tenantOf(asking);
    if (!(await this.#store.remove(tenant, id))) throw new PhonerackError("not_found", "no such provider");
    this.#record({ actor: known(asking).actor, tenant, kind: "sign-on.removed", subject: id, detail: {} });
  }
}

const SCOPES = ["openid", "email", "profile"];

/** What the provider says of itself; fails with `bad_request` that says why it cannot be used. */
async function discover(issuer: string): Promise<object> {
  try {
    return await discoverOIDCConfig({ issuer, isTrustedOrigin: () => true, timeout: 5_000 });
  } catch (error) {
    throw new PhonerackError("bad_request", `issuer: ${(error as Error).message.slice(0, 200)}`, { cause: error });
  }
}

const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  PRIVATE.addSubnet(net, prefix);
}
for (const [net, prefix] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  PRIVATE.addSubnet(net, prefix, "ipv6");
}

async function requirePublic(issuer: string): Promise<void> {
  const url = new URL(issuer);
  if (url.protocol !== "https:") throw new PhonerackError("bad_request", "issuer: it begins with https://");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const found = await lookup(host, { all: true }).catch(() => []);
  const inside = found.some(({ address }) => PRIVATE.check(address, isIP(address) === 6 ? "ipv6" : "ipv4"));
  if (found.length === 0 || inside) throw new PhonerackError("bad_request", "issuer: it is not to be reached on the internet");
}

function signOnOf(row: SignOnRow): SignOn {
  return {
    id: row.id,
    tenant: row.organizationId ?? "",
    issuer: row.issuer,
    domain: row.domain,
    clientId: clientIdIn(row.oidcConfig),
    role: roleIn(row.role),
  };
}

function clientIdIn(config: string | null): string {
  const { clientId } = JSON.parse(config ?? "{}") as { clientId?: unknown };
  return typeof clientId === "string" ? clientId : "";
}
