/** Answers of the API that the live socket says are old are asked for again: leases and jobs when one changes, all that may have changed after a gap. */
import type { QueryClient } from "@tanstack/react-query";
import type { LiveConnection } from "../live/connection.js";
import { api } from "./client.js";

/** In a busy lab leases change all the time; whoever looks at them is shown each change within this. */
const SOON_MS = 300;

export function followLive(connection: Pick<LiveConnection, "listen">, queries: QueryClient): void {
  let waiting = false;
  let openedBefore = false;
  const leasesChanged = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      void queries.invalidateQueries({ queryKey: api.leases.key() });
    }, SOON_MS);
  };
  const jobs = new Set<string>();
  const jobsChanged = (ids: readonly string[]) => {
    if (jobs.size === 0) setTimeout(tellJobs, SOON_MS);
    for (const id of ids) jobs.add(id);
  };
  // Its parts on a thousand phones weigh more: the job's page asks for them in its own time.
  const tellJobs = () => {
    void queries.invalidateQueries({ queryKey: api.jobs.list.key() });
    for (const id of jobs) void queries.invalidateQueries({ queryKey: api.jobs.get.key({ input: { id } }) });
    jobs.clear();
  };
  connection.listen({
    message: (message) => {
      if (message.type === "leases") leasesChanged();
      if (message.type === "jobs") jobsChanged(message.ids);
    },
    opened: () => {
      // What was asked for just now, while the socket opened for the first time, is fresh.
      if (openedBefore) void queries.invalidateQueries();
      openedBefore = true;
    },
  });
}
