/**
 * Makes of what waits what is said in the log: people, programs and organisations become pseudonyms, numbers and words that are nobody's business are left
 * out. The lab itself reads its log with its organisations' own ids again, as long as it keeps who is called how.
 */
import { type JournalBatch, type JournalledDecision, LAB_TENANT } from "@phonerack/contract/bus";
import { canonicalJson, type Json, type Leaf, type LeafBody, LONGEST_ENTRY, toHex, utf8 } from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";
import type { Queued } from "./store.js";

/** The columns that name a person or a program. */
const PEOPLE: ReadonlySet<string> = new Set(["actor", "by", "joined_by", "user_id", "reference_id"]);
/** Those that name an organisation; its own id is one too. */
const ORGANISATIONS: ReadonlySet<string> = new Set(["tenant", "organization_id"]);
/** Events whose subject is a person or a program, and whose subject is an organisation. */
const ABOUT_PEOPLE = /^(?:member|key|invitation|log-in|privacy)\./;
const ABOUT_ORGANISATIONS = /^(?:tenant|tenancy|tier|quota|retention|declaration|organisation|trial\.limit$)/;
/** No id of a person begins like these. */
const ORGANISATION = "organisation ";
export const ADB_KEY = "adb-key ";

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

/** How somebody is called in the log; subjects are `subjectOf`'s. */
export type NameOf = (subject: string) => string;

/** Everybody whom these speak of, as pseudonyms are kept by. */
export function namedIn(queued: readonly Queued[], heard: readonly Heard[]): Set<string> {
  const names = new Set<string>();
  const add = (name: string | undefined) => name !== undefined && name !== "" && names.add(name);
  for (const { kind, body } of queued) {
    if (kind === "event") for (const member of ["actor", "tenant", "subject"]) add(subjectInEvent(body, member));
    else for (const [column, value] of Object.entries(rowOf(body))) add(subjectInRow(body.table, column, value));
  }
  for (const { facts } of heard) {
    add(facts.actor);
    add(facts.holder);
  }
  return names;
}

/** What an organisation's pseudonym is kept by. */
export function organisationSubject(id: string): string {
  return `${ORGANISATION}${id}`;
}

/** undefined: nobody's pseudonym is kept by this, but a person's or a program's. */
export function organisationOf(subject: string): string | undefined {
  return subject.startsWith(ORGANISATION) ? subject.slice(ORGANISATION.length) : undefined;
}

/** The lab's own is called the same in every lab, and by its name. */
export function organisationNamed(id: string, name: NameOf): string {
  return id === LAB_TENANT || id === "" ? id : name(organisationSubject(id));
}

/** Whom a column names; undefined: nobody who has a pseudonym. */
function subjectInRow(table: unknown, column: string, value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  if (PEOPLE.has(column)) return value;
  // Whoever has the public key could tell whose it is.
  if (table === "adb_keys" && column === "fingerprint") return `${ADB_KEY}${value}`;
  const isOrganisation = ORGANISATIONS.has(column) || (table === "organizations" && column === "id");
  return isOrganisation && value !== LAB_TENANT && value !== "" ? organisationSubject(value) : undefined;
}

function subjectInEvent(body: Queued["body"], member: string): string | undefined {
  const value = text(body[member]);
  if (member === "actor") return value;
  if (member === "subject") {
    if (ABOUT_PEOPLE.test(text(body.event))) return value;
    if (value !== text(body.tenant) && !ABOUT_ORGANISATIONS.test(text(body.event))) return undefined;
  }
  return value === LAB_TENANT || value === "" ? undefined : organisationSubject(value);
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
  const called = (subject: string | undefined, otherwise: string) => (subject === undefined ? otherwise : name(subject));
  if (kind === "event") {
    const member = (which: string) => called(subjectInEvent(body, which), text(body[which]));
    const tenant = body.tenant === null ? null : member("tenant");
    return { kind: "event", event: text(body.event), actor: member("actor"), tenant, subject: member("subject"), detail: {} };
  }
  const { table, op } = body;
  if (kind !== "change" || typeof table !== "string" || (op !== "insert" && op !== "update" && op !== "delete")) return undefined;
  const row = Object.entries(rowOf(body)).flatMap(([column, value]) => {
    // Made of the organisation's id and the person's, which stand beside it by their pseudonyms.
    if (table === "members" && column === "id") return [];
    const subject = subjectInRow(table, column, value);
    return [[column, subject === undefined ? value : name(subject)]];
  });
  return { kind: "change", table, op, row: fitting(Object.fromEntries(row) as Record<string, Json>) };
}

export function decisionOf(heard: Heard, whose: Whose | undefined, name: NameOf): Extract<LeafBody, { kind: "decision" }> {
  const { agent, journal, n, at, device, decision, rule, policy, service } = heard;
  return {
    kind: "decision",
    device,
    lease: whose?.lease ?? null,
    tenant: whose ? organisationNamed(whose.tenant, name) : null,
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

/** The pseudonyms by which a leaf calls organisations. */
export function organisationsIn(leaf: Leaf): string[] {
  const found: string[] = [];
  withOrganisations(leaf, (pseudonym) => {
    if (pseudonym !== LAB_TENANT && pseudonym !== "") found.push(pseudonym);
    return pseudonym;
  });
  return found;
}

/** The leaf as the lab itself knows it: organisations by their own ids, as `own` gives them. */
export function withOrganisations(leaf: Leaf, own: (pseudonym: string) => string): Leaf {
  switch (leaf.kind) {
    case "start":
      return leaf;
    case "decision":
    case "hands":
      return leaf.tenant === null ? leaf : { ...leaf, tenant: own(leaf.tenant) };
    case "event": {
      const isAbout = leaf.subject === leaf.tenant || ABOUT_ORGANISATIONS.test(leaf.event);
      const tenant = leaf.tenant === null ? null : own(leaf.tenant);
      return { ...leaf, tenant, subject: isAbout ? own(leaf.subject) : leaf.subject };
    }
    case "change": {
      const row = Object.entries(leaf.row).map(([column, value]) => {
        const isTheirs =
          typeof value === "string" && !PEOPLE.has(column) && subjectInRow(leaf.table, column, value) !== undefined;
        return [column, isTheirs ? own(value) : value];
      });
      return { ...leaf, row: Object.fromEntries(row) as Record<string, Json> };
    }
  }
}

function rowOf(body: Queued["body"]): Record<string, unknown> {
  const { row } = body;
  return typeof row === "object" && row !== null ? (row as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value.slice(0, MOST_TEXT).replace(HALF, "\ufffd") : "";
}
