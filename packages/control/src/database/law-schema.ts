/** The tables of what the lab can show: the log, the register, the lab's face, who may rent how much, and flags. See `schema.ts`. */
import { sql } from "drizzle-orm";
import { bigint, bigserial, customType, index, integer, jsonb, pgTable, primaryKey, text, unique } from "drizzle-orm/pg-core";
import { time } from "./columns.js";

/** JSON whose schema the contract has; it is parsed where it is read. */
type Facts = Record<string, unknown>;

const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });
const whole = (name: string) => bigint(name, { mode: "number" });

/** What waits to become a leaf: written in the transaction of the change itself, by triggers or by code; taken away in the transaction that appends it. */
export const logQueue = pgTable("log_queue", {
  id: bigserial("id", { mode: "number" }).primaryKey(),
  at: time("at").notNull().default(sql`now()`),
  kind: text("kind").notNull(),
  body: jsonb("body").$type<Facts>().notNull(),
});

/** The log as it was last committed: one row. Who appends compares `size`, so two sequencers can never both. */
export const logHead = pgTable("log_head", {
  id: integer("id").primaryKey(),
  size: whole("size").notNull(),
  /** Hex. */
  root: text("root").notNull(),
  /** The time of the last leaf: time in the log does not run backwards. */
  lastAt: time("last_at").notNull(),
});

/** Entries that are committed and may not stand in tiles yet, packed as in an entry bundle (uint16 length before each). */
export const logTail = pgTable("log_tail", {
  /** The index of the first. */
  from: whole("from").primaryKey(),
  count: integer("count").notNull(),
  entries: bytes("entries").notNull(),
});

/** Full tiles and bundles, of a lab whose controls have no object store in common. */
export const logTiles = pgTable("log_tiles", { path: text("path").primaryKey(), bytes: bytes("bytes").notNull() });

/** How far each agent's journals were taken, so that what is sent twice is appended once. */
export const logJournals = pgTable(
  "log_journals",
  { agent: text("agent").notNull(), journal: text("journal").notNull(), upTo: whole("up_to").notNull() },
  (table) => [primaryKey({ columns: [table.agent, table.journal] })],
);

/** What hands did, until its ten seconds are over and it becomes one leaf. */
export const logHands = pgTable(
  "log_hands",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    deviceId: text("device_id").notNull(),
    epoch: integer("epoch").notNull(),
    /** Milliseconds since the Unix epoch, divided by 10,000. */
    window: whole("window").notNull(),
    entry: jsonb("entry").$type<Facts>().notNull(),
  },
  (table) => [index("log_hands_window").on(table.window)],
);

/** What a leaf of hands commits to; deleted after its time, and the leaf can then not be replayed any more. */
export const logBulks = pgTable(
  "log_bulks",
  {
    /** SHA-256 of salt and bulk, hex, as the leaf has it. */
    commitment: text("commitment").primaryKey(),
    leaf: whole("leaf").notNull(),
    lease: text("lease"),
    /** Whose hands they were of a lease's holders: by its epoch. Null in rows from before they were kept. */
    deviceId: text("device_id"),
    epoch: integer("epoch"),
    tenant: text("tenant"),
    salt: bytes("salt").notNull(),
    /** Deflated. */
    bulk: bytes("bulk").notNull(),
    at: time("at").notNull(),
  },
  (table) => [index("log_bulks_at").on(table.at), index("log_bulks_tenant").on(table.tenant)],
);

/** How many leaves were appended in each hour, by kind: what the whole log would have to be read for. */
export const logTallies = pgTable(
  "log_tallies",
  {
    /** Milliseconds since the Unix epoch, divided by 3,600,000. */
    hour: integer("hour").notNull(),
    kind: text("kind").notNull(),
    leaves: whole("leaves").notNull(),
    denials: whole("denials").notNull(),
  },
  (table) => [primaryKey({ columns: [table.hour, table.kind] })],
);

/** Signed checkpoints, each with the cosignatures that came. */
export const logCheckpoints = pgTable("log_checkpoints", {
  size: whole("size").primaryKey(),
  root: text("root").notNull(),
  note: text("note").notNull(),
  at: time("at").notNull(),
});

/** How a person, key or run is called in leaves: random, so that without its row nobody can tell. */
export const logPseudonyms = pgTable("log_pseudonyms", {
  subject: text("subject").primaryKey(),
  pseudonym: text("pseudonym").notNull().unique(),
  at: time("at").notNull(),
});

/** Where the leaves of a lease stand: one row for each lease in each append. */
export const logSpans = pgTable(
  "log_spans",
  {
    lease: text("lease").notNull(),
    tenant: text("tenant").notNull(),
    first: whole("first").notNull(),
    last: whole("last").notNull(),
    leaves: integer("leaves").notNull(),
    denials: integer("denials").notNull(),
  },
  (table) => [primaryKey({ columns: [table.lease, table.first] }), index("log_spans_tenant").on(table.tenant, table.last)],
);

