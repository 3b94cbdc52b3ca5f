/** The API's uploads: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { api } from "../http/api.js";
import type { Uploads } from "./uploads.js";

export function uploadProcedures(uploads: Uploads) {
  return {
    create: api.uploads.create.handler(({ input, context }) => uploads.create(context.caller, input)),
    get: api.uploads.get.handler(({ input, context }) => uploads.get(context.caller, input.id)),
    // The bytes are streamed: send-route.ts answers before a request comes here.
    send: api.uploads.send.handler(() => {
      throw new PhonerackError("not_found");
    }),
    remove: api.uploads.remove.handler(async ({ input, context }) => {
      await uploads.remove(context.caller, input.id);
      return { id: input.id };
    }),
  };
}
