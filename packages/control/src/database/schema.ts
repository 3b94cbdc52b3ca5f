/** The tables, for PGlite and PostgreSQL alike. After a change: `npx drizzle-kit generate --name WHAT` in packages/control. */
import type {
  App,
  CleanRecord,
  DeviceReport,
  GroupAim,
  GroupStep,
  Health,
  LeaseEnd,
  LeasePhase,
  LeaseState,
  Ownership,
} from "@phonerack/contract/bus";
import { sql } from "drizzle-orm";
import { bigint, boolean, customType, index, integer, jsonb, pgTable, primaryKey, text, unique } from "drizzle-orm/pg-core";
import type { Wanted } from "../leases/rows.js";
import { time } from "./columns.js";

export const devices = pgTable("devices", {
  id: text("id").primaryKey(),
  /** Given by a person; null while the device goes by its default name. */
  name: text("name"),
  chassis: text("chassis"),
  slot: integer("slot"),
  agent: text("agent").notNull(),
  labels: jsonb("labels").$type<string[]>().notNull().default([]),
  /** The last report, so that a restarted control knows its devices before their agents speak. */
  report: jsonb("report").$type<DeviceReport>().notNull(),
  /** As control saw it last, also of an agent that is silent; null before it was written here. What the log tells. */
  state: text("state").$type<Health>(),
  /** Whether its network is to lead nowhere; null as above. */
  isolated: boolean("isolated"),
  firstSeen: time("first_seen").notNull(),
  lastSeen: time("last_seen").notNull(),
});

/** One-time codes of console links; deleted by the first use. */
export const loginCodes = pgTable("login_codes", {
  /** SHA-256 of the code, hex. */
  hash: text("hash").primaryKey(),
  expiresAt: time("expires_at").notNull(),
});

/** The lab's side of a device's lease: one row for each device that was ever leased, quarantined or ended. Absent: free, epoch 0. */
export const holds = pgTable("holds", {
  deviceId: text("device_id").primaryKey(),
  /** Rises with each grant and each end, never falls. */
  epoch: integer("epoch").notNull(),
  state: text("state").$type<LeaseState>().notNull(),
  /** The active lease; null while free or cleaning. */
  leaseId: text("lease_id"),
  /** When the last lease ended; a record newer than this makes it free again. */
  endedAt: time("ended_at"),
  cleanedAt: time("cleaned_at"),
  /** Why it is not lent; null when it is. */
  quarantine: text("quarantine"),
  quarantinedAt: time("quarantined_at"),
});

export const leases = pgTable(
  "leases",
  {
    id: text("id").primaryKey(),
    tenant: text("tenant").notNull(),
    actor: text("actor").notNull(),
    /** As people read it, also when the account is gone. */
    actorName: text("actor_name").notNull(),
    purpose: text("purpose").notNull(),
    phase: text("phase").$type<LeasePhase>().notNull(),
    createdAt: time("created_at").notNull(),
    from: time("from").notNull(),
    until: time("until").notNull(),
    endedAt: time("ended_at"),
    endReason: text("end_reason").$type<LeaseEnd>(),
    endNote: text("end_note"),
    wanted: jsonb("wanted").$type<Wanted>().notNull(),
    idleMinutes: integer("idle_minutes"),
    /** The last input or command; what idleness is counted from. */
    activeAt: time("active_at").notNull(),
    /** Since when a group or a script is at work on it without a person's word. */
    automatedSince: time("automated_since"),
  },
  (table) => [
    index("leases_open").on(table.phase).where(sql`phase <> 'ended'`),
    index("leases_tenant").on(table.tenant, table.createdAt),
    index("leases_created_at").on(table.createdAt),
  ],
);

/**
 * Which device when: the table whose exclusion constraint (in the migration: drizzle knows none) makes two holders impossible. `period` is
 * [from, until + cleaning margin), shortened when the lease ends or the device is clean earlier.
 */
export const leaseDevices = pgTable(
  "lease_devices",
  {
    leaseId: text("lease_id").notNull(),
    deviceId: text("device_id").notNull(),
    period: customType<{ data: string }>({ dataType: () => "tstzrange" })("period").notNull(),
    /** 0 until granted. */
    epoch: integer("epoch").notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.leaseId, table.deviceId] }), index("lease_devices_device").on(table.deviceId)],
);

