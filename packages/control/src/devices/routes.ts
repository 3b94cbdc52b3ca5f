/** The API's devices: each procedure hands over to one function. */
import { type Bus, type Device, DeviceGone, encodeMessage, PhonerackError, subjects } from "@phonerack/contract/bus";
import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import { viewFor, watchRefusal } from "../leases/visibility.js";
import type { Devices } from "./devices.js";
import type { Hands } from "./hands.js";
import { listDevices } from "./listing.js";
import type { Screenshots } from "./screenshots.js";

export interface DeviceDoors {
  readonly bus: Bus;
  readonly devices: Devices;
  readonly hands: Hands;
  readonly screenshots: Screenshots;
}

export function deviceProcedures({ bus, devices, hands, screenshots }: DeviceDoors) {
  return {
    list: api.devices.list.handler(({ input, context }) => {
      const who = known(context.caller);
      return listDevices(
        devices.all().flatMap((device) => viewFor(who, device) ?? []),
        input,
        who.actor,
      );
    }),
    get: api.devices.get.handler(({ input, context }) => {
      const device = viewFor(known(context.caller), devices.require(input.id));
      if (!device) throw new PhonerackError("device_not_found", input.id);
      return device;
    }),
    screenshot: api.devices.screenshot.handler(async ({ input, context }) => {
      const refused = watchRefusal(known(context.caller), devices.require(input.id));
      if (refused) throw refused;
      const png = await screenshots.take(input.id, input);
      return new File([png as Uint8Array<ArrayBuffer>], `${devices.require(input.id).name}.png`, { type: "image/png" });
    }),
    input: api.devices.input.handler(async ({ input, context }) => ({
      results: await hands.act(known(context.caller), input.id, input.actions),
    })),
    forget: api.devices.forget.handler(async ({ input }) => {
      tellForgotten(bus, await devices.forget(input.id));
      return { id: input.id };
    }),
  };
}

/** Said as its agent would say it: the other replicas forget it too. */
function tellForgotten(bus: Bus, { id, agentId }: Device): void {
  bus.publish(subjects.gone(agentId, id), encodeMessage(DeviceGone, { agentId }));
}

export function healthProcedure(devices: Devices, version: string) {
  return api.health.handler(() => ({
    status: devices.healthy ? ("ok" as const) : ("degraded" as const),
    version,
    ...devices.counts,
  }));
}
