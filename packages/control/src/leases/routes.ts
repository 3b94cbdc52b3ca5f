/** The API's leases, and what operators do with devices: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { type ApiContext, api } from "../http/api.js";
import type { LeaseDesk } from "./start.js";

export function leaseProcedures({ leases }: LeaseDesk) {
  return {
    create: api.leases.create.handler(({ input, context }) => leases.create(asker(context), input)),
    list: api.leases.list.handler(async ({ input, context }) => ({ items: await leases.list(asker(context), input) })),
    get: api.leases.get.handler(({ input, context }) => leases.get(asker(context), input.id)),
    extend: api.leases.extend.handler(({ input, context }) => leases.extend(asker(context), input.id, input.until)),
    handOver: api.leases.handOver.handler(({ input, context }) => leases.handOver(asker(context), input.id, input.to)),
    release: api.leases.release.handler(({ input, context }) => leases.release(asker(context), input.id, input.devices)),
    kick: api.leases.kick.handler(({ input, context }) => leases.kick(asker(context), input.id, input.reason)),
  };
}

export function upkeepProcedures({ upkeep }: LeaseDesk) {
  return {
    quarantine: api.devices.quarantine.handler(({ input, context }) => upkeep.quarantine(asker(context), input.id, input.reason)),
    clear: api.devices.clear.handler(({ input, context }) => upkeep.clear(asker(context), input.id, input.baseline ?? false)),
    wipe: api.devices.wipe.handler(({ input, context }) => upkeep.wipe(asker(context), input.id)),
    records: api.devices.records.handler(({ input, context }) => upkeep.records(asker(context), input.id, input.limit)),
    support: api.devices.support.handler(({ input, context }) => upkeep.support(asker(context), input.id, input)),
    endSupport: api.devices.endSupport.handler(async ({ input, context }) => {
      await upkeep.endSupport(asker(context), input.id);
      return { id: input.id };
    }),
  };
}

export function quotaProcedure({ store }: LeaseDesk, tenantExists: (id: string) => boolean) {
  return api.tenants.quota.handler(async ({ input: { id, ...quota } }) => {
    if (!tenantExists(id)) throw new PhonerackError("tenant_not_found", id);
    await store.setQuota(id, quota);
    return quota;
  });
}

/** Whom the request is for; the rules let nobody through here who is nobody. */
export function asker({ caller }: ApiContext) {
  if (!caller) throw new PhonerackError("unauthorised");
  return caller;
}
