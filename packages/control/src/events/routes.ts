/** The API's log of what was done. */

import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import type { Events } from "./events.js";

export function eventProcedures(events: Events) {
  return { list: api.events.list.handler(({ input, context }) => events.list(known(context.caller), input)) };
}
