/** The API's places: each procedure hands over to one function. */
import { known } from "../access/caller.js";
import type { Devices } from "../devices/devices.js";
import { api } from "../http/api.js";
import { type AtThePhoneParts, identify, settle } from "./at-the-phone.js";
import { chassisFaults } from "./faults.js";
import type { Places } from "./places.js";

export function labProcedures(places: Places, devices: Devices) {
  return {
    get: api.lab.get.handler(({ context }) => places.document(known(context.caller))),
    put: api.lab.put.handler(({ input, context }) => places.put(known(context.caller), input.lab, input.dryRun)),
    faults: api.lab.faults.handler(() => ({
      items: chassisFaults({ devices: devices.all(), hears: (agentId) => devices.hears(agentId) }),
    })),
  };
}

/** What stands with the devices in the contract. */
export function placeProcedures(places: Places, atThePhone: AtThePhoneParts) {
  return {
    identify: api.devices.identify.handler(({ input, context }) => identify(atThePhone, known(context.caller), input)),
    settle: api.devices.settle.handler(({ input, context }) => settle(atThePhone, known(context.caller), input)),
    rename: api.devices.rename.handler(({ input: { id, ...change }, context }) =>
      places.describe(known(context.caller), id, change),
    ),
    place: api.devices.place.handler(({ input, context }) => places.place(known(context.caller), input.id, input.place)),
  };
}