/** The epochs of a lease before it was handed over, and whose they were: what is kept of them is still theirs. */
export const leaseTerms = pgTable(
  "lease_terms",
  {
    leaseId: text("lease_id").notNull(),
    deviceId: text("device_id").notNull(),
    epoch: integer("epoch").notNull(),
    actor: text("actor").notNull(),
  },
  (table) => [primaryKey({ columns: [table.deviceId, table.epoch] }), index("lease_terms_lease").on(table.leaseId)],
);

export const cleanRecords = pgTable(
  "clean_records",
  {
    deviceId: text("device_id").notNull(),
    epoch: integer("epoch").notNull(),
    endedAt: time("ended_at").notNull(),
    record: jsonb("record").$type<CleanRecord>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.deviceId, table.epoch, table.endedAt] })],
);

/** Looks of lab operators at leased screens. */
export const supports = pgTable("supports", {
  id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
  deviceId: text("device_id").notNull(),
  leaseId: text("lease_id").notNull(),
  by: text("by").notNull(),
  byName: text("by_name").notNull(),
  reason: text("reason").notNull(),
  since: time("since").notNull(),
  until: time("until").notNull(),
});

export const quotas = pgTable("quotas", {
  tenant: text("tenant").primaryKey(),
  devicesAtOnce: integer("devices_at_once"),
  hoursPerMonth: integer("hours_per_month"),
});

/** Sites, racks and chassis in the order in which they stand. */
export const sites = pgTable("sites", {
  name: text("name").primaryKey(),
  position: integer("position").notNull(),
  /** ISO 3166-1 alpha-2; null: not said. Which licences its devices need follows from it. */
  country: text("country"),
});

export const racks = pgTable(
  "racks",
  { site: text("site").notNull(), name: text("name").notNull(), position: integer("position").notNull() },
  (table) => [primaryKey({ columns: [table.site, table.name] })],
);

export const chassis = pgTable("chassis", {
  name: text("name").primaryKey(),
  site: text("site").notNull(),
  rack: text("rack").notNull(),
  position: integer("position").notNull(),
  slots: integer("slots").notNull(),
  tenant: text("tenant"),
  labels: jsonb("labels").$type<string[]>().notNull(),
});

/** Where a person put a device, or (nulls) that it stands in no slot; one without a row stands where its agent says. */
export const slots = pgTable(
  "slots",
  { deviceId: text("device_id").primaryKey(), chassis: text("chassis"), slot: integer("slot") },
  (table) => [unique("slots_chassis_slot").on(table.chassis, table.slot)],
);

export const agents = pgTable("agents", {
  id: text("id").primaryKey(),
  host: text("host").notNull(),
  joinedAt: time("joined_at").notNull(),
  joinedBy: text("joined_by").notNull(),
  /** SHA-256 of its token, hex. */
  tokenHash: text("token_hash").notNull().unique(),
  /** Its public nkey. */
  publicKey: text("public_key").notNull(),
});

/** One-time codes with which hosts join; deleted by the first use. */
export const joinCodes = pgTable("join_codes", {
  /** SHA-256 of the code, hex. */
  hash: text("hash").primaryKey(),
  createdBy: text("created_by").notNull(),
  expiresAt: time("expires_at").notNull(),
});

/** What was done by whom. */
export const events = pgTable(
  "events",
  {
    id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
    at: time("at").notNull(),
    actor: text("actor").notNull(),
    tenant: text("tenant"),
    kind: text("kind").notNull(),
    subject: text("subject").notNull(),
    detail: jsonb("detail").$type<Record<string, unknown>>().notNull(),
  },
  (table) => [index("events_subject").on(table.subject), index("events_tenant").on(table.tenant, table.id)],
);

