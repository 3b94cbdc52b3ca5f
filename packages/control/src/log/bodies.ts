/** Makes of what waits what is said in the log: names become pseudonyms, numbers and words that are nobody's business are left out. */
import type { JournalBatch, JournalledDecision } from "@phonerack/contract/bus";
import { canonicalJson, type Json, type LeafBody, LONGEST_ENTRY, toHex, utf8 } from "@phonerack/policy";
import { sha256 } from "./digest.js";
import type { Queued } from "./store.js";

/** The columns that name a person or a program. */
const PEOPLE: ReadonlySet<string> = new Set(["actor", "by", "joined_by", "user_id", "reference_id"]);
/** Events whose subject is one. */
const ABOUT_PEOPLE = /^(?:member|key|invitation|log-in)\./;

/** Of a word or a name that an event tells. */
const MOST_TEXT = 1_000;

export interface Heard extends JournalledDecision {
  readonly agent: string;
  readonly journal: string;
}

export interface Whose {
  readonly lease: string;
  readonly tenant: string;
}

/** Lines of a journal that never came: its agent's disk lost them, or somebody took them away. */
export interface Gap {
  readonly agent: string;
  readonly journal: string;
  readonly from: number;
  readonly to: number;
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

const HALF = /\p{Surrogate}/gu;
/** A leaf says more than its row. */
const MOST_ROW = LONGEST_ENTRY - 1_024;

/** In order. What a phone calls an app may be no Unicode, which neither a leaf nor the database takes; one such phone must not stop everybody's log. */
export function tidy({ journal, entries }: JournalBatch): JournalBatch {
  return { journal, entries: entries.map(wellFormed).sort((a, b) => a.n - b.n) };
}

function wellFormed<T>(value: T): T {
  // Of a string comes a string, of an object one with the same members.
  if (typeof value === "string") return value.replace(HALF, "\ufffd").replaceAll("\0", "\ufffd") as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, wellFormed(member)])) as T;
}

export function gapOf({ agent, journal, from, to }: Gap): LeafBody {
  return { kind: "event", event: "journal.gap", actor: "", tenant: null, subject: agent, detail: { journal, from, to } };
}

/** Of a row that is too long for a leaf its digest stands there, which still binds it. */
function fitting(row: Record<string, Json>): Record<string, Json> {
  const bytes = utf8(canonicalJson(row));
  return bytes.length <= MOST_ROW ? row : { tooLong: { bytes: bytes.length, sha256: toHex(sha256(bytes)) } };
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
  return { kind: "change", table, op, row: fitting(Object.fromEntries(row) as Record<string, Json>) };
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
  return typeof value === "string" ? value.slice(0, MOST_TEXT).replace(HALF, "\ufffd") : "";
}
