/** Makes of what waits what is said in the log: names become pseudonyms, numbers and words that are nobody's business are left out. */
import type { JournalledDecision } from "@phonerack/contract/bus";
import type { Json, LeafBody } from "@phonerack/policy";
import type { Queued } from "./store.js";

/** The columns that name a person or a program. */
const PEOPLE: ReadonlySet<string> = new Set(["actor", "by", "joined_by", "user_id", "reference_id"]);
/** Events whose subject is one. */
const ABOUT_PEOPLE = /^(?:member|key|invitation|log-in)\./;

export interface Heard extends JournalledDecision {
  readonly agent: string;
  readonly journal: string;
}

export interface Whose {
  readonly lease: string;
  readonly tenant: string;
}

export type NameOf = (subject: string) => string;

/** Everybody whom these speak of, by their own names. */
export function namedIn(queued: readonly Queued[], heard: readonly Heard[]): Set<string> {
  const names = new Set<string>();
  const add = (name: unknown) => typeof name === "string" && name !== "" && names.add(name);
  for (const { kind, body } of queued) {
    if (kind === "event") {
      add(body.actor);
      if (isAboutPeople(body)) add(body.subject);
    } else for (const [column, value] of Object.entries(rowOf(body))) if (PEOPLE.has(column)) add(value);
  }
  for (const { facts } of heard) {
    add(facts.actor);
    add(facts.holder);
  }
  return names;
}

/** undefined: nothing of ours; it is left out. */
export function bodyOf({ kind, body }: Queued, name: NameOf): LeafBody | undefined {
  if (kind === "event") {
    const subject = text(body.subject);
    return {
      kind: "event",
      event: text(body.event),
      actor: name(text(body.actor)),
      tenant: body.tenant === null ? null : text(body.tenant),
      subject: isAboutPeople(body) ? name(subject) : subject,
      detail: {},
    };
  }
  const { table, op } = body;
  if (kind !== "change" || typeof table !== "string" || (op !== "insert" && op !== "update" && op !== "delete")) return undefined;
  const row = Object.entries(rowOf(body)).map(([column, value]) => [
    column,
    PEOPLE.has(column) && typeof value === "string" ? name(value) : value,
  ]);
  return { kind: "change", table, op, row: Object.fromEntries(row) as Record<string, Json> };
}

export function decisionOf(heard: Heard, whose: Whose | undefined, name: NameOf): Extract<LeafBody, { kind: "decision" }> {
  const { agent, journal, n, at, device, decision, rule, policy, service } = heard;
  return {
    kind: "decision",
    device,
    lease: whose?.lease ?? null,
    tenant: whose?.tenant ?? null,
    agent,
    journal,
    n,
    agentAt: Math.round(at),
    facts: factsOf(heard, name),
    decision,
    rule,
    policy,
    ...(service !== undefined && { service }),
  };
}

/** With pseudonyms, as it is replayed: the gate only asks whether who acts is who holds. */
export function factsOf({ facts }: Heard, name: NameOf): Extract<LeafBody, { kind: "decision" }>["facts"] {
  const { actor, holder } = facts;
  return { ...facts, actor: name(actor), holder: name(holder) } as Extract<LeafBody, { kind: "decision" }>["facts"];
}

function isAboutPeople(body: Queued["body"]): boolean {
  return ABOUT_PEOPLE.test(text(body.event));
}

function rowOf(body: Queued["body"]): Record<string, unknown> {
  const { row } = body;
  return typeof row === "object" && row !== null ? (row as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
