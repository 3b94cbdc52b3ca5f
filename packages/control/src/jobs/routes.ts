/** The API's jobs: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { api } from "../http/api.js";

export function jobProcedures() {
  return {
    create: api.jobs.create.handler(() => {
      throw new PhonerackError("not_found");
    }),
    list: api.jobs.list.handler(() => {
      throw new PhonerackError("not_found");
    }),
    get: api.jobs.get.handler(() => {
      throw new PhonerackError("not_found");
    }),
    tasks: api.jobs.tasks.handler(() => {
      throw new PhonerackError("not_found");
    }),
    outcomes: api.jobs.outcomes.handler(() => {
      throw new PhonerackError("not_found");
    }),
    cancel: api.jobs.cancel.handler(() => {
      throw new PhonerackError("not_found");
    }),
    retry: api.jobs.retry.handler(() => {
      throw new PhonerackError("not_found");
    }),
  };
}
