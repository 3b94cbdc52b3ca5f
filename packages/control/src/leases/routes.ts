/** The API's leases, and what operators do with devices: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import type { LeaseDesk } from "./start.js";

export function leaseProcedures({ leases }: LeaseDesk) {
  return {
    create: api.leases.create.handler(({ input, context }) => leases.create(known(context.caller), input)),
    list: api.leases.list.handler(async ({ input, context }) => ({ items: await leases.list(known(context.caller), input) })),
    get: api.leases.get.handler(({ input, context }) => leases.get(known(context.caller), input.id)),
    extend: api.leases.extend.handler(({ input, context }) => leases.extend(known(context.caller), input.id, input.until)),
    handOver: api.leases.handOver.handler(({ input, context }) => leases.handOver(known(context.caller), input.id, input.to)),
    confirm: api.leases.confirm.handler(({ input, context }) => {
      const who = known(context.caller);
      return leases.confirm(who, input.id, who.kind === "person");
    }),
    release: api.leases.release.handler(({ input, context }) => leases.release(known(context.caller), input.id, input.devices)),
    kick: api.leases.kick.handler(({ input, context }) => leases.kick(known(context.caller), input.id, input.reason)),
  };
}

export function upkeepProcedures({ upkeep }: LeaseDesk) {
  return {
    quarantine: api.devices.quarantine.handler(({ input, context }) =>
      upkeep.quarantine(known(context.caller), input.id, input.reason),
    ),
    clear: api.devices.clear.handler(({ input, context }) =>
      upkeep.clear(known(context.caller), input.id, input.baseline ?? false),
    ),
    wipe: api.devices.wipe.handler(({ input, context }) => upkeep.wipe(known(context.caller), input.id)),
    records: api.devices.records.handler(({ input, context }) => upkeep.records(known(context.caller), input.id, input.limit)),
    support: api.devices.support.handler(({ input, context }) => upkeep.support(known(context.caller), input.id, input)),
    endSupport: api.devices.endSupport.handler(async ({ input, context }) => {
      await upkeep.endSupport(known(context.caller), input.id);
      return { id: input.id };
    }),
  };
}

export function quotaProcedure({ store }: LeaseDesk, tenantExists: (id: string) => Promise<boolean>) {
  return api.tenants.quota.handler(async ({ input: { id, ...quota } }) => {
    if (!(await tenantExists(id))) throw new PhonerackError("tenant_not_found", id);
    await store.setQuota(id, quota);
    return quota;
  });
}
