/** What package managers print, as real phones do, and as hostile ones might. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDump, readList, readSizes, readVersions, runningIn } from "./package-words.js";
import { installRefusal, uninstallRefusal } from "./refusals.js";

const DUMP = `Activity Resolver Table:
  Non-Data Actions:
      android.intent.action.MAIN:
        1a2b3c4 com.example.app/.MainActivity filter 5d6e7f8

Packages:
  Package [com.example.app] (1a2b3c4):
    userId=10234
    codePath=/data/app/~~aGVsbG8==/com.example.app-d29ybGQ==
    versionCode=42 minSdk=24 targetSdk=34
    versionName=4.2-beta 1
    splits=[base, config.arm64_v8a, config.fr]
    flags=[ DEBUGGABLE HAS_CODE ALLOW_CLEAR_USER_DATA ALLOW_BACKUP ]
    firstInstallTime=2025-11-26 09:00:00
    lastUpdateTime=2025-11-26 10:00:00
    installerPackageName=com.android.vending
    declared permissions:
      com.example.app.OWN: prot=signature
    install permissions:
      android.permission.INTERNET: granted=true
    User 0: ceDataInode=1 installed=true hidden=false stopped=false enabled=0
      gids=[3003]
      runtime permissions:
        android.permission.CAMERA: granted=true, flags=[ USER_SET ]
        android.permission.RECORD_AUDIO: granted=false, flags=[ ]
      disabledComponents:
        com.example.app.Old

Hidden system packages:
  Package [com.example.app] (5d6e7f8):
    versionCode=1 minSdk=21 targetSdk=30
    versionName=1.0
`;

describe("a package's words", () => {
  test("are read from dumpsys, of the present one and not of the one that came with the system", () => {
    expect(readDump(DUMP, "com.example.app")).toEqual({
      versionName: "4.2-beta 1",
      versionCode: 42,
      minSdk: 24,
      targetSdk: 34,
      debuggable: true,
      installedAt: "2025-11-26 09:00:00",
      updatedAt: "2025-11-26 10:00:00",
      installer: "com.android.vending",
      splits: ["config.arm64_v8a", "config.fr"],
      permissions: [
        { name: "android.permission.CAMERA", granted: true },
        { name: "android.permission.RECORD_AUDIO", granted: false },
      ],
    });
    expect(readDump(DUMP, "com.example.ap")).toBeUndefined();
    expect(readDump("Unable to find package: com.example.app", "com.example.app")).toBeUndefined();
    expect(readDump(DUMP.replace("installed=true", "installed=false"), "com.example.app")).toBeUndefined();
    expect(readVersions(DUMP)).toEqual(new Map([["com.example.app", "4.2-beta 1"]]));
  });

  test("are read from lists of every age, whose paths may hold anything", () => {
    const list = [
      "package:/data/app/~~aGVsbG8==/com.example.app-d29ybGQ==/base.apk=com.example.app versionCode:42 uid:10234",
      "package:/system/app/Old/Old.apk=com.example.old",
      "package:/x/=../../evil",
      "Error: nonsense",
    ];
    expect(readList(list.join("\n"))).toEqual([
      { package: "com.example.app", versionCode: 42 },
      { package: "com.example.old", versionCode: null },
    ]);
    const ps = "USER PID NAME\nu0_a1 77 com.example.app\nu0_a1 78 com.example.app:remote\nshell 9 sh";
    expect([...runningIn(ps)]).toEqual(expect.arrayContaining(["com.example.app", "sh"]));
  });

  test("of sizes are those of its place in the lists", () => {
    const stats = 'Package Names: ["a.b","com.example.app"]\nApp Sizes: [1,20]\nApp Data Sizes: [2,30]\nCache Sizes: [3,40]\n';
    expect(readSizes(stats, "com.example.app")).toEqual({ code: 20, data: 30, cache: 40 });
    expect(readSizes(stats, "none")).toBeUndefined();
    expect(readSizes("Package Names: [broken", "a.b")).toBeUndefined();
  });

  test("of a hostile phone are nothing, and take no time", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000, unit: fc.constantFrom(..."\n =:[]()/.aA0 \u0000".split("")) }), (text) => {
        readList(text);
        readVersions(text);
        readSizes(text, "a.b");
        readDump(`\n  Package [a.b] (1):\n${text}`, "a.b");
      }),
    );
    const began = performance.now();
    readDump(`\n  Package [a.b] (1):\n${"      runtime permissions:\n".repeat(20_000)}`, "a.b");
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

/** All that AOSP's PackageManager.java (Android 15) has, but for the want of room, which is another error. */
const FAILED = `
  ALREADY_EXISTS INVALID_APK INVALID_URI DUPLICATE_PACKAGE NO_SHARED_USER UPDATE_INCOMPATIBLE SHARED_USER_INCOMPATIBLE MISSING_SHARED_LIBRARY
  REPLACE_COULDNT_DELETE DEXOPT OLDER_SDK CONFLICTING_PROVIDER NEWER_SDK TEST_ONLY CPU_ABI_INCOMPATIBLE MISSING_FEATURE CONTAINER_ERROR
  INVALID_INSTALL_LOCATION MEDIA_UNAVAILABLE VERIFICATION_TIMEOUT VERIFICATION_FAILURE PACKAGE_CHANGED UID_CHANGED VERSION_DOWNGRADE
  PERMISSION_MODEL_DOWNGRADE SANDBOX_VERSION_DOWNGRADE MISSING_SPLIT DEPRECATED_SDK_VERSION INTERNAL_ERROR USER_RESTRICTED DUPLICATE_PERMISSION
  NO_MATCHING_ABIS ABORTED INSTANT_APP_INVALID BAD_DEX_METADATA BAD_SIGNATURE OTHER_STAGED_SESSION_IN_PROGRESS MULTIPACKAGE_INCONSISTENCY
  WRONG_INSTALLED_VERSION PROCESS_NOT_DEFINED DUPLICATE_PERMISSION_GROUP BAD_PERMISSION_GROUP SESSION_INVALID PRE_APPROVAL_NOT_AVAILABLE
  SHARED_LIBRARY_BAD_CERTIFICATE_DIGEST MULTI_ARCH_NOT_MATCH_ALL_NATIVE_ABIS
`
  .trim()
  .split(/\s+/);
