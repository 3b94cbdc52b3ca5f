import { generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Apk, readApk } from "./apk.js";
import { type ApkPlan, buildApk } from "./apk-builder.js";
import { ApkError } from "./apk-error.js";
import { parseBinaryXml } from "./binary-xml.js";
import { Resources } from "./resources.js";
import { readStringTable } from "./string-table.js";
import { openZip, readEntry } from "./zip.js";

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

  test("keeps activities with their filters, and every string with its name in all languages", async () => {
    const activities = [
      {
        name: "com.example.demo.Link",
        exported: false,
        filters: [
          { actions: ["a.VIEW"], categories: ["c.DEFAULT"], schemes: ["demo"], hosts: ["x", "y"], mimeTypes: ["text/plain"] },
        ],
      },
    ];
    const strings = { save: { "": "Save", fr: "Enregistrer", zh: "保存" }, only_here: { "": "Save" } };
    const apk = buildApk({ ...plan, activities, strings, schemes: [2, 3] }, ec);
    const { facts, scheme } = await read(apk, "fr");
    expect([facts.activities, facts.label, scheme]).toEqual([activities, "Démo", 3]);
    const zip = await openZip({
      size: apk.length,
      slice: (start, end) => Promise.resolve(Buffer.from(apk.subarray(start, end))),
    });
    const table = readStringTable((await readEntry(zip, "resources.arsc")) ?? Buffer.alloc(0));
    expect(Object.fromEntries([...table].map(([language, texts]) => [language, Object.fromEntries(texts)]))).toEqual({
      "": { app_name: "Demo", save: "Save", only_here: "Save" },
      fr: { app_name: "Démo", save: "Enregistrer" },
      zh: { app_name: "演示", save: "保存" },
    });
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
    ...[
      ["in letters that only look like it", "\u0441om.acme.shop"],
      ["in letters of double width", "\uff43om.acme.shop"],
      ["with a space without width", "com.acme.shop\u200b"],
      ["that turns around", "\u202ecom.acme.shop"],
      ["with a line end", "com.acme.shop\n"],
      ["that drives a terminal", "com.acme.\u001b[2J"],
      ["longer than any", `com.${"a".repeat(197)}`],
    ].flatMap(([what, name = ""]): [string, Buffer, string][] => [
      [`a name ${what}`, buildApk({ package: name }, ec), "INSTALL_PARSE_FAILED_BAD_PACKAGE_NAME"],
      [
        `a target ${what}`,
        buildApk({ package: "com.acme.test", instruments: [name] }, ec),
        "INSTALL_PARSE_FAILED_BAD_PACKAGE_NAME",
      ],
    ]),
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
        for (const parse of [parseBinaryXml, (data: Buffer) => new Resources(data), readStringTable]) {
          try {
            parse(Buffer.from(bytes));
          } catch (error) {
            expect(error).toBeInstanceOf(ApkError);
          }
        }
      }),
    );
  });
});