/** A device's licences and identity as people entered them. */
export const registerRecords = pgTable("register_records", {
  deviceId: text("device_id").primaryKey(),
  record: jsonb("record").$type<Facts>().notNull(),
  /** What warnings of expiry were given already, so that each is given once. */
  warned: jsonb("warned").$type<Facts>().notNull().default({}),
  at: time("at").notNull(),
  by: text("by").notNull(),
});

export const registerImeis = pgTable("register_imeis", {
  imei: text("imei").primaryKey(),
  deviceId: text("device_id").notNull(),
});

/** Photos and PDFs of licences; the bytes lie in the object store. */
export const evidence = pgTable(
  "evidence",
  {
    id: text("id").primaryKey(),
    /** `device:<id>`, `tenant:<id>`. */
    subject: text("subject").notNull(),
    name: text("name").notNull(),
    type: text("type").notNull(),
    size: integer("size").notNull(),
    sha256: text("sha256").notNull(),
    at: time("at").notNull(),
    by: text("by").notNull(),
  },
  (table) => [index("evidence_subject").on(table.subject)],
);

/** What the lab says of itself: `declaration`, `face`, `schemes`, `log`; each a schema of the contract. */
export const labFacts = pgTable("lab_facts", {
  key: text("key").primaryKey(),
  value: jsonb("value").$type<Facts>().notNull(),
  at: time("at").notNull(),
  by: text("by").notNull(),
});

/** The addresses from which phones reach the world, each from a time on: announced a day ahead. */
export const egressPrefixes = pgTable(
  "egress_prefixes",
  {
    prefix: text("prefix").notNull(),
    announcedAt: time("announced_at").notNull(),
    from: time("from").notNull(),
    until: time("until"),
    by: text("by").notNull(),
  },
  (table) => [primaryKey({ columns: [table.prefix, table.from] })],
);

/** What platforms asked and complained about; an operator must answer each. */
export const abuseCases = pgTable(
  "abuse_cases",
  {
    id: text("id").primaryKey(),
    asked: jsonb("asked").$type<Facts>().notNull(),
    /** What was found: leases with their opaque references. */
    found: jsonb("found").$type<Facts>().notNull(),
    state: text("state").$type<"open" | "answered" | "closed">().notNull(),
    messages: jsonb("messages").$type<Facts[]>().notNull(),
    /** SHA-256 of the token with which the asker follows it, hex. */
    tokenHash: text("token_hash").notNull(),
    createdAt: time("created_at").notNull(),
    dueAt: time("due_at").notNull(),
    closedAt: time("closed_at"),
  },
  (table) => [index("abuse_cases_state").on(table.state, table.dueAt)],
);

/** How a lease is called towards others: random, tells nothing. */
export const leaseReferences = pgTable("lease_references", {
  leaseId: text("lease_id").primaryKey(),
  reference: text("reference").notNull().unique(),
});

/** What an organisation has shown of itself, and so how much it may rent. */
export const tenancies = pgTable("tenancies", {
  tenant: text("tenant").primaryKey(),
  tier: text("tier").$type<"T0" | "T1" | "T2" | "T3">().notNull(),
  facts: jsonb("facts").$type<Facts>().notNull(),
  /** paused: by a flag, no new leases and no group or script. ended: by a person. */
  state: text("state").$type<"active" | "paused" | "ended">().notNull(),
  reviewDue: time("review_due"),
  at: time("at").notNull(),
  by: text("by").notNull(),
});

/** A human's word that a lease with a group or script at work may go on. */
export const leaseConfirmations = pgTable(
  "lease_confirmations",
  { leaseId: text("lease_id").notNull(), at: time("at").notNull(), by: text("by").notNull() },
  (table) => [primaryKey({ columns: [table.leaseId, table.at] })],
);

export const flags = pgTable(
  "flags",
  {
    id: text("id").primaryKey(),
    rule: text("rule").notNull(),
    tenant: text("tenant").notNull(),
    lease: text("lease"),
    deviceId: text("device_id"),
    at: time("at").notNull(),
    /** The leaves that it rests on. */
    leaves: jsonb("leaves").$type<number[]>().notNull(),
    numbers: jsonb("numbers").$type<Facts>().notNull(),
    state: text("state").$type<"open" | "cleared" | "upheld" | "appealed">().notNull(),
    history: jsonb("history").$type<Facts[]>().notNull(),
  },
  (table) => [index("flags_tenant").on(table.tenant, table.at), index("flags_state").on(table.state)],
);

/** What the watching counts, so that a restart forgets nothing: one row for each rule and subject. */
export const watchCounts = pgTable(
  "watch_counts",
  {
    rule: text("rule").notNull(),
    subject: text("subject").notNull(),
    counts: jsonb("counts").$type<Facts>().notNull(),
    at: time("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.rule, table.subject] })],
);

/** What two organisations may have in common: addresses, keys, signers, by digest. */
export const sharedMarks = pgTable(
  "shared_marks",
  {
    kind: text("kind").notNull(),
    /** SHA-256 with the lab's salt, hex. */
    digest: text("digest").notNull(),
    tenant: text("tenant").notNull(),
    seenAt: time("seen_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.kind, table.digest, table.tenant] }),
    unique("shared_marks_all").on(table.tenant, table.kind, table.digest),
  ],
);
