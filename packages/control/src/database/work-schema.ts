/** The tables of the workbench: files, builds, jobs, artifacts, crashes, adb keys. See `schema.ts`. */
import type { ActionResult, ApkFile, ArtifactKind, DeviceAction, JobPace, JobState, TaskState } from "@phonerack/contract/bus";
import { sql } from "drizzle-orm";
import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text, unique } from "drizzle-orm/pg-core";
import { time } from "./columns.js";

/** Files that lie in the lab, by what is in them: identical ones once. */
export const blobs = pgTable("blobs", {
  /** SHA-256, hex. */
  sha256: text("sha256").primaryKey(),
  size: bigint("size", { mode: "number" }).notNull(),
  storedAt: time("stored_at").notNull(),
  /** When it was last brought or sent anywhere: one that no build names is removed some time after. */
  usedAt: time("used_at").notNull(),
});

/** Which organisation has brought which file: only its own can be named by its digest. */
export const blobTenants = pgTable(
  "blob_tenants",
  { tenant: text("tenant").notNull(), sha256: text("sha256").notNull(), at: time("at").notNull() },
  (table) => [primaryKey({ columns: [table.tenant, table.sha256] })],
);

/** Files on their way in; the bytes that came lie in the data folder of the control that took them. */
export const uploads = pgTable("uploads", {
  id: text("id").primaryKey(),
  tenant: text("tenant").notNull(),
  actor: text("actor").notNull(),
  name: text("name").notNull(),
  size: bigint("size", { mode: "number" }).notNull(),
  offset: bigint("offset", { mode: "number" }).notNull(),
  /** As announced, or as it is when it is whole. */
  sha256: text("sha256"),
  whole: boolean("whole").notNull(),
  createdAt: time("created_at").notNull(),
  touchedAt: time("touched_at").notNull(),
});

export const builds = pgTable(
  "builds",
  {
    id: text("id").primaryKey(),
    appId: text("app_id").notNull(),
    tenant: text("tenant").notNull(),
    package: text("package").notNull(),
    label: text("label").notNull(),
    versionName: text("version_name").notNull(),
    versionCode: bigint("version_code", { mode: "number" }).notNull(),
    minSdk: integer("min_sdk"),
    targetSdk: integer("target_sdk"),
    debuggable: boolean("debuggable").notNull(),
    abis: jsonb("abis").$type<string[]>().notNull(),
    files: jsonb("files").$type<ApkFile[]>().notNull(),
    size: bigint("size", { mode: "number" }).notNull(),
    note: text("note").notNull(),
    uploadedAt: time("uploaded_at").notNull(),
    uploadedBy: text("uploaded_by").notNull(),
    uploadedByName: text("uploaded_by_name").notNull(),
  },
  (table) => [index("builds_tenant").on(table.tenant, table.uploadedAt), index("builds_app").on(table.appId)],
);

export const jobs = pgTable(
  "jobs",
  {
    id: text("id").primaryKey(),
    tenant: text("tenant").notNull(),
    actor: text("actor").notNull(),
    actorName: text("actor_name").notNull(),
    name: text("name").notNull(),
    action: jsonb("action").$type<DeviceAction>().notNull(),
    mode: text("mode").$type<"unicast" | "group" | "script">().notNull(),
    pace: jsonb("pace").$type<JobPace>().notNull(),
    agreed: boolean("agreed").notNull(),
    state: text("state").$type<JobState>().notNull(),
    reason: text("reason"),
    size: integer("size").notNull(),
    createdAt: time("created_at").notNull(),
    endedAt: time("ended_at"),
    /** The control that runs it, and until when it has said so; another takes it over after. */
    runner: text("runner"),
    runnerUntil: time("runner_until"),
  },
  (table) => [
    index("jobs_open").on(table.state).where(sql`state <> 'ended'`),
    index("jobs_tenant").on(table.tenant, table.createdAt),
  ],
);

export const jobTasks = pgTable(
  "job_tasks",
  {
    jobId: text("job_id").notNull(),
    /** The phone's place in the job, from 0. */
    number: integer("number").notNull(),
    deviceId: text("device_id").notNull(),
    deviceName: text("device_name").notNull(),
    /** Of the lease under which it was asked for. */
    epoch: integer("epoch").notNull(),
    leaseId: text("lease_id").notNull(),
    state: text("state").$type<TaskState>().notNull(),
    attempt: integer("attempt").notNull(),
    startedAt: time("started_at"),
    endedAt: time("ended_at"),
    error: jsonb("error").$type<{ code: string; message: string; detail?: string } | null>(),
    result: jsonb("result").$type<ActionResult | null>(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.number] }), index("job_tasks_device").on(table.deviceId)],
);

export const artifacts = pgTable(
  "artifacts",
  {
    id: text("id").primaryKey(),
    tenant: text("tenant").notNull(),
    leaseId: text("lease_id").notNull(),
    deviceId: text("device_id").notNull(),
    deviceName: text("device_name").notNull(),
    kind: text("kind").$type<ArtifactKind>().notNull(),
    name: text("name").notNull(),
    type: text("type").notNull(),
    size: bigint("size", { mode: "number" }).notNull(),
    ms: bigint("ms", { mode: "number" }),
    state: text("state").$type<"writing" | "kept" | "cut">().notNull(),
    /** The control that writes it; null when nobody does any more. */
    replica: text("replica"),
    createdAt: time("created_at").notNull(),
    createdBy: text("created_by").notNull(),
    createdByName: text("created_by_name").notNull(),
    expiresAt: time("expires_at"),
  },
  (table) => [
    index("artifacts_tenant").on(table.tenant, table.createdAt),
    index("artifacts_device").on(table.deviceId),
    index("artifacts_expiry").on(table.expiresAt),
  ],
);

/** How long artifacts stay, and how much room an organisation has; without a row: the lab's own. */
export const retentions = pgTable("retentions", {
  tenant: text("tenant").primaryKey(),
  days: integer("days"),
  bytes: bigint("bytes", { mode: "number" }),
});

export const crashes = pgTable(
  "crashes",
  {
    id: text("id").primaryKey(),
    tenant: text("tenant").notNull(),
    leaseId: text("lease_id").notNull(),
    deviceId: text("device_id").notNull(),
    deviceName: text("device_name").notNull(),
    at: time("at").notNull(),
    kind: text("kind").$type<"crash" | "native" | "anr">().notNull(),
    package: text("package").notNull(),
    process: text("process").notNull(),
    versionName: text("version_name"),
    versionCode: bigint("version_code", { mode: "number" }),
    exception: text("exception").notNull(),
    message: text("message").notNull(),
    signature: text("signature").notNull(),
    stack: text("stack").notNull(),
    stackArtifact: text("stack_artifact"),
    screenshot: text("screenshot"),
    recording: text("recording"),
  },
  (table) => [index("crashes_tenant").on(table.tenant, table.at), index("crashes_lease").on(table.leaseId)],
);

/** Public keys of people's adb. */
export const adbKeys = pgTable(
  "adb_keys",
  {
    id: text("id").primaryKey(),
    actor: text("actor").notNull(),
    name: text("name").notNull(),
    fingerprint: text("fingerprint").notNull(),
    /** Android's public key, 524 bytes in base64. */
    key: text("key").notNull(),
    createdAt: time("created_at").notNull(),
    usedAt: time("used_at"),
  },
  (table) => [unique("adb_keys_actor_fingerprint").on(table.actor, table.fingerprint)],
);
