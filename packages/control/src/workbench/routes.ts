/** What holders ask their devices: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import type { Asks } from "./asks.js";

export function askProcedures(asks: Asks) {
  return {
    packages: api.devices.packages.handler(async ({ input, context }) => ({
      items: (await asks.ask(known(context.caller), input.id, { type: "packages" })).packages,
    })),
    package: api.devices.package.handler(
      async ({ input, context }) =>
        (await asks.ask(known(context.caller), input.id, { type: "package", package: input.package })).package,
    ),
    files: api.devices.files.handler(async ({ input, context }) => {
      const { id, path, after = null, limit } = input;
      return (await asks.ask(known(context.caller), id, { type: "folder", path, after, limit })).list;
    }),
    // The bytes are streamed: files/content-route.ts answers before a request comes here.
    fileContent: api.devices.fileContent.handler(() => {
      throw new PhonerackError("not_found");
    }),
    settings: api.devices.settings.handler(
      async ({ input, context }) => (await asks.ask(known(context.caller), input.id, { type: "settings" })).settings,
    ),
    clipboard: api.devices.clipboard.handler(async ({ input, context }) => ({
      text: (await asks.ask(known(context.caller), input.id, { type: "clipboard" })).text,
    })),
  };
}
