/** What Android says when it refuses to install or to remove an app, in plain words. The codes are those of AOSP's PackageManager (frameworks/base, core/java/android/content/pm). */
import { type ErrorCode, PhonerackError } from "@phonerack/contract/bus";

const WORDS: Readonly<Record<string, string>> = {
  ALREADY_EXISTS: "it is on the device already; remove it first",
  INVALID_APK:
    "its files are damaged or do not belong together (package, version and signer of base and splits must be the same)",
  INVALID_URI: "the device could not read the file; try again",
  DUPLICATE_PACKAGE: "another app of this name is there already; remove it first",
  NO_SHARED_USER: "it wants to share a user id (android:sharedUserId) that nobody has",
  UPDATE_INCOMPATIBLE:
    "the app on the device is signed by another key; remove it first (its data go with it), or sign with the same key",
  SHARED_USER_INCOMPATIBLE: "it wants to share the user id of an app that is signed by another key",
  MISSING_SHARED_LIBRARY: "it needs a library (uses-library) that this device does not have",
  REPLACE_COULDNT_DELETE: "the old version could not be removed; remove it, then try again",
  DEXOPT: "its code could not be made ready: the device has no room, or the code is damaged",
  OLDER_SDK: "it needs a newer Android than this device has (minSdkVersion)",
  CONFLICTING_PROVIDER: "another app on the device has a content provider of the same name (authority)",
  NEWER_SDK: "it is for older Androids than this device has (maxSdkVersion)",
  TEST_ONLY:
    "it is marked as for tests only (android:testOnly); build it without that, e.g. with 'gradle assemble' and not by the IDE's Run",
  CPU_ABI_INCOMPATIBLE: "its native code is not for this device's processor",
  NO_MATCHING_ABIS: "its native code is not for this device's processor",
  MULTI_ARCH_NOT_MATCH_ALL_NATIVE_ABIS:
    "it is for several processors at once (android:multiArch), and lacks native code for one of this device's",
  MISSING_FEATURE: "it needs something that this device does not have (uses-feature)",
  CONTAINER_ERROR: "the device's external storage could not take it",
  INVALID_INSTALL_LOCATION: "it cannot be installed where it wants to be (android:installLocation)",
  MEDIA_UNAVAILABLE: "the device's external storage is not there",
  VERIFICATION_TIMEOUT: "the device's app verifier did not answer in time; try again",
  VERIFICATION_FAILURE: "the device's app verifier (e.g. Play Protect) says that it is harmful",
  PACKAGE_CHANGED: "another app came than the one that was announced",
  UID_CHANGED: "its user id on the device is another than before; remove it there with its data",
  VERSION_DOWNGRADE: "a newer version is on the device; remove that, or allow an older one (Android takes it of debuggable apps)",
  PERMISSION_MODEL_DOWNGRADE:
    "it is for an older Android (targetSdkVersion below 23) than the version on the device; remove that first",
  SANDBOX_VERSION_DOWNGRADE: "it lowers android:targetSandboxVersion, which Android does not take; remove the app first",
  MISSING_SPLIT: "a split that it needs is missing; upload the base together with its splits",
  DEPRECATED_SDK_VERSION: "it is for an Android so old (targetSdkVersion) that this device refuses it",
  WRONG_INSTALLED_VERSION: "another version is on the device than it was made for",
  PROCESS_NOT_DEFINED: "its manifest names a process that it does not define",
  INTERNAL_ERROR: "the device's package manager failed at it; try again, or restart the device",
  USER_RESTRICTED: "the device's settings forbid installing by adb; allow 'Install via USB' in its developer options",
  DUPLICATE_PERMISSION: "another app on the device defines a permission of the same name",
  DUPLICATE_PERMISSION_GROUP: "another app on the device defines a permission group of the same name",
  BAD_PERMISSION_GROUP: "it uses a permission group that is another app's",
  ABORTED: "it was given up on the device, by somebody there or by the device itself",
  INSTANT_APP_INVALID: "it cannot be an instant app",
  BAD_DEX_METADATA: "its .dm file does not fit its APK",
  BAD_SIGNATURE: "its fs-verity signature is wrong",
  OTHER_STAGED_SESSION_IN_PROGRESS: "another installation waits for a restart of the device; restart it first",
  MULTIPACKAGE_INCONSISTENCY: "its packages do not belong together",
  SESSION_INVALID: "the installation was over before it was whole; try again",
  SHARED_LIBRARY_BAD_CERTIFICATE_DIGEST: "a library that it needs is signed by another key than it expects",
  PRE_APPROVAL_NOT_AVAILABLE: "this device asks for no approval beforehand",
};

