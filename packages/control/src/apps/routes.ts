/** The API's apps, permits and fences: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { api } from "../http/api.js";
import type { AppDesk } from "./start.js";

export function appProcedures({ apps, permits, trials, fences }: AppDesk) {
  return {
    apps: {
      // The body is streamed: upload-route.ts answers before a request comes here.
      upload: api.apps.upload.handler(() => {
        throw new PhonerackError("not_found");
      }),
      list: api.apps.list.handler(({ input, context }) => apps.list(context.caller, input)),
      get: api.apps.get.handler(({ input, context }) => apps.get(context.caller, input.id)),
      icon: api.apps.icon.handler(async ({ input, context }) => {
        const png = await apps.icon(context.caller, input.id);
        return new File([new Uint8Array(png)], "icon.png", { type: "image/png" });
      }),
      remove: api.apps.remove.handler(async ({ input, context }) => {
        await apps.remove(context.caller, input.id);
        return { id: input.id };
      }),
      nonce: api.apps.nonce.handler(({ input, context }) => apps.nonce(context.caller, input.id, context.baseUrl)),
      prove: api.apps.prove.handler(({ input, context }) => apps.prove(context.caller, input)),
      approve: api.apps.approve.handler(({ input, context }) => apps.approve(context.caller, input.id, input.reason)),
      disown: api.apps.disown.handler(({ input, context }) => apps.disown(context.caller, input.id, input.reason)),
    },
    permits: {
      list: api.permits.list.handler(({ context }) => permits.list(context.caller)),
      create: api.permits.create.handler(({ input, context }) => permits.create(context.caller, input)),
      remove: api.permits.remove.handler(async ({ input, context }) => {
        await permits.remove(context.caller, input.id);
        return { id: input.id };
      }),
      trials: api.permits.trials.handler(({ input, context }) => trials.limit(context.caller, input.id, input.devicesPerDay)),
    },
    fences: {
      preview: api.fences.preview.handler(({ input, context }) => fences.preview(context.caller, input.devices)),
      enrol: api.fences.enrol.handler(({ input, context }) => fences.enrol(context.caller, input.id, input.enrolled)),
    },
  };
}
