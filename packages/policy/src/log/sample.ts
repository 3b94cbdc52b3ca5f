/** A decision as it stands in a log: what tests and benches make logs of. Nobody decided it. */
import type { GateFacts } from "../gate.js";
import type { Leaf } from "./leaf.js";

export type Decision = Extract<Leaf, { kind: "decision" }>;

const AT = 1_795_000_000_000;

/** A group's tap in an app that is nobody's. */
export const SAMPLE_FACTS: GateFacts = {
  mode: "group",
  action: "tap",
  actor: "p-1",
  epoch: 3,
  leaseEpoch: 3,
  phase: "leased",
  holder: "p-1",
  front: { package: "com.example.bazaar", signer: null, standing: "other", by: null },
  knownMs: 12,
  fresh: false,
  target: null,
  fence: "closed",
  budget: { trial: false, hour: 0, day: 0 },
};

/** Denied, and the seq-th of its log and its journal. `policy`: of the rules that decide so. */
export function sampleDecision(seq: number, policy: string, change: Partial<Decision> = {}): Decision {
  return {
    v: 1,
    seq,
    at: AT + seq,
    kind: "decision",
    device: `d-${seq % 3}`,
    lease: "l-1",
    tenant: "t-1",
    agent: "agent-1",
    journal: "abcdefgh",
    n: seq + 1,
    agentAt: AT + seq,
    facts: SAMPLE_FACTS,
    decision: "deny",
    rule: "many-other",
    policy,
    ...change,
  };
}