const PARSE_WORDS: Readonly<Record<string, string>> = {
  NOT_APK: "the file is no APK, or a damaged one",
  BAD_MANIFEST: "its AndroidManifest.xml cannot be read",
  UNEXPECTED_EXCEPTION: "Android's reader failed at it",
  NO_CERTIFICATES: "its signature is missing or broken, or of a scheme that this Android does not take",
  INCONSISTENT_CERTIFICATES: "its parts are signed by different keys",
  CERTIFICATE_ENCODING: "the certificate in its signature cannot be read",
  BAD_PACKAGE_NAME: "its package name is none that Android takes",
  BAD_SHARED_USER_ID: "its android:sharedUserId is none that Android takes",
  MANIFEST_MALFORMED: "its AndroidManifest.xml is not as Android wants it",
  MANIFEST_EMPTY: "its AndroidManifest.xml names nothing that could be installed",
  SKIPPED: "this device leaves such apps out",
  RESOURCES_ARSC_COMPRESSED: "its resources.arsc is compressed, which Android 11 and later do not take (zipalign -p 4)",
};

const DELETE_WORDS: Readonly<Record<string, string>> = {
  INTERNAL_ERROR: "Android does not remove it: it came with the system, or its package manager failed",
  DEVICE_POLICY_MANAGER: "it administers the device; take that from it first",
  USER_RESTRICTED: "the device's settings forbid removing apps",
  OWNER_BLOCKED: "the device's owner forbids removing it",
  ABORTED: "it was given up on the device",
  USED_SHARED_LIBRARY: "another app needs it as a library",
  APP_PINNED: "it is pinned to the screen",
};

const LONGEST = 300;

/** The error for what `pm` printed instead of Success. */
export function installRefusal(said: string): PhonerackError {
  const [, code = "", message] = /(INSTALL_[A-Z_]+)(?::\s*([^\n]*?))?\]?\s*$/m.exec(said) ?? [];
  if (code === "") return unknown(said, "install_refused");
  const short = code.replace(/^INSTALL_(PARSE_)?FAILED_/, "");
  const words = code.startsWith("INSTALL_PARSE_") ? PARSE_WORDS[short] : WORDS[short];
  const asSaid = message ? ` (${code}: ${message.slice(0, LONGEST)})` : ` (${code})`;
  if (short === "INSUFFICIENT_STORAGE") return new PhonerackError("device_full", `it has no room for the app${asSaid}`);
  return new PhonerackError("install_refused", `${words ?? "Android gives no reason that we know"}${asSaid}`);
}

/** The error for what `pm uninstall` printed instead of Success. */
export function uninstallRefusal(said: string): PhonerackError {
  const code = /DELETE_FAILED_([A-Z_]+)/.exec(said)?.[1];
  const words = code === undefined ? undefined : DELETE_WORDS[code];
  return words === undefined
    ? unknown(said, "phone_failed")
    : new PhonerackError("phone_failed", `${words} (DELETE_FAILED_${code})`);
}

function unknown(said: string, code: ErrorCode): PhonerackError {
  const full = /not enough space|ENOSPC|No space left/i.test(said);
  const line = said
    .split("\n")
    .map((one) => one.trim())
    .find((one) => one !== "" && !one.startsWith("Exception occurred"));
  return new PhonerackError(full ? "device_full" : code, line?.slice(0, LONGEST) ?? "it said nothing");
}
