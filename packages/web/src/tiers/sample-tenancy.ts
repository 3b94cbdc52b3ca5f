/** A tenancy for tests: Acme, new; change what the test is about. */
import type { Tenancy } from "@phonerack/contract/api";

export function sampleTenancy(change: Partial<Tenancy> = {}): Tenancy {
  return {
    tenant: "acme",
    applies: true,
    tier: "T0",
    counts: "T0",
    state: "active",
    phones: 0,
    held: 0,
    verified: null,
    domain: null,
    ownerAtDomain: false,
    responsible: null,
    extract: null,
    use: null,
    signedOff: null,
    ownsApp: false,
    grant: null,
    next: { tier: "T1", missing: ["verified", "domain", "owned-app"] },
    ...change,
  };
}
