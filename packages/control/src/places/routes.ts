/** The API's places: each procedure hands over to one function. */
import { known } from "../access/caller.js";
import type { Devices } from "../devices/devices.js";
import { api } from "../http/api.js";
import { chassisFaults } from "./faults.js";
import type { Places } from "./places.js";

export function labProcedures(places: Places, devices: Devices) {
  return {
    get: api.lab.get.handler(({ context }) => places.document(known(context.caller))),
    put: api.lab.put.handler(({ input }) => places.put(input.lab, input.dryRun)),
    faults: api.lab.faults.handler(() => ({
      items: chassisFaults({ devices: devices.all(), hears: (agentId) => devices.hears(agentId) }),
    })),
  };
}

/** What stands with the devices in the contract. */
export function placeProcedures(places: Places) {
  return {
    rename: api.devices.rename.handler(({ input: { id, ...change } }) => places.describe(id, change)),
    place: api.devices.place.handler(({ input }) => places.place(input.id, input.place)),
  };
}
