/** The API's devices: each procedure hands over to one function. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LogHealth } from "@phonerack/contract/api";
import { type Bus, type Device, DeviceGone, encodeMessage, PhonerackError, subjects } from "@phonerack/contract/bus";
import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import { viewFor, watchRefusal } from "../leases/visibility.js";
import type { Devices } from "./devices.js";
import type { Hands } from "./hands.js";
import { listDevices } from "./listing.js";
import type { Screenshots } from "./screenshots.js";

/** The log's part of health is left out when it takes longer. */
const LOG_WITHIN_MS = 1_000;

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

export function healthProcedure(devices: Devices, version: string, logHealth: () => Promise<LogHealth>) {
  return api.health.handler(async () => {
    // Whether the lab works can be asked also while its database does not answer.
    const log = await Promise.race([logHealth().catch(() => null), sleep(LOG_WITHIN_MS, null, { ref: false })]);
    const works = devices.healthy && log?.appends !== false;
    return { status: works ? ("ok" as const) : ("degraded" as const), version, ...devices.counts, log };
  });
}
