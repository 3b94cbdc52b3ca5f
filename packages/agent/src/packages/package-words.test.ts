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

test("every refusal names Android's code, and says what it means", () => {
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
