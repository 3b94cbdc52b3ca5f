/** A session for tests: a member of Acme; change what the test is about. */
import type { Session } from "@phonerack/contract/api";

export function sampleSession(change: Partial<Session> = {}): Session {
  return {
    actor: "u-ann",
    name: "Ann",
    email: "ann@acme.example",
    kind: "person",
    tenant: "acme",
    tenantName: "Acme",
    role: "member",
    lab: null,
    scopes: null,
    tenants: [{ id: "acme", name: "Acme", role: "member" }],
    complete: true,
    twoFactor: false,
    expiresAt: null,
    ...change,
  };
}
