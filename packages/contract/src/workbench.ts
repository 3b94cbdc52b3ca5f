/** What is done to one phone, or to a thousand by a job, and what a phone tells of itself when it is asked. */
import { z } from "zod";
import { PackageName } from "./grounds.js";
import { LOG_TAIL_MAX, LogLevel } from "./log-wish.js";

/** SHA-256 of a file's bytes, lower-case hex: how files that lie in the lab are named. */
export const BlobDigest = z.string().regex(/^[0-9a-f]{64}$/, "a digest is 64 of 0-9 and a-f");
export type BlobDigest = z.infer<typeof BlobDigest>;

/** The longest path and name that Android's file systems take, in bytes of UTF-8. */
export const PATH_MAX_BYTES = 1_024;
export const NAME_MAX_BYTES = 255;

/**
 * An absolute path on a phone, in any script. Without `.`, `..`, empty parts, NUL and line ends: nothing is resolved by anybody but the phone, and below which folders
 * it may lie is the agent's to say, by the real path.
 */
export const PhonePath = z
  .string()
  .max(PATH_MAX_BYTES)
  .refine((path) => path.startsWith("/"), "begins with /")
  .refine((path) => !/\p{Cc}/u.test(path), "has no control characters")
  .refine(
    (path) => path === "/" || path.slice(1).replace(/\/$/, "").split("/").every(isName),
    "has no empty part, no . and no ..",
  );
export type PhonePath = z.infer<typeof PhonePath>;

function isName(part: string): boolean {
  return part !== "" && part !== "." && part !== "..";
}

/** As Android names them, e.g. `en-US`, `zh-Hans-CN`. */
export const LocaleTag = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/, "a language is like en-US or zh-Hans-CN");
/** As the IANA names them, e.g. `Europe/Paris`. */
export const TimeZone = z.string().regex(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+){0,2}$/, "a time zone is like Europe/Paris");

/**
 * What of a phone's settings people change while they test; cleaning undoes all of it. A field that is left out stays as it is. `location` holds for owned apps alone:
 * it ends when another comes in front; null: as the phone itself knows.
 */
export const DeviceSettings = z.object({
  /** auto: as it is held. 0 to 3: quarter turns counter-clockwise as Android counts them. */
  rotation: z.union([z.literal("auto"), z.int().min(0).max(3)]).optional(),
  locale: LocaleTag.optional(),
  timeZone: TimeZone.optional(),
  fontScale: z.number().min(0.5).max(2).optional(),
  night: z.enum(["on", "off", "auto"]).optional(),
  airplane: z.boolean().optional(),
  stayAwake: z.boolean().optional(),
  location: z
    .object({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) })
    .nullable()
    .optional(),
});
export type DeviceSettings = z.infer<typeof DeviceSettings>;

/** What the phone says of them; null where it does not say. `unsupported`: those that this phone cannot be told. */
export const DeviceSettingsNow = z.object({
  rotation: z.union([z.literal("auto"), z.int().min(0).max(3)]).nullable(),
  locale: z.string().nullable(),
  timeZone: z.string().nullable(),
  fontScale: z.number().nullable(),
  night: z.enum(["on", "off", "auto"]).nullable(),
  airplane: z.boolean().nullable(),
  stayAwake: z.boolean().nullable(),
  location: z.object({ latitude: z.number(), longitude: z.number() }).nullable(),
  unsupported: z.array(z.string()),
});
export type DeviceSettingsNow = z.infer<typeof DeviceSettingsNow>;

/** One APK of an installation; splits go together with their base. */
export const ApkFile = z.object({ name: z.string().max(200), sha256: BlobDigest, size: z.int().positive() });
export type ApkFile = z.infer<typeof ApkFile>;

/** Of picture that is kept in memory, in seconds. */
export const KEEP_LAST_MAX_S = 300;
const Target = { package: PackageName };
/** A shell command's time, at most. */
export const COMMAND_MAX_MS = 60 * 60_000;
/** What is kept of what a command printed, of each of its two streams, in bytes. */
export const COMMAND_OUTPUT = 64 * 1024;

/**
 * One thing done to one phone. Each is asked of the gate on the agent right before it is done. Those in `REPEATABLE` may be done again when nobody knows whether they
 * were done; the others are then `interrupted`, never repeated by themselves.
 */
