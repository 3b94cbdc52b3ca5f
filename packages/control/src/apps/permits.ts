/** Permits: an operator lets an organisation drive a named app that is not its own, by hand, on a few devices, for a time. */
import { type Permit, PhonerackError } from "@phonerack/contract/bus";
import { type Caller, known } from "../access/caller.js";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import { newId } from "../ids.js";
import type { GroundsTeller } from "./grounds.js";
import type { AppStore } from "./store.js";

/** What was permitted for longer than anybody remembers why is no narrow permit. */
const LONGEST_MS = 90 * 24 * 3_600_000;

export interface PermitsParts {
  readonly store: AppStore;
  readonly grounds: GroundsTeller;
  readonly devices: Devices;
  readonly record: RecordEvent;
  readonly hasTenant: (id: string) => Promise<boolean>;
}

export type PermitWish = Pick<Permit, "tenant" | "package" | "devices" | "until" | "reason">;

export class Permits {
  readonly #parts: PermitsParts;

  constructor(parts: PermitsParts) {
    this.#parts = parts;
  }

  /** Those that have not expired. */
  async list(caller: Caller | null): Promise<{ items: Permit[] }> {
    const { lab, tenant } = known(caller);
    return { items: await this.#parts.store.permits(lab ? undefined : (tenant ?? "")) };
  }

  /** Fails with `tenant_not_found`, `device_not_found` or `time_invalid`. */
  async create(caller: Caller | null, wish: PermitWish): Promise<Permit> {
    const { actor, name } = known(caller);
    const { store, grounds, devices } = this.#parts;
    if (!(await this.#parts.hasTenant(wish.tenant))) throw new PhonerackError("tenant_not_found", wish.tenant);
    for (const id of wish.devices) devices.require(id);
    const at = Date.now();
    if (wish.until <= at || wish.until - at > LONGEST_MS)
      throw new PhonerackError("time_invalid", "a permit ends in the next 90 days");
    const permit = { ...wish, id: newId("p"), devices: [...new Set(wish.devices)], by: actor, byName: name, at };
    await store.addPermit(permit);
    const { tenant, until, reason } = permit;
    const detail = { package: permit.package, devices: permit.devices, until, reason };
    this.#parts.record({ actor, tenant, kind: "permit.made", subject: permit.id, detail });
    await grounds.changed(tenant);
    return permit;
  }

  async remove(caller: Caller | null, id: string): Promise<void> {
    const removed = await this.#parts.store.removePermit(id);
    if (!removed) throw new PhonerackError("permit_not_found", id);
    const { tenant, package: name } = removed;
    this.#parts.record({ actor: known(caller).actor, tenant, kind: "permit.removed", subject: id, detail: { package: name } });
    await this.#parts.grounds.changed(tenant);
  }
}
