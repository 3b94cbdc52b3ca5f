/** The API's builds: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { api } from "../http/api.js";

export function buildProcedures() {
  return {
    create: api.builds.create.handler(() => {
      throw new PhonerackError("not_found");
    }),
    list: api.builds.list.handler(() => {
      throw new PhonerackError("not_found");
    }),
    get: api.builds.get.handler(() => {
      throw new PhonerackError("not_found");
    }),
    remove: api.builds.remove.handler(() => {
      throw new PhonerackError("not_found");
    }),
  };
}
