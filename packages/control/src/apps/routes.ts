/** The API's apps, permits and fences: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { api } from "../http/api.js";

const notYet = (): never => {
  throw new PhonerackError("not_found");
};

export function appProcedures() {
  const { apps, permits, fences } = api;
  return {
    apps: {
      upload: apps.upload.handler(notYet),
      list: apps.list.handler(notYet),
      get: apps.get.handler(notYet),
      icon: apps.icon.handler(notYet),
      remove: apps.remove.handler(notYet),
      nonce: apps.nonce.handler(notYet),
      prove: apps.prove.handler(notYet),
      approve: apps.approve.handler(notYet),
      disown: apps.disown.handler(notYet),
    },
    permits: {
      list: permits.list.handler(notYet),
      create: permits.create.handler(notYet),
      remove: permits.remove.handler(notYet),
      trials: permits.trials.handler(notYet),
    },
    fences: { preview: fences.preview.handler(notYet), enrol: fences.enrol.handler(notYet) },
  };
}
