/** The API's workbench: apps and files on a device, jobs, builds and uploads, artifacts, recordings, crashes, adb keys. */
import { z } from "zod";
import { AppId } from "../apps.js";
import {
  AdbKey,
  AdbKeyId,
  Artifact,
  ArtifactId,
  ArtifactKind,
  Build,
  BuildId,
  Crash,
  CrashId,
  Recording,
  Retention,
  UPLOAD_MAX_BYTES,
  Upload,
  UploadId,
} from "../artifacts.js";
import { DeviceId } from "../devices.js";
import { PackageName } from "../grounds.js";
import { Job, JobId, JobOutcome, JobRequest, JobTask, TaskState } from "../jobs.js";
import { TenantId } from "../people.js";
import { Words } from "../words.js";
import {
  BlobDigest,
  DeviceSettingsNow,
  FileList,
  InstalledPackage,
  KEEP_LAST_MAX_S,
  PackageDetail,
  PhonePath,
} from "../workbench.js";
import { ruled } from "./route.js";

const device = z.object({ id: DeviceId });
const Limit = z.coerce.number().int().min(1).max(1_000);

/** What the holder of a device asks it; joined to `devices`. */
export const deviceWork = {
  packages: ruled("member", "read")
    .route({ method: "GET", path: "/devices/{id}/packages", summary: "The apps on a device that you hold" })
    .input(device)
    .output(z.object({ items: z.array(InstalledPackage) })),
  package: ruled("member", "read")
    .route({ method: "GET", path: "/devices/{id}/packages/{package}", summary: "One app on a device that you hold" })
    .input(device.extend({ package: PackageName }))
    .output(PackageDetail),
  files: ruled("member", "drive")
    .route({ method: "GET", path: "/devices/{id}/files", summary: "What is in a folder of a device that you hold" })
    .input(
      device.extend({ path: PhonePath.default("/sdcard"), after: z.string().max(1_024).optional(), limit: Limit.default(500) }),
    )
    .output(FileList),
  fileContent: ruled("member", "drive")
    .route({
      method: "GET",
      path: "/devices/{id}/files/content",
      summary: "A file's bytes, also from a place on (Range, with If-Range); a folder as .tar",
    })
    .input(device.extend({ path: PhonePath }))
    .output(z.file()),
  settings: ruled("member", "read")
    .route({ method: "GET", path: "/devices/{id}/settings", summary: "Rotation, language, time zone and others, as they are" })
    .input(device)
    .output(DeviceSettingsNow),
  clipboard: ruled("member", "drive")
    .route({ method: "GET", path: "/devices/{id}/clipboard", summary: "What is in the clipboard of a device that you hold" })
    .input(device)
    .output(z.object({ text: z.string() })),
  recording: ruled("member", "read")
    .route({ method: "GET", path: "/devices/{id}/recording", summary: "What is recorded of a device now" })
    .input(device)
    .output(Recording),
  record: ruled("member", "drive")
    .route({
      method: "PUT",
      path: "/devices/{id}/recording",
      summary: "Begin to record (`record`), or to keep the last minutes in memory (`keepSeconds`; 0: not any more)",
    })
    .input(
      device.extend({
        record: z.boolean().optional(),
        sound: z.boolean().default(true),
        keepSeconds: z.int().min(0).max(KEEP_LAST_MAX_S).optional(),
      }),
    )
    .output(Recording),
  stopRecording: ruled("member", "drive")
    .route({ method: "DELETE", path: "/devices/{id}/recording", summary: "End the recording; it is an artifact then" })
    .input(device)
    .output(Artifact),
  saveLast: ruled("member", "drive")
    .route({ method: "POST", path: "/devices/{id}/recording/last", summary: "Save the last minutes of picture as an artifact" })
    .input(device.extend({ seconds: z.int().min(1).max(300).default(120) }))
    .output(Artifact),
};

const byJob = z.object({ id: JobId });

export const jobs = {
  create: ruled("member", "drive")
    .route({ method: "POST", path: "/jobs", successStatus: 201, summary: "Do one thing on one or many devices that you hold" })
    .input(JobRequest)
    .output(Job),
  list: ruled("viewer", "read")
    .route({ method: "GET", path: "/jobs", summary: "Your organisation's jobs, newest first" })
    .input(
      z.object({
        /** Also those on one device alone. */
        single: z.stringbool().optional(),
        device: DeviceId.optional(),
        open: z.stringbool().optional(),
        limit: Limit.default(100),
      }),
    )
    .output(z.object({ items: z.array(Job) })),
  get: ruled("viewer", "read").route({ method: "GET", path: "/jobs/{id}", summary: "One job" }).input(byJob).output(Job),
  tasks: ruled("viewer", "read")
    .route({ method: "GET", path: "/jobs/{id}/tasks", summary: "How it went on each device" })
    /** Where outputs are long and devices many, each is cut; one device's is whole. */
    .input(byJob.extend({ state: TaskState.optional(), device: DeviceId.optional(), limit: Limit.default(1_000) }))
    .output(z.object({ items: z.array(JobTask) })),
  outcomes: ruled("viewer", "read")
    .route({ method: "GET", path: "/jobs/{id}/outcomes", summary: "Devices grouped by what came of it, the most alike first" })
    .input(byJob)
    .output(z.object({ items: z.array(JobOutcome) })),
  cancel: ruled("member", "drive")
    .route({ method: "POST", path: "/jobs/{id}/cancel", summary: "Begin it on no further device; what runs is let end" })
    .input(byJob)
    .output(Job),
  retry: ruled("member", "drive")
    .route({ method: "POST", path: "/jobs/{id}/retry", summary: "Once more on the devices where it failed or did not begin" })
    .input(byJob.extend({ devices: z.array(DeviceId).min(1).max(1_000).optional() }))
    .output(Job),
};

