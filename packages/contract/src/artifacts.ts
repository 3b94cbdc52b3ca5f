/** What is kept of a lease: recordings, screenshots, logs, crashes, files; and the files that people bring. */
import { z } from "zod";
import { AppId } from "./apps.js";
import { DeviceId } from "./devices.js";
import { PackageName } from "./grounds.js";
import { ApkFile, BlobDigest } from "./workbench.js";

const Time = z.number();

export const ArtifactId = z.string().regex(/^r-[a-z2-7]{10,26}$/, "an artifact id begins with r-");
export type ArtifactId = z.infer<typeof ArtifactId>;

export const ArtifactKind = z.enum(["recording", "screenshot", "log", "crash", "file"]);
export type ArtifactKind = z.infer<typeof ArtifactKind>;

/** writing: it grows now. kept: whole. cut: what was there when the process that wrote it ended; it plays. gone: its time is over. */
export const Artifact = z.object({
  id: ArtifactId,
  tenant: z.string(),
  lease: z.string(),
  deviceId: DeviceId,
  deviceName: z.string(),
  kind: ArtifactKind,
  /** As a file is called, e.g. `V01-03 2026-11-26 09.12.mp4`. */
  name: z.string(),
  type: z.string(),
  /** Bytes. */
  size: z.number().nonnegative(),
  /** Of recordings, in milliseconds. */
  ms: z.number().nullable(),
  state: z.enum(["writing", "kept", "cut"]),
  createdAt: Time,
  createdBy: z.string(),
  createdByName: z.string(),
  /** When it is removed; null: never. */
  expiresAt: Time.nullable(),
});
export type Artifact = z.infer<typeof Artifact>;

/** How long a tenant's artifacts stay, and how much room they and its builds may take. null: no limit. */
export const Retention = z.object({
  days: z.int().min(1).max(3_650).nullable(),
  bytes: z.number().positive().nullable(),
});
export type Retention = z.infer<typeof Retention>;

/** What is recorded of one phone now. */
export const Recording = z.object({
  deviceId: DeviceId,
  /** null: none runs. */
  running: z.object({ artifact: ArtifactId, since: Time, bytes: z.number(), sound: z.boolean() }).nullable(),
  /** The last minutes are kept in memory all the time, to be saved when something has happened; how much there is now. */
  keeping: z.object({ seconds: z.int(), haveMs: z.number() }).nullable(),
  /** Why the last one of this lease ended by itself; null: it did not. */
  stopped: z.object({ at: Time, why: z.string().max(500) }).nullable(),
});
export type Recording = z.infer<typeof Recording>;

export const CrashId = z.string().regex(/^c-[a-z2-7]{10,26}$/, "a crash id begins with c-");
/** An owned app that crashed or did not respond, as the system said it. */
export const Crash = z.object({
  id: CrashId,
  tenant: z.string(),
  lease: z.string(),
  deviceId: DeviceId,
  deviceName: z.string(),
  at: Time,
  kind: z.enum(["crash", "native", "anr"]),
  package: PackageName,
  process: z.string(),
  versionName: z.string().nullable(),
  versionCode: z.int().nullable(),
  /** The exception's class, the signal, or why it counts as not responding. */
  exception: z.string(),
  message: z.string(),
  /** The same for crashes of the same cause: class and topmost frames. */
  signature: z.string(),
  /** Up to 64 KiB; whole in the artifact. */
  stack: z.string(),
  stackArtifact: ArtifactId.nullable(),
  screenshot: ArtifactId.nullable(),
  /** The last 30 s of picture, where somebody watched or recorded. */
  recording: ArtifactId.nullable(),
});
export type Crash = z.infer<typeof Crash>;

export const UploadId = z.string().regex(/^u-[a-z2-7]{10,26}$/, "an upload id begins with u-");
/** A file on its way into the lab. It can be gone on with from `offset`, for a day. */
export const Upload = z.object({
  id: UploadId,
  name: z.string(),
  size: z.number().nonnegative(),
  offset: z.number().nonnegative(),
  /** When it is whole: what it is called in the lab. */
  sha256: BlobDigest.nullable(),
});
export type Upload = z.infer<typeof Upload>;
/** The largest file that is taken, in bytes. */
export const UPLOAD_MAX_BYTES = 8 * 1024 * 1024 * 1024;

export const BuildId = z.string().regex(/^b-[a-z2-7]{10,26}$/, "a build id begins with b-");
/** One version of an app as it was uploaded: its base APK and splits, which stay in the lab. */
export const Build = z.object({
  id: BuildId,
  app: AppId,
  tenant: z.string(),
  package: PackageName,
  label: z.string(),
  versionName: z.string(),
  versionCode: z.int(),
  minSdk: z.int().nullable(),
  targetSdk: z.int().nullable(),
  debuggable: z.boolean(),
  /** Native code it has, e.g. `arm64-v8a`; empty: none. */
  abis: z.array(z.string()),
  files: z.array(ApkFile).min(1),
  /** All files together, in bytes. */
  size: z.number(),
  /** What a person says of it, e.g. a commit. */
  note: z.string(),
  uploadedAt: Time,
  uploadedBy: z.string(),
  uploadedByName: z.string(),
});
export type Build = z.infer<typeof Build>;

export const AdbKeyId = z.string().regex(/^k-[a-z2-7]{10,26}$/, "an adb key id begins with k-");
/** A person's adb: the key that `adb` shows to phones, here shown to phonerack. */
export const AdbKey = z.object({
  id: AdbKeyId,
  /** Mostly `user@host`. */
  name: z.string(),
  /** MD5 as Android shows it, `AA:BB:…`. */
  fingerprint: z.string(),
  createdAt: Time,
  usedAt: Time.nullable(),
});
export type AdbKey = z.infer<typeof AdbKey>;