const PARSE_FAILED = `
  NOT_APK BAD_MANIFEST UNEXPECTED_EXCEPTION NO_CERTIFICATES INCONSISTENT_CERTIFICATES CERTIFICATE_ENCODING BAD_PACKAGE_NAME BAD_SHARED_USER_ID
  MANIFEST_MALFORMED MANIFEST_EMPTY RESOURCES_ARSC_COMPRESSED SKIPPED
`
  .trim()
  .split(/\s+/);

test("every refusal that Android knows has words", () => {
  const said = [...FAILED.map((code) => `INSTALL_FAILED_${code}`), ...PARSE_FAILED.map((code) => `INSTALL_PARSE_FAILED_${code}`)];
  for (const code of said) expect(installRefusal(`Failure [${code}]`).detail).not.toMatch(/^Android gives no reason/);
});

test("a refusal names Android's code, and says what it means", () => {
  const said = (code: string) => installRefusal(`\tpkg: /x.apk\nFailure [${code}: Some words: more]\n`);
  expect(said("INSTALL_FAILED_MISSING_SPLIT").toJSON()).toMatchObject({
    code: "install_refused",
    detail:
      "a split that it needs is missing; upload the base together with its splits (INSTALL_FAILED_MISSING_SPLIT: Some words: more)",
  });
  expect(said("INSTALL_PARSE_FAILED_NO_CERTIFICATES").detail).toMatch(/^its signature is missing or broken/);
  expect(said("INSTALL_FAILED_INSUFFICIENT_STORAGE").code).toBe("device_full");
  expect(said("INSTALL_FAILED_BRAND_NEW").detail).toBe(
    "Android gives no reason that we know (INSTALL_FAILED_BRAND_NEW: Some words: more)",
  );
  expect(installRefusal("Failure [INSTALL_FAILED_USER_RESTRICTED]").detail).toMatch(/^the device's settings forbid/);
  expect(installRefusal("Error: java.io.IOException: Requested internal only, but not enough space").code).toBe("device_full");
  expect(installRefusal("").toJSON()).toMatchObject({ code: "install_refused", detail: "it said nothing" });
  expect(uninstallRefusal("Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]").detail).toMatch(/^it administers the device/);
});
