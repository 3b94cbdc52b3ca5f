import { generateKeyPairSync } from "node:crypto";
import { type ApkPlan, buildApk } from "@phonerack/apk";
import { describe, expect, test } from "vitest";
import { phoneFixture } from "../chassis/phone-fixture.js";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
const plan: ApkPlan = {
  package: "com.example.demo",
  versionCode: 7,
  versionName: "1.2",
  label: "Demo",
  labels: { fr: "Démo", zh: "演示" },
  permissions: ["android.permission.CAMERA", "android.permission.INTERNET"],
};

describe("installing", () => {
  const install = async (phone: ReturnType<typeof phoneFixture>, apk: Buffer, flags = ""): Promise<string> =>
    (await phone.run(`cmd package install ${flags} -S ${apk.length}`, { stdin: apk })).stdout;

  test("streams an APK in, lists it, keeps its bytes and takes it away again", async () => {
    const phone = phoneFixture();
    const apk = buildApk(plan, rsa);
    expect(await install(phone, apk)).toBe("Success\n");
    expect((await phone.run("pm list packages -3 --show-versioncode demo")).stdout).toBe(
      "package:com.example.demo versionCode:7\n",
    );
    const { stdout } = await phone.run("F=$(pm path com.example.demo | cut -d: -f2); ls -l $F; wc -c < $F");
    expect(stdout).toMatch(/^-rw-r--r-- 1 system system +\d+ .*base\.apk\n\d+\n$/);
    expect(stdout.trim().endsWith(String(apk.length))).toBe(true);
    expect((await phone.run("am start -n com.example.demo/.MainActivity")).exitCode).toBe(0);
    expect(await phone.run("pm uninstall com.example.demo; pm path com.example.demo")).toMatchObject({
      stdout: "Success\n",
      exitCode: 1,
    });
    expect(phone.files.storage.used).toBe(0);
  });

  test("fails as Android does for other signers, older versions, newer systems and what is no APK", async () => {
    const phone = phoneFixture();
    expect(await install(phone, buildApk(plan, rsa))).toBe("Success\n");
    expect(await install(phone, buildApk({ ...plan, versionCode: 8 }, other))).toContain(
      "Failure [INSTALL_FAILED_UPDATE_INCOMPATIBLE: ",
    );
    expect(await install(phone, buildApk({ ...plan, versionCode: 6 }, rsa))).toContain(
      "Failure [INSTALL_FAILED_VERSION_DOWNGRADE: ",
    );
    expect(await install(phone, buildApk({ ...plan, versionCode: 6 }, rsa), "-d")).toBe("Success\n");
    expect(await install(phone, buildApk({ ...plan, minSdk: 99 }, rsa))).toContain("Failure [INSTALL_FAILED_OLDER_SDK: ");
    expect(await install(phone, buildApk({ ...plan, testOnly: true }, rsa))).toContain("Failure [INSTALL_FAILED_TEST_ONLY: ");
    expect(await install(phone, Buffer.from("no apk"))).toMatch(
      /^Failure \[INSTALL_PARSE_FAILED_NOT_APK: Failed to parse \/data\/app\/vmdl\d+\.tmp\/base\.apk: .*\]\n$/,
    );
    expect((await phone.run("pm list packages -3 demo")).stdout).toBe("package:com.example.demo\n");
  });

  test("installs splits by a session, and none of them when one does not belong", async () => {
    const phone = phoneFixture();
    const base = buildApk(plan, rsa);
    const split = buildApk({ ...plan, split: "config.fr", activities: [] }, rsa);
    const foreign = buildApk({ ...plan, package: "com.example.other", split: "config.fr" }, rsa);
    const session = async (parts: readonly Buffer[]): Promise<string> => {
      const id = /\[(\d+)\]/.exec((await phone.run("pm install-create -r")).stdout)?.[1];
      for (const [index, part] of parts.entries())
        await phone.run(`pm install-write -S ${part.length} ${id} ${index}.apk -`, { stdin: part });
      return (await phone.run(`pm install-commit ${id}`)).stdout;
    };
    expect(await session([base, foreign])).toContain(
      "Failure [INSTALL_FAILED_INVALID_APK: Split config.fr package com.example.other inconsistent with com.example.demo]",
    );
    expect((await phone.run("pm path com.example.demo")).stdout).toBe("");
    expect(await session([base, split])).toBe("Success\n");
    expect((await phone.run("pm path com.example.demo | wc -l")).stdout).toBe("2\n");
    expect((await phone.run("pm install-write -S 1 1 x -")).stderr).toContain("Caller has no access to session 1");
  });

  test("says that it is full and leaves nothing behind", async () => {
    const phone = phoneFixture({ capacity: 2000 });
    expect(await install(phone, buildApk(plan, rsa))).toContain("Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE: ");
    expect(phone.files.storage.used).toBe(0);
  });
});
