/** Answers of the API that the live socket says are old are asked for again: leases and jobs when one changes, all that may have changed after a gap. */
import type { QueryClient } from "@tanstack/react-query";
import type { LiveConnection } from "../live/connection.js";
import { api } from "./client.js";

/** In a busy lab leases change all the time; whoever looks at them is shown each change within this. */
const SOON_MS = 300;

export function followLive(connection: Pick<LiveConnection, "listen">, queries: QueryClient): void {
  const waiting = new Set<"leases" | "jobs">();
  let openedBefore = false;
  const changed = (noun: "leases" | "jobs") => {
    if (waiting.has(noun)) return;
    waiting.add(noun);
    setTimeout(() => {
      waiting.delete(noun);
      void queries.invalidateQueries({ queryKey: api[noun].key() });
    }, SOON_MS);
  };
  connection.listen({
    message: (message) => {
      if (message.type === "leases" || message.type === "jobs") changed(message.type);
    },
    opened: () => {
      // What was asked for just now, while the socket opened for the first time, is fresh.
      if (openedBefore) void queries.invalidateQueries();
      openedBefore = true;
    },
  });
}
