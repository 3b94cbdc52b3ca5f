/** A lease for tests: Ann's of Acme, active, an hour from the beginning of time; change what the test is about. */
import type { Lease } from "@phonerack/contract/api";

export function sampleLease(change: Partial<Lease> = {}): Lease {
  return {
    id: "l-aaaaaaaaaa",
    tenant: "acme",
    tenantName: "Acme",
    actor: "u-ann",
    actorName: "Ann",
    purpose: "",
    phase: "active",
    createdAt: 0,
    from: 0,
    until: 3_600_000,
    endedAt: null,
    endReason: null,
    endNote: null,
    devices: [],
    wanted: { where: null, count: 1, wholeChassis: false },
    idleMinutes: 30,
    idleAt: null,
    confirmBy: null,
    queue: null,
    ...change,
  };
}