const byUpload = z.object({ id: UploadId });

export const uploads = {
  create: ruled("member", "drive")
    .route({
      method: "POST",
      path: "/uploads",
      successStatus: 201,
      summary: "Begin to bring a file into the lab; with its digest, one that your organisation has is there at once",
    })
    .input(
      z.object({
        name: z.string().min(1).max(255),
        size: z.number().int().nonnegative().max(UPLOAD_MAX_BYTES),
        sha256: BlobDigest.optional(),
      }),
    )
    .output(Upload),
  get: ruled("member", "drive")
    .route({ method: "GET", path: "/uploads/{id}", summary: "How far an upload is" })
    .input(byUpload)
    .output(Upload),
  send: ruled("member", "drive")
    .route({
      method: "PUT",
      path: "/uploads/{id}",
      summary: "Send the file's bytes from `offset` on (application/octet-stream), as many as you like at once",
      // The bytes are the body itself, and nothing is beside them.
      inputStructure: "detailed",
    })
    .input(
      z.object({
        params: byUpload,
        query: z.object({ offset: z.coerce.number().int().nonnegative() }),
        body: z.file(),
      }),
    )
    .output(Upload),
  remove: ruled("member", "drive")
    .route({ method: "DELETE", path: "/uploads/{id}", summary: "Give an upload up" })
    .input(byUpload)
    .output(byUpload),
};

const byBuild = z.object({ id: BuildId });

export const builds = {
  create: ruled("member", "drive")
    .route({
      method: "POST",
      path: "/builds",
      successStatus: 201,
      summary: "Make a build of uploaded files: an APK, or a base and its splits; read and verified",
    })
    .input(
      z.object({
        files: z
          .array(z.object({ name: z.string().min(1).max(255), sha256: BlobDigest }))
          .min(1)
          .max(100),
        note: Words(200, 0).default(""),
      }),
    )
    .output(Build),
  list: ruled("viewer", "read")
    .route({ method: "GET", path: "/builds", summary: "Your organisation's builds, newest first" })
    .input(z.object({ app: AppId.optional(), package: PackageName.optional(), limit: Limit.default(200) }))
    .output(z.object({ items: z.array(Build) })),
  get: ruled("viewer", "read").route({ method: "GET", path: "/builds/{id}", summary: "One build" }).input(byBuild).output(Build),
  remove: ruled("member", "drive")
    .route({ method: "DELETE", path: "/builds/{id}", summary: "Forget a build and its files" })
    .input(byBuild)
    .output(byBuild),
};

const byArtifact = z.object({ id: ArtifactId });

export const artifacts = {
  list: ruled("viewer", "read")
    .route({ method: "GET", path: "/artifacts", summary: "What was kept of your organisation's leases, newest first" })
    .input(
      z.object({
        device: DeviceId.optional(),
        lease: z.string().max(40).optional(),
        kind: ArtifactKind.optional(),
        limit: Limit.default(200),
      }),
    )
    .output(z.object({ items: z.array(Artifact), bytes: z.number() })),
  get: ruled("viewer", "read")
    .route({ method: "GET", path: "/artifacts/{id}", summary: "One artifact" })
    .input(byArtifact)
    .output(Artifact),
  content: ruled("viewer", "read")
    .route({ method: "GET", path: "/artifacts/{id}/content", summary: "Its bytes; Range is understood" })
    .input(byArtifact)
    .output(z.file()),
  remove: ruled("member", "drive")
    .route({ method: "DELETE", path: "/artifacts/{id}", summary: "Remove an artifact" })
    .input(byArtifact)
    .output(byArtifact),
  retention: ruled("operator", "read")
    .route({
      method: "GET",
      path: "/tenants/{id}/retention",
      summary: "How long an organisation's artifacts stay, and their room",
    })
    .input(z.object({ id: TenantId }))
    .output(Retention.extend({ usedBytes: z.number() })),
  retain: ruled("lab-operator", "operate")
    .route({ method: "PUT", path: "/tenants/{id}/retention", summary: "Set how long they stay, and how much room they may take" })
    .input(Retention.extend({ id: TenantId }))
    .output(Retention.extend({ usedBytes: z.number() })),
};

export const crashes = {
  list: ruled("viewer", "read")
    .route({ method: "GET", path: "/crashes", summary: "Owned apps that crashed or did not respond, newest first" })
    .input(
      z.object({
        device: DeviceId.optional(),
        lease: z.string().max(40).optional(),
        package: PackageName.optional(),
        limit: Limit.default(100),
      }),
    )
    .output(z.object({ items: z.array(Crash) })),
  get: ruled("viewer", "read")
    .route({ method: "GET", path: "/crashes/{id}", summary: "One crash" })
    .input(z.object({ id: CrashId }))
    .output(Crash),
};

export const adbKeys = {
  list: ruled("member", "drive")
    .route({ method: "GET", path: "/adb-keys", summary: "The adb keys that you enrolled" })
    .output(z.object({ items: z.array(AdbKey) })),
  add: ruled("member", "drive")
    .route({ method: "POST", path: "/adb-keys", summary: "Enrol an adb's public key: the line in ~/.android/adbkey.pub" })
    .input(z.object({ key: z.string().min(1).max(2_000) }))
    .output(AdbKey),
  remove: ruled("member", "drive")
    .route({ method: "DELETE", path: "/adb-keys/{id}", summary: "Forget an adb key; what it has open ends" })
    .input(z.object({ id: AdbKeyId }))
    .output(z.object({ id: AdbKeyId })),
};
