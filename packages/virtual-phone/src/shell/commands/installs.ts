/** pm install, its sessions, and uninstall: the command's side of apk/install-sessions.ts. */
import { FileError } from "../../adbd/services.js";
import type { CommitResult, SessionOptions } from "../../installer/install-sessions.js";
import type { Call } from "../command.js";
import { type Options, readOptions } from "../options.js";
import type { ByteInput } from "../streams.js";

type Verb = (call: Call, args: readonly string[]) => Promise<number>;

const SPEC = {
  flags: "rtfdglRFqs",
  values: "iSp",
  long: [
    "user=",
    "abi=",
    "instant",
    "full",
    "preload",
    "dont-kill",
    "force-uuid=",
    "pkg=",
    "originating-uri=",
    "referrer=",
    "install-location=",
    "install-reason=",
    "bypass-low-target-sdk-block",
    "force-queryable",
    "staged",
    "multi-package",
    "incremental",
    "no-incremental",
    "streaming",
    "no-streaming",
    "enable-rollback",
    "apex",
    "skip-verification",
    "update-ownership",
  ],
} as const;

function sessionOptions({ on, values }: Options): SessionOptions {
  const installer = values.get("i");
  const inherit = values.get("p");
  return {
    // Since Android 9 an install replaces what is there unless -R says not to.
    replace: !on.has("R"),
    downgrade: on.has("d"),
    testOnly: on.has("t"),
    grantAll: on.has("g"),
    ...(installer === undefined ? {} : { installer }),
    ...(inherit === undefined ? {} : { inherit }),
  };
}

function report(call: Call, result: CommitResult): Promise<number> {
  return result.ok ? call.say("Success") : call.say(`Failure [${result.failure}]`).then(() => 1);
}

const USER = /^(0|current|all)$/;

function badUser(call: Call, { values }: Options): Promise<number> | undefined {
  const user = values.get("user");
  if (user === undefined || USER.test(user)) return undefined;
  return call.say(`Failure [java.lang.IllegalArgumentException: user ${user} doesn't exist]`).then(() => 1);
}

/** `install [-S SIZE] [PATH|-]`: from a file of the phone, or streamed. */
export const install: Verb = async (call, args) => {
  const options = readOptions(args, SPEC);
  if (options.unknown)
    return call.complain(`Error: Unknown option: ${options.unknown.length === 1 ? `-${options.unknown}` : options.unknown}`, 255);
  const wrong = badUser(call, options);
  if (wrong) return wrong;
  const size = sizeOf(options);
  const [path, ...splits] = options.rest;
  const streamed = path === undefined || path === "-";
  if (streamed && size === undefined) return call.complain("Error: must either specify a package size or an APK file", 255);
  if (!streamed) {
    const missing = [path, ...splits].find((one) => !call.files.exists(call.path(one)));
    if (missing !== undefined)
      return call.complain(
        `Error: failed to open APK file: ${call.path(missing)}: No such file or directory\nError: Unable to open file: ${missing}\nConsider using a file under /data/local/tmp/`,
        255,
      );
  }
  const { installs } = call.host;
  const id = installs.create(sessionOptions(options));
  if (id === undefined)
    return call.say("Failure [INSTALL_FAILED_INTERNAL_ERROR: Too many active sessions for UID 2000]").then(() => 1);
  try {
    if (streamed) {
      const written = await installs.write(id, "base.apk", { bytes: chunksOf(call, call.io.stdin), size });
      if (written !== size) return await call.complain(`Error: failed to write; got only ${written} of ${size} bytes`, 1);
    } else {
      for (const one of [path, ...splits])
        await installs.write(id, one, { bytes: call.files.open(call.path(one)), size: undefined });
    }
    return await report(call, await installs.commit(id));
  } catch (error) {
    if (!(error instanceof FileError) || error.code !== "ENOSPC") throw error;
    return await call
      .say("Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE: Failed to allocate because not enough space]")
      .then(() => 1);
  } finally {
    await installs.abandon(id);
  }
};

/** Stops reading when the command is ended, and leaves what comes after the APK unread. */
async function* chunksOf(call: Call, input: ByteInput): AsyncGenerator<Uint8Array> {
  for (let chunk = await input.next(call.signal); chunk; chunk = await input.next(call.signal)) yield chunk;
}

function sizeOf({ values }: Options): number | undefined {
  const text = values.get("S");
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

export const installCreate: Verb = (call, args) => {
  const options = readOptions(args, SPEC);
  const id = call.host.installs.create(sessionOptions(options));
  if (id === undefined)
    return call.say("Failure [INSTALL_FAILED_INTERNAL_ERROR: Too many active sessions for UID 2000]").then(() => 1);
  return call.say(`Success: created install session [${id}]`);
};

/** `install-write [-S BYTES] SESSION_ID SPLIT_NAME [PATH|-]` */
export const installWrite: Verb = async (call, args) => {
  const options = readOptions(args, { values: "S" });
  const [session = "", name = "", path = "-"] = options.rest;
  const { installs } = call.host;
  if (!installs.has(Number(session)))
    return call.complain(`Error: java.lang.SecurityException: Caller has no access to session ${session}`, 255);
  const size = sizeOf(options);
  if (path === "-" && size === undefined) return call.complain("Error: must specify a size when streaming", 255);
  const bytes = path === "-" ? chunksOf(call, call.io.stdin) : call.files.open(call.path(path));
  try {
    const written = await installs.write(Number(session), name, { bytes, size });
    return await call.say(`Success: streamed ${written} bytes`);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return await call.complain(`Error: failed to write; ${error.message}`, 1);
  }
};

export const installCommit: Verb = async (call, args) => {
  const { rest } = readOptions(args, { long: ["staged-ready-timeout="] });
  return report(call, await call.host.installs.commit(Number(rest[0])));
};

export const installAbandon: Verb = async (call, args) => {
  const done = await call.host.installs.abandon(Number(args[0]));
  return done
    ? call.say("Success")
    : call.complain(`Error: java.lang.SecurityException: Caller has no access to session ${args[0]}`, 255);
};

export const uninstall: Verb = async (call, args) => {
  const options = readOptions(args, { flags: "k", long: ["user=", "versionCode="] });
  const [name] = options.rest;
  if (name === undefined) return call.complain("Error: package name not specified", 255);
  const wrong = badUser(call, options);
  if (wrong) return wrong;
  if (call.phone.admins.guards(name)) return call.say("Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]").then(() => 1);
  call.phone.activities.forceStop(name, "uninstall pkg");
  const user = options.values.get("user");
  const failure = call.phone.packages.uninstall(name, { user0: user === "0" || user === "current" });
  return failure === null ? call.say("Success") : call.say(`Failure [${failure}]`).then(() => 1);
};
