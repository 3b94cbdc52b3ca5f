/** The API's adb keys: each procedure hands over to one function. */
import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import type { AdbKeys } from "./adb-keys.js";

export function adbKeyProcedures(keys: AdbKeys) {
  return {
    list: api.adbKeys.list.handler(async ({ context }) => ({ items: await keys.list(known(context.caller)) })),
    add: api.adbKeys.add.handler(({ input, context }) => keys.add(known(context.caller), input.key)),
    remove: api.adbKeys.remove.handler(async ({ input, context }) => {
      await keys.remove(known(context.caller), input.id);
      return { id: input.id };
    }),
  };
}
