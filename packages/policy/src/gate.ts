/**
 * The gate: may this input reach this phone now? One pure, total function over a table of rules, read from the top; the first that
 * applies decides. The agent asks it at each injection, control explains with it, the CLI replays with it: whatever is not in `GateFacts`
 * cannot count. This is the first small gate: there are no leases and no owned apps yet, so it knows one hand at a time and nothing else.
 */

/** How the input came about: by a hand on one phone, by a hand on a group's leader, or by a program. */
export type GateMode = "unicast" | "group" | "script";

/** Everything a decision rests on, as it stood at the moment of injection. */
export interface GateFacts {
  readonly mode: GateMode;
  /** Who acts, as control knows them; "" for nobody. */
  readonly actor: string;
  /** The lease's number the command carries; 0 for no lease. */
  readonly epoch: number;
  /** The device's present lease number; 0 while nobody leases it. */
  readonly leaseEpoch: number;
  readonly input: "touch" | "scroll" | "key" | "text" | "rotate";
  /** The package in front, by system_server's own events; null when that is not known now. */
  readonly foreground: string | null;
}

export interface GateDecision {
  readonly decision: "allow" | "deny";
  /** The rule's name, kept in the decision journal. */
  readonly rule: GateRule;
  /** One sentence for people. */
  readonly reason: string;
}

interface Rule {
  readonly name: string;
  readonly decision: GateDecision["decision"];
  readonly reason: string;
  applies(facts: GateFacts): boolean;
}

const RULES = [
  {
    name: "stale-epoch",
    decision: "deny",
    reason: "The lease this command belongs to is over.",
    applies: (facts) => facts.epoch !== facts.leaseEpoch,
  },
  {
    name: "nobody",
    decision: "deny",
    reason: "Nobody is named as the one who acts.",
    applies: (facts) => facts.actor === "",
  },
  {
    name: "many-without-ownership",
    decision: "deny",
    reason: "Group and script input reach owned apps only, and nobody has proved to own one.",
    applies: (facts) => facts.mode !== "unicast",
  },
  {
    name: "local-admin",
    decision: "allow",
    reason: "No lease: the local admin drives one phone by hand.",
    applies: (facts) => facts.mode === "unicast" && facts.leaseEpoch === 0,
  },
] as const satisfies readonly Rule[];

/** What nobody foresaw is denied. */
const OTHERWISE = { rule: "otherwise", decision: "deny", reason: "No rule allows this." } as const;

export type GateRule = (typeof RULES)[number]["name"] | (typeof OTHERWISE)["rule"];

/** Decides; the same facts always give the same decision, and there is one for all facts. */
export function decide(facts: GateFacts): GateDecision {
  for (const rule of RULES as readonly (Rule & { readonly name: GateRule })[]) {
    if (rule.applies(facts)) return { decision: rule.decision, rule: rule.name, reason: rule.reason };
  }
  return OTHERWISE;
}
