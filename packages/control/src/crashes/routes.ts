/** The API's crashes: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { api } from "../http/api.js";

export function crashProcedures() {
  return {
    list: api.crashes.list.handler(() => {
      throw new PhonerackError("not_found");
    }),
    get: api.crashes.get.handler(() => {
      throw new PhonerackError("not_found");
    }),
  };
}
