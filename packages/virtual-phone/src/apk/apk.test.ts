import { generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { phoneFixture } from "../chassis/phone-fixture.js";
import { type Apk, readApk } from "./apk.js";
import { type ApkPlan, buildApk } from "./apk-builder.js";
import { ApkError } from "./apk-error.js";
import { parseBinaryXml } from "./binary-xml.js";
import { Resources } from "./resources.js";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
const plan: ApkPlan = {
  package: "com.example.demo",
  versionCode: 7,
  versionName: "1.2",
  label: "Demo",
  labels: { fr: "Démo", zh: "演示" },
  permissions: ["android.permission.CAMERA", "android.permission.INTERNET"],
};

function read(bytes: Buffer, language = "en"): Promise<Apk> {
  return readApk(
    { size: bytes.length, slice: (start, end) => Promise.resolve(Buffer.from(bytes.subarray(Math.max(0, start), end))) },
    { language, density: 420 },
  );
}

/** A 2 × 1 PNG: red, half-transparent green. */
function png(): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
  };
  const pixels = deflateSync(Buffer.from([1, 255, 0, 0, 255, 1, 255, 0, 129]));
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", Buffer.from([0, 0, 0, 2, 0, 0, 0, 1, 8, 6, 0, 0, 0])),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

describe("reading an APK", () => {
  test("gives what its manifest, table and signature say", async () => {
    const { facts, split, scheme } = await read(buildApk({ ...plan, icon: png() }, rsa));
    expect(facts).toMatchObject({
      package: "com.example.demo",
      versionCode: 7,
      versionName: "1.2",
      minSdk: 21,
      targetSdk: 33,
      label: "Demo",
      debuggable: false,
      permissions: plan.permissions,
    });
    expect(facts.activities).toEqual([
      {
        name: "com.example.demo.MainActivity",
        exported: true,
        filters: [{ actions: ["android.intent.action.MAIN"], categories: ["android.intent.category.LAUNCHER"] }],
      },
    ]);
    expect(facts.signer).toMatch(/^[0-9a-f]{64}$/);
    expect([...(facts.icon?.rgba ?? [])]).toEqual([255, 0, 0, 255, 0, 255, 0, 128]);
    expect([split, scheme]).toEqual([null, 2]);
  });

  test("takes the label of the phone's language", async () => {
    const apk = buildApk(plan, ec);
    expect([
      (await read(apk, "fr")).facts.label,
      (await read(apk, "zh")).facts.label,
      (await read(apk, "de")).facts.label,
    ]).toEqual(["Démo", "演示", "Demo"]);
  });

  test("is what a reader that is not ours reads too", async () => {
    const ApkReader = createRequire(import.meta.url)("@devicefarmer/adbkit-apkreader") as {
      open(apk: Buffer): Promise<{ readManifest(): Promise<unknown> }>;
    };
    const manifest = await (await ApkReader.open(buildApk(plan, ec))).readManifest();
    expect(manifest).toMatchObject({ package: "com.example.demo", versionCode: 7, usesSdk: { minSdkVersion: 21 } });
  });

  test("knows the signer by its certificate: same key same signer, another key another", async () => {
    const digests = await Promise.all(
      [buildApk(plan, rsa), buildApk({ ...plan, versionCode: 8 }, rsa), buildApk(plan, other)].map(
        async (apk) => (await read(apk)).facts.signer,
      ),
    );
    expect(digests[0]).toBe(digests[1]);
    expect(digests[2]).not.toBe(digests[0]);
  });

  test.each([
    ["nothing", Buffer.alloc(0), "INSTALL_PARSE_FAILED_NOT_APK"],
    ["text", Buffer.from("hello".repeat(100)), "INSTALL_PARSE_FAILED_NOT_APK"],
    ["half an APK", buildApk(plan, ec).subarray(0, 1000), "INSTALL_PARSE_FAILED_NOT_APK"],
    ["an unsigned one", buildApk(plan, undefined), "INSTALL_PARSE_FAILED_NO_CERTIFICATES"],
    ["a name that is none", buildApk({ package: "nodots" }, ec), "INSTALL_PARSE_FAILED_BAD_PACKAGE_NAME"],
  ])("refuses %s", async (_, bytes, code) => {
    await expect(read(bytes)).rejects.toMatchObject({ code });
  });

  test("refuses contents that were changed after signing", async () => {
    const apk = buildApk({ ...plan, files: { "assets/x": Buffer.from("original") } }, rsa);
    apk.write("tampered", apk.indexOf("original"));
    await expect(read(apk)).rejects.toMatchObject({
      code: "INSTALL_PARSE_FAILED_NO_CERTIFICATES",
      message: "SHA256 digest of contents did not verify",
    });
  });

  test("ends in a named error or a result for any damage", async () => {
    const apk = buildApk(plan, ec);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(apk.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), async (edits) => {
        const damaged = Buffer.from(apk);
        for (const [at, value] of edits) damaged[at] = value;
        const result = await read(damaged).catch((error: unknown) => error);
        expect(result instanceof ApkError || (result as Apk).facts !== undefined).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("ends in a named error for any bytes in place of XML and tables", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const parse of [() => parseBinaryXml(Buffer.from(bytes)), () => new Resources(Buffer.from(bytes))]) {
          try {
            parse();
          } catch (error) {
            expect(error).toBeInstanceOf(ApkError);
          }
        }
      }),
    );
  });
});

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
