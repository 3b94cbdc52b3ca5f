/** The API's log of what was done. */
import { api } from "../http/api.js";
import { asker } from "../leases/routes.js";
import type { Events } from "./events.js";

export function eventProcedures(events: Events) {
  return { list: api.events.list.handler(({ input, context }) => events.list(asker(context), input)) };
}
