/** API keys: of a person, for one organisation, never good for more than that person there. better-auth hashes and checks them. */
import { type ApiKey, atLeast, PhonerackError, type Role, type Scope } from "@phonerack/contract/api";
import type { Access } from "../access/access.js";
import { type Caller, known, tenantOf } from "../access/caller.js";
import { KEY_ACTOR, type KeyGrant, readGrant } from "../access/key-grant.js";
import type { RecordEvent } from "../events/events.js";
import type { MembersParts } from "./members.js";
import type { PeopleStore } from "./store.js";

export interface WantedKey {
  readonly name: string;
  readonly scopes: Scope[];
  readonly role?: Role | undefined;
  readonly days: number | null;
}

type KeyRow = Awaited<ReturnType<PeopleStore["keys"]>>[number];

export class Keys {
  readonly #store: PeopleStore;
  readonly #access: Access;
  readonly #record: RecordEvent;
  readonly #onRemoved: MembersParts["onRemoved"];

  constructor(parts: Pick<MembersParts, "store" | "access" | "record" | "onRemoved">) {
    this.#store = parts.store;
    this.#access = parts.access;
    this.#record = parts.record;
    this.#onRemoved = parts.onRemoved;
  }

  /** Their own; an owner's are all of the organisation. */
  async list(caller: Caller | null): Promise<ApiKey[]> {
    const rows = await this.#store.keys(tenantOf(caller), ownOnly(known(caller)));
    return rows.flatMap((row) => keyOf(row) ?? []);
  }

  async create(asking: Caller | null, wanted: WantedKey): Promise<{ key: string; info: ApiKey }> {
    const caller = known(asking);
    const tenant = tenantOf(caller);
    // Otherwise a key that leaked could live on in one that it made.
    if (caller.kind === "key") throw new PhonerackError("forbidden", "a key makes no keys; log in to make one");
    const role = wanted.role ?? caller.role;
    if (role === null || caller.role === null || !atLeast(caller.role, role)) {
      throw new PhonerackError("forbidden", "a key may not do more than its maker");
    }
    const grant: KeyGrant = { tenant, role, scopes: [...new Set(wanted.scopes)] };
    const { id, key } = await this.#access.accounts.addKey({ userId: caller.actor, name: wanted.name, days: wanted.days, grant });
    this.#record({ actor: caller.actor, tenant, kind: "key.made", subject: id, detail: { name: wanted.name, ...grant } });
    const row = (await this.#store.keys(tenant, caller.actor)).find((made) => made.id === id);
    const info = row && keyOf(row);
    if (!info) throw new Error(`the key ${id} was made and is not there`);
    return { key, info };
  }

  async remove(asking: Caller | null, id: string): Promise<void> {
    const caller = known(asking);
    const tenant = tenantOf(caller);
    if (!(await this.#store.removeKey(tenant, id, ownOnly(caller)))) throw new PhonerackError("key_not_found");
    this.#access.changed();
    this.#record({ actor: caller.actor, tenant, kind: "key.removed", subject: id, detail: {} });
    await this.#onRemoved(tenant, KEY_ACTOR + id);
  }
}

/** Whose keys they may see and revoke; undefined: everybody's of the organisation. A key of a member sees none. */
function ownOnly({ role, actor }: Caller): string | undefined {
  return role === "owner" ? undefined : actor;
}

function keyOf(row: KeyRow): ApiKey | undefined {
  const grant = readGrant(row.metadata);
  return (
    grant && {
      id: row.id,
      name: row.name ?? row.id,
      start: row.start ?? "",
      scopes: grant.scopes,
      role: grant.role,
      createdBy: row.referenceId,
      createdAt: row.createdAt.getTime(),
      expiresAt: row.expiresAt?.getTime() ?? null,
      lastUsedAt: row.lastRequest?.getTime() ?? null,
    }
  );
}
