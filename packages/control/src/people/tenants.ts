/** The lab's organisations, for those who run it. */
import { type Invitation, PhonerackError, type Tenant } from "@phonerack/contract/api";
import type { Access } from "../access/access.js";
import { type Caller, known } from "../access/caller.js";
import type { RecordEvent } from "../events/events.js";
import type { Members } from "./members.js";
import type { PeopleStore } from "./store.js";

export type Use = Tenant["use"];

export interface TenantsParts {
  readonly store: PeopleStore;
  readonly access: Access;
  readonly members: Members;
  readonly record: RecordEvent;
  /** What each organisation holds now and has used this month; one that is not in it uses nothing. */
  readonly use: () => ReadonlyMap<string, Use> | Promise<ReadonlyMap<string, Use>>;
}

export class Tenants {
  readonly #parts: TenantsParts;

  constructor(parts: TenantsParts) {
    this.#parts = parts;
  }

  has(id: string): Promise<boolean> {
    return this.#parts.store.hasTenant(id);
  }

  async list(): Promise<Tenant[]> {
    const [rows, use] = await Promise.all([this.#parts.store.tenants(), this.#parts.use()]);
    return rows.map(({ createdAt, devicesAtOnce, hoursPerMonth, ...row }) => ({
      ...row,
      createdAt: createdAt.getTime(),
      use: useIn(use.get(row.id)),
      quota: { devicesAtOnce, hoursPerMonth },
    }));
  }

  /** With an invitation for its first owner. */
  async create(
    caller: Caller | null,
    wanted: { id: string; name: string; owner: string; baseUrl: string },
  ): Promise<{ tenant: Tenant; invitation: Invitation }> {
    const { id, name, owner, baseUrl } = wanted;
    const createdAt = new Date();
    if (!(await this.#parts.store.addTenant(id, name, createdAt))) throw new PhonerackError("tenant_exists");
    this.#parts.access.changed();
    this.#parts.record({ actor: known(caller).actor, tenant: id, kind: "tenant.made", subject: id, detail: { name } });
    const invitation = await this.#parts.members.invite(caller, { email: owner, role: "owner", baseUrl, tenant: id });
    const quota = { devicesAtOnce: null, hoursPerMonth: null };
    const tenant = { id, name, createdAt: createdAt.getTime(), members: 0, use: { devices: 0, hours: 0 }, quota };
    return { tenant, invitation };
  }
}

function useIn({ devices, hours }: Use = { devices: 0, hours: 0 }): Use {
  return { devices, hours };
}
