/** The API's uploads: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { api } from "../http/api.js";

export function uploadProcedures() {
  return {
    create: api.uploads.create.handler(() => {
      throw new PhonerackError("not_found");
    }),
    get: api.uploads.get.handler(() => {
      throw new PhonerackError("not_found");
    }),
    send: api.uploads.send.handler(() => {
      throw new PhonerackError("not_found");
    }),
    remove: api.uploads.remove.handler(() => {
      throw new PhonerackError("not_found");
    }),
  };
}
