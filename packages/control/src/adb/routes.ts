/** The API's adb keys: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { api } from "../http/api.js";

export function adbKeyProcedures() {
  return {
    list: api.adbKeys.list.handler(() => {
      throw new PhonerackError("not_found");
    }),
    add: api.adbKeys.add.handler(() => {
      throw new PhonerackError("not_found");
    }),
    remove: api.adbKeys.remove.handler(() => {
      throw new PhonerackError("not_found");
    }),
  };
}
