/** What of the leases page stands in its address: the lease that was chosen. Anything odd is dropped. */
import { LeaseId } from "@phonerack/contract/api";

export interface LeasesSearch {
  readonly lease?: string;
}

export function readLeasesSearch(search: Record<string, unknown>): LeasesSearch {
  const lease = LeaseId.safeParse(search.lease);
  return lease.success ? { lease: lease.data } : {};
}
