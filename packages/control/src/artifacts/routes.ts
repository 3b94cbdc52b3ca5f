/** The API's artifacts: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { api } from "../http/api.js";

export function artifactProcedures() {
  return {
    list: api.artifacts.list.handler(() => {
      throw new PhonerackError("not_found");
    }),
    get: api.artifacts.get.handler(() => {
      throw new PhonerackError("not_found");
    }),
    content: api.artifacts.content.handler(() => {
      throw new PhonerackError("not_found");
    }),
    remove: api.artifacts.remove.handler(() => {
      throw new PhonerackError("not_found");
    }),
    retention: api.artifacts.retention.handler(() => {
      throw new PhonerackError("not_found");
    }),
    retain: api.artifacts.retain.handler(() => {
      throw new PhonerackError("not_found");
    }),
  };
}
