/**
 * The gate: may this input reach this phone now? One pure, total function over a table of rules, read from the top; the first that
 * applies decides. The agent asks it at each injection, control explains with it, the CLI replays with it: whatever is not in `GateFacts`
 * cannot count. It knows leases and not yet owned apps: the holder's own hand on one phone may, and nothing else.
 */

/** How the input came about: by a hand on one phone, by a hand on a group's leader, or by a program. */
export type GateMode = "unicast" | "group" | "script";

/** Everything a decision rests on, as it stood at the moment of injection. */
export interface GateFacts {
  readonly mode: GateMode;
  /** Who acts, as control knows them; "" for nobody. */
  readonly actor: string;
  /** The epoch that the command carries. */
  readonly epoch: number;
  /** The device's present epoch. */
  readonly leaseEpoch: number;
  /** Whether somebody holds the device: only while it is `leased` does anybody. */
  readonly phase: "free" | "leased" | "cleaning" | "dirty";
  /** Who holds it; "" while nobody does. */
  readonly holder: string;
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
    name: "no-lease",
    decision: "deny",
    reason: "Nobody holds this phone.",
    applies: (facts) => facts.phase !== "leased" || facts.holder === "",
  },
  {
    name: "other-holder",
    decision: "deny",
    reason: "Somebody else holds this phone.",
    applies: (facts) => facts.actor !== facts.holder,
  },
  {
    name: "many-without-ownership",
    decision: "deny",
    reason: "Group and script input reach owned apps only, and nobody has proved to own one.",
    applies: (facts) => facts.mode !== "unicast",
  },
  {
    name: "holder-by-hand",
    decision: "allow",
    reason: "Who holds the phone drives it by hand.",
    applies: (facts) => facts.mode === "unicast" && facts.phase === "leased" && facts.actor === facts.holder,
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