/** (package, signer) pairs that a tenant uploaded, and whether it owns them. */
export const apps = pgTable(
  "apps",
  {
    id: text("id").primaryKey(),
    tenant: text("tenant").notNull(),
    package: text("package").notNull(),
    /** SHA-256 of the signing certificate, hex. */
    signer: text("signer").notNull(),
    signerName: text("signer_name").notNull(),
    /** The signing certificate, DER in base64: what a proof is checked against. */
    certificate: text("certificate").notNull(),
    label: text("label").notNull(),
    versionCode: bigint("version_code", { mode: "number" }).notNull(),
    versionName: text("version_name").notNull(),
    scheme: integer("scheme").notNull(),
    /** PNG in base64; null when it has none. */
    icon: text("icon"),
    obstacles: jsonb("obstacles").$type<App["obstacles"]>().notNull(),
    ownership: jsonb("ownership").$type<Ownership | null>(),
    uploadedAt: time("uploaded_at").notNull(),
    uploadedBy: text("uploaded_by").notNull(),
  },
  (table) => [unique("apps_tenant_package_signer").on(table.tenant, table.package, table.signer)],
);

/** Messages to be signed in proof of ownership; deleted by the first use. */
export const nonces = pgTable("nonces", {
  /** SHA-256 of the nonce, hex. */
  hash: text("hash").primaryKey(),
  appId: text("app_id").notNull(),
  expiresAt: time("expires_at").notNull(),
});

export const permits = pgTable("permits", {
  id: text("id").primaryKey(),
  tenant: text("tenant").notNull(),
  package: text("package").notNull(),
  devices: jsonb("devices").$type<string[]>().notNull(),
  until: time("until").notNull(),
  reason: text("reason").notNull(),
  by: text("by").notNull(),
  byName: text("by_name").notNull(),
  at: time("at").notNull(),
});

/** On which devices people freely tried others' apps by hand, by day (UTC, `2026-11-26`). */
export const trials = pgTable(
  "trials",
  {
    day: text("day").notNull(),
    tenant: text("tenant").notNull(),
    actor: text("actor").notNull(),
    deviceId: text("device_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.tenant, table.actor, table.deviceId] })],
);

export const trialLimits = pgTable("trial_limits", {
  tenant: text("tenant").primaryKey(),
  devicesPerDay: integer("devices_per_day").notNull(),
});

/** Rises with each change of what a tenant owns or was permitted: what agents compare. */
export const groundsVersions = pgTable("grounds_versions", {
  tenant: text("tenant").primaryKey(),
  version: integer("version").notNull(),
});

/** Devices of which an operator said that they are lab devices. */
export const enrolments = pgTable("enrolments", {
  deviceId: text("device_id").primaryKey(),
  by: text("by").notNull(),
  at: time("at").notNull(),
});

export const groups = pgTable(
  "groups",
  {
    id: text("id").primaryKey(),
    tenant: text("tenant").notNull(),
    leaseId: text("lease_id").notNull(),
    actor: text("actor").notNull(),
    actorName: text("actor_name").notNull(),
    name: text("name").notNull(),
    aim: text("aim").$type<GroupAim>().notNull(),
    leader: text("leader").notNull(),
    mode: text("mode").$type<"hand" | "replay">().notNull(),
    paused: boolean("paused").notNull(),
    recording: boolean("recording").notNull(),
    stepsPerSecond: integer("steps_per_second").notNull(),
    agreed: boolean("agreed").notNull(),
    /** Numbers of steps that controls have taken for themselves, in blocks. */
    lastSeq: integer("last_seq").notNull().default(0),
    /** The control that replays a flow on it; null while none does. */
    replayer: text("replayer"),
    members: jsonb("members").$type<{ id: string; epoch: number; out: "dropped" | "taken-over" | null }[]>().notNull(),
    /** Only while recording: steps as they were done, with the elements that were found. */
    recorded: jsonb("recorded").$type<{ step: GroupStep; element: unknown }[]>().notNull(),
    createdAt: time("created_at").notNull(),
    endedAt: time("ended_at"),
    endReason: text("end_reason"),
  },
  (table) => [
    index("groups_open").on(table.endedAt).where(sql`ended_at is null`),
    index("groups_tenant").on(table.tenant, table.createdAt),
  ],
);

export const flows = pgTable(
  "flows",
  {
    id: text("id").primaryKey(),
    tenant: text("tenant").notNull(),
    name: text("name").notNull(),
    appId: text("app_id").notNull(),
    yaml: text("yaml").notNull(),
    createdAt: time("created_at").notNull(),
    createdBy: text("created_by").notNull(),
  },
  (table) => [index("flows_tenant").on(table.tenant, table.createdAt)],
);
