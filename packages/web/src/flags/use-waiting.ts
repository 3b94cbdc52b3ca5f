/** What waits for a person of those who run the lab: flags that nobody has decided about, and questions of platforms. */
import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client.js";
import { useSession } from "../session/use-session.js";

const AGAIN_MS = 15_000;

export interface Waiting {
  readonly flags: number;
  readonly cases: number;
  readonly overdue: number;
}

/** Nothing for others: what is about them is said above every page. */
export function useWaiting(): Waiting {
  const enabled = useSession()?.lab != null;
  const options = { enabled, refetchInterval: AGAIN_MS, retry: false } as const;
  const flags = useQuery(api.flags.list.queryOptions({ input: { limit: 1 }, ...options }));
  const cases = useQuery(api.cases.list.queryOptions({ input: { limit: 1 }, ...options }));
  if (!enabled) return { flags: 0, cases: 0, overdue: 0 };
  return { flags: flags.data?.waiting ?? 0, cases: cases.data?.waiting ?? 0, overdue: cases.data?.overdue ?? 0 };
}