export const DeviceAction = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("install"),
    ...Target,
    files: z.array(ApkFile).min(1).max(100),
    /** Give it every permission that it asks for. */
    grant: z.boolean().default(false),
    /** Also over a newer one; Android lets only debuggable apps. */
    downgrade: z.boolean().default(false),
  }),
  z.object({ type: z.literal("uninstall"), ...Target, keepData: z.boolean().default(false) }),
  /** Without an activity: what its icon opens. */
  z.object({ type: z.literal("launch"), ...Target, activity: z.string().max(300).optional() }),
  z.object({ type: z.literal("stop"), ...Target }),
  z.object({ type: z.literal("clear"), ...Target }),
  z.object({
    type: z.literal("permission"),
    ...Target,
    permission: z.string().regex(/^[\w.]{1,200}$/),
    granted: z.boolean(),
  }),
  z.object({ type: z.literal("link"), url: z.string().min(1).max(2_000), package: PackageName.optional() }),
  z.object({
    type: z.literal("shell"),
    command: z.string().min(1).max(10_000),
    timeoutMs: z.int().min(1_000).max(COMMAND_MAX_MS).default(60_000),
  }),
  /** Writes a file of the lab onto the phone, whole or not at all. */
  z.object({ type: z.literal("put"), path: PhonePath, sha256: BlobDigest, size: z.int().nonnegative() }),
  z.object({ type: z.literal("make-folder"), path: PhonePath }),
  z.object({ type: z.literal("move"), path: PhonePath, to: PhonePath }),
  /** A folder with all that is in it. A link is removed, not what it points to. */
  z.object({ type: z.literal("remove"), path: PhonePath }),
  z.object({ type: z.literal("settings"), settings: DeviceSettings }),
  z.object({ type: z.literal("clipboard"), text: z.string().max(100_000) }),
  z.object({ type: z.literal("screenshot"), frame: z.boolean().default(false) }),
  /** Begins a recording, or ends it. One that runs already, or none that could be ended, is as it was wished. */
  z.object({ type: z.literal("record"), on: z.boolean(), sound: z.boolean().default(true) }),
  /** Keeps the last seconds of picture in memory from now on, while nobody watches too; 0: not any more. */
  z.object({ type: z.literal("keep-last"), seconds: z.int().min(0).max(KEEP_LAST_MAX_S).default(120) }),
  /** Saves the last seconds of picture of a phone that is kept or watched. */
  z.object({ type: z.literal("save-last"), seconds: z.int().min(1).max(KEEP_LAST_MAX_S).default(120) }),
  /** Keeps what the log has now: so many lines, of this level and above, of this package's processes or of all. */
  z.object({
    type: z.literal("log"),
    tail: z.int().min(1).max(LOG_TAIL_MAX).default(LOG_TAIL_MAX),
    level: LogLevel.default("V"),
    package: PackageName.optional(),
  }),
  /** Keeps a file, or a folder as one tar. */
  z.object({ type: z.literal("get"), path: PhonePath }),
  z.object({ type: z.literal("reboot") }),
]);
export type DeviceAction = z.infer<typeof DeviceAction>;
export type ActionType = DeviceAction["type"];

export const REPEATABLE: ReadonlySet<ActionType> = new Set<ActionType>([
  "install",
  "uninstall",
  "stop",
  "clear",
  "permission",
  "put",
  "make-folder",
  "remove",
  "settings",
  "clipboard",
  "screenshot",
  "record",
  "keep-last",
  "save-last",
  "log",
  "get",
]);

/** What an action gave, beyond having been done. */
export const ActionResult = z.object({
  /** Of `shell`. */
  exitCode: z.int().optional(),
  stdout: z.string().optional(),
  stderr: z.string().optional(),
  /** More was printed than is kept. */
  truncated: z.boolean().optional(),
  /** Of `install`: what is on the phone now. */
  versionName: z.string().nullable().optional(),
  versionCode: z.int().nullable().optional(),
  /** Of `screenshot`, `record`, `save-last`, `log` and `get`: the artifact. */
  artifact: z.string().optional(),
  /** In words, when there is more to say, e.g. which settings the phone has no word for. */
  note: z.string().max(500).optional(),
});
export type ActionResult = z.infer<typeof ActionResult>;

export const InstalledPackage = z.object({
  package: PackageName,
  /** As its icon says, where the phone tells it cheaply. */
  label: z.string().nullable(),
  versionName: z.string().nullable(),
  versionCode: z.int().nullable(),
  /** It came with the phone. */
  system: z.boolean(),
  enabled: z.boolean(),
  /** The fence has disabled it for as long as it is closed. */
  fenced: z.boolean(),
  running: z.boolean(),
  /** What it is to the holder's organisation. */
  standing: z.enum(["owned", "system", "permitted", "other"]),
});
export type InstalledPackage = z.infer<typeof InstalledPackage>;

export const PackageDetail = InstalledPackage.extend({
  signer: z.string().nullable(),
  minSdk: z.int().nullable(),
  targetSdk: z.int().nullable(),
  debuggable: z.boolean().nullable(),
  installedAt: z.string().nullable(),
  updatedAt: z.string().nullable(),
  installer: z.string().nullable(),
  /** Bytes, where the phone tells. */
  size: z.object({ code: z.number(), data: z.number(), cache: z.number() }).nullable(),
  splits: z.array(z.string()),
  /** What its icon opens. */
  launcher: z.string().nullable(),
  /** Runtime permissions that it asks for, and whether it has them. */
  permissions: z.array(z.object({ name: z.string(), granted: z.boolean() })),
});
export type PackageDetail = z.infer<typeof PackageDetail>;

/** d folder, f file, l link, o another thing (a pipe, a socket). */
export const FileKind = z.enum(["folder", "file", "link", "other"]);
export const FileEntry = z.object({
  /** In any script; where it is no UTF-8, `raw` has the bytes and this is to be shown only. */
  name: z.string(),
  /** The name's bytes in base64, where they are no UTF-8: it can be looked at and removed by nobody but the shell. */
  raw: z.string().optional(),
  kind: FileKind,
  /** Bytes. */
  size: z.number().nonnegative(),
  /** Milliseconds since the Unix epoch. */
  modifiedAt: z.number(),
  /** Permission bits. */
  mode: z.int().nonnegative(),
  /** What a link points to. */
  target: z.string().nullable(),
});
export type FileEntry = z.infer<typeof FileEntry>;

/** A folder's entries by name, folders first; `next` goes on after the last. */
export const FileList = z.object({
  path: PhonePath,
  entries: z.array(FileEntry).max(1_000),
  next: z.string().nullable(),
  total: z.int().nonnegative(),
  /** Free bytes on that file system; null where the phone does not say. */
  free: z.number().nullable(),
});
export type FileList = z.infer<typeof FileList>;
