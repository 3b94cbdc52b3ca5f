/** What the watching's rules look at: one sight for each thing that a leaf of the log tells, hands one by one. Which rule makes what of it is `rules/`. */
import type { GateMode, HandDecision, Json, Leaf } from "@phonerack/policy";

/** Somebody's input, or an attempt. */
export interface InputSeen {
  readonly kind: "input";
  readonly seq: number;
  readonly at: number;
  readonly device: string;
  readonly lease: string | null;
  readonly tenant: string;
  readonly mode: GateMode;
  readonly action: string;
  readonly allowed: boolean;
  /** Of the gate. */
  readonly rule: string;
  /** The app that it opens, installs or clears, else the one in front; null: nobody knows. */
  readonly app: { readonly package: string; readonly standing: string } | null;
  /** What of an app was changed: install, uninstall, clear, permission. */
  readonly what: string | null;
}

export interface ChangeSeen {
  readonly kind: "change";
  readonly seq: number;
  readonly at: number;
  readonly table: string;
  readonly op: "insert" | "update" | "delete";
  readonly row: Readonly<Record<string, Json>>;
}

export interface EventSeen {
  readonly kind: "event";
  readonly seq: number;
  readonly at: number;
  readonly event: string;
  readonly tenant: string | null;
  readonly subject: string;
}

/** All that organisations have in common and that stands in no leaf: mark (a kind, a space and a digest) → organisations. */
export interface MarksSeen {
  readonly kind: "marks";
  readonly at: number;
  readonly marks: Readonly<Record<string, readonly string[]>>;
}

export type Seen = InputSeen | ChangeSeen | EventSeen | MarksSeen;

const OPENS: ReadonlySet<string> = new Set(["launch", "stop", "deep-link", "install"]);
/** An agent that was away tells late; what it says is taken for no older than this. */
const OLDEST_MS = 24 * 3_600_000;

/** `hands`: the bulk that a leaf of hands commits to, while it is kept; without it nothing is known of each. */
export function seenIn(leaf: Leaf, hands: readonly HandDecision[] = []): Seen[] {
  const { seq, at } = leaf;
  switch (leaf.kind) {
    case "change":
      return [{ kind: "change", seq, at, table: leaf.table, op: leaf.op, row: leaf.row }];
    case "event":
      return [{ kind: "event", seq, at, event: leaf.event, tenant: leaf.tenant, subject: leaf.subject }];
    case "decision":
      return leaf.tenant === null ? [] : [inputOf(leaf, leaf.tenant, { ...leaf, at: leaf.agentAt })];
    case "hands": {
      const { tenant } = leaf;
      return tenant === null ? [] : hands.map((one) => inputOf(leaf, tenant, one));
    }
    case "start":
      return [];
  }
}

function inputOf(
  leaf: Extract<Leaf, { kind: "decision" | "hands" }>,
  tenant: string,
  { facts, decision, rule, at, service }: Omit<HandDecision, "n"> & { readonly service?: string | undefined },
): InputSeen {
  const about = OPENS.has(facts.action) ? facts.target : facts.front;
  return {
    kind: "input",
    seq: leaf.seq,
    at: Math.max(leaf.at - OLDEST_MS, Math.min(leaf.at, at)),
    device: leaf.device,
    lease: leaf.lease,
    tenant,
    mode: facts.mode,
    action: facts.action,
    allowed: decision === "allow",
    rule,
    app: about && { package: about.package, standing: about.standing },
    what: service ?? null,
  };
}
