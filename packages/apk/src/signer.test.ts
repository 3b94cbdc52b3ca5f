import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Apk, readApk } from "./apk.js";
import { type ApkPlan, buildApk } from "./apk-builder.js";
import { ApkError } from "./apk-error.js";
import { digestOf } from "./block-signature.js";
import { selfSigned } from "./certificate-builder.js";
import { installedSigner } from "./installed-signer.js";
import { readSigner, type Signer } from "./signer.js";
import type { SigningKey } from "./signing-block.js";
import { type ByteRange, openZip, readEntry } from "./zip.js";

const key = (name: string, type: "rsa" | "ec" = "ec"): SigningKey & { certificate: Buffer } => {
  const pair =
    type === "ec" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...pair, certificate: selfSigned(pair, name) };
};
const [mine, rsa, old, foreign] = [key("mine"), key("mine too", "rsa"), key("old"), key("foreign")];
const plan: ApkPlan = {
  package: "com.example.demo",
  targetSdk: 29,
  files: { "assets/payload": Buffer.from("original payload ".repeat(20)), [`assets/${"long".repeat(30)}`]: Buffer.from("x") },
};

function ranged(bytes: Buffer): ByteRange {
  return { size: bytes.length, slice: async (start, end) => Buffer.from(bytes.subarray(Math.max(0, start), end)) };
}
const read = (bytes: Buffer): Promise<Apk> => readApk(ranged(bytes), { language: "en", density: 160 });
const signerOf = async (bytes: Buffer): Promise<Signer> => readSigner(await openZip(ranged(bytes)));
const refusal = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "none",
    (error: unknown) =>
      error instanceof ApkError ? `${error.code.replace("INSTALL_PARSE_FAILED_", "")}: ${error.message}` : String(error),
  );

/** Takes the signing block out, as a swindler does who wants an older scheme to count. */
function withoutBlock(apk: Buffer): Buffer {
  const end = apk.length - 22;
  const directory = apk.readUInt32LE(end + 16);
  const block = Number(apk.readBigUInt64LE(directory - 24)) + 8;
  const stripped = Buffer.concat([apk.subarray(0, directory - block), apk.subarray(directory)]);
  stripped.writeUInt32LE(directory - block, stripped.length - 6);
  return stripped;
}

/** Makes one signature of the block unknown, so that it is as if it were not there. */
function withoutScheme(apk: Buffer, id: number): Buffer {
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(id);
  const copy = Buffer.from(apk);
  copy.writeUInt32LE(0x12345678, copy.indexOf(mark));
  return copy;
}

describe("signatures", () => {
  test.each([
    [[1], 1],
    [[1, 2], 2],
    [[1, 2, 3], 3],
    [[2, 3], 3],
    [[3], 3],
  ] as const)("of schemes %j by one key count as scheme %i, with RSA and with EC keys", async (schemes, scheme) => {
    for (const by of [mine, rsa]) {
      const apk = buildApk({ ...plan, schemes }, by);
      const found = await read(apk);
      expect(found).toMatchObject({ scheme, facts: { signer: digestOf(by.certificate) } });
      expect(await installedSigner(ranged(apk), 34)).toBe(scheme === 1 ? null : digestOf(by.certificate));
    }
  });

  test("prove with a lineage that a new key took over; the older schemes bear the old one", async () => {
    const apk = buildApk({ ...plan, schemes: [1, 2, 3], rotatedFrom: old }, mine);
    expect(await signerOf(apk)).toMatchObject({ digest: digestOf(mine.certificate), lineage: [digestOf(old.certificate)] });
  });

  const JARSIGNER = ["/usr/bin/jarsigner", "/usr/bin/keytool"].every((path) => existsSync(path));
  test.runIf(JARSIGNER)("as Java's own jarsigner makes them verify", async () => {
    const folder = await mkdtemp(join(tmpdir(), "phonerack-apk-"));
    try {
      const [store, file] = [join(folder, "store.p12"), join(folder, "app.apk")];
      const pass = ["-storepass", "secret1"];
      await writeFile(file, buildApk(plan, undefined));
      const quiet = { stdio: "ignore" } as const;
      execFileSync(
        "keytool",
        ["-genkeypair", "-keystore", store, ...pass, "-alias", "app", "-dname", "CN=App", "-keyalg", "EC"],
        quiet,
      );
      execFileSync("jarsigner", ["-keystore", store, ...pass, file, "app"], quiet);
      const apk = await readFile(file);
      const certificate = execFileSync("keytool", ["-exportcert", "-keystore", store, ...pass, "-alias", "app"]);
      expect(await read(apk)).toMatchObject({ scheme: 1, facts: { signer: digestOf(certificate) } });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  const all = buildApk({ ...plan, schemes: [1, 2, 3] }, mine);
  test.each([
    [
      "v1 by another signer",
      buildApk({ ...plan, schemes: [1, 2], jarKey: foreign }, mine),
      /^INCONSISTENT_CERTIFICATES: the v1 signature is by another signer/,
    ],
    ["all of the block gone", withoutBlock(all), /^INCONSISTENT_CERTIFICATES: stripped: it was signed with v2/],
    [
      "v3 gone",
      withoutScheme(buildApk({ ...plan, schemes: [2, 3] }, mine), 0xf05368c0),
      /^INCONSISTENT_CERTIFICATES: stripped: v2 says that v3/,
    ],
    ["v2 gone", withoutScheme(all, 0x7109871a), /^INCONSISTENT_CERTIFICATES: stripped: it was signed with v2/],
    [
      "v1 alone for Android 11",
      buildApk({ ...plan, targetSdk: 30, schemes: [1] }, mine),
      /^NO_CERTIFICATES: stripped: for Android 11/,
    ],
    ["none", buildApk(plan, undefined), /^NO_CERTIFICATES: no signature found$/],
  ])("that contradict themselves are refused: %s", async (_what, apk, expected) => {
    expect(await refusal(read(apk))).toMatch(expected);
  });

  test("of v1 refuse an entry that was changed, added, or is gone", async () => {
    const apk = buildApk({ ...plan, schemes: [1] }, mine);
    const zip = await openZip(ranged(apk));
    const signature: Record<string, Buffer> = {};
    for (const name of zip.entries.keys())
      if (name.startsWith("META-INF/")) signature[name] = (await readEntry(zip, name)) ?? Buffer.alloc(0);
    const withFiles = (files: Record<string, Buffer>) =>
      refusal(read(buildApk({ ...plan, files: { ...files, ...signature } }, undefined)));
    expect(await withFiles({ ...plan.files })).toBe("none");
    expect(await withFiles({ ...plan.files, "assets/payload": Buffer.from("other") })).toBe(
      "NO_CERTIFICATES: assets/payload was changed after signing",
    );
    expect(await withFiles({ ...plan.files, "assets/more": Buffer.from("more") })).toBe(
      "NO_CERTIFICATES: assets/more is not signed",
    );
    expect(await withFiles({})).toBe("NO_CERTIFICATES: assets/payload is signed and missing");
    signature["META-INF/MANIFEST.MF"] = Buffer.from("Manifest-Version: 1.0\r\n\r\n");
    expect(await withFiles({})).toBe("NO_CERTIFICATES: META-INF/MANIFEST.MF was changed after signing");
    signature["META-INF/CERT.SF"] = Buffer.from("Signature-Version: 1.0\r\n\r\n");
    expect(await withFiles({})).toBe("NO_CERTIFICATES: the v1 signature did not verify");
  });
});

describe("whatever is changed", () => {
  test.each([[[2]], [[3]], [[1]], [[1, 2, 3]]] as const)(
    "of an APK signed by %j, it is never other contents of the same signer",
    async (schemes) => {
      const apk = buildApk({ ...plan, schemes }, mine);
      const before = await contentsOf(apk);
      const signer = digestOf(mine.certificate);
      const edit = fc.record({ at: fc.nat(apk.length - 1), value: fc.nat(255), cut: fc.nat(3) });
      await fc.assert(
        fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
          let damaged = Buffer.from(apk);
          for (const { at, value, cut } of edits) {
            if (cut === 0) damaged = Buffer.concat([damaged.subarray(0, at), damaged.subarray(at + 1 + value)]);
            else damaged[at] = value;
          }
          const result = await read(damaged).catch((error: unknown) => error);
          if (result instanceof ApkError) return;
          if ((result as Apk).facts.signer === signer) expect(await contentsOf(damaged)).toEqual(before);
          else expect((result as Apk).facts.signer).not.toBe(signer);
        }),
        { numRuns: 300 },
      );
    },
  );
});

/** What a phone would run: all that is not the signature. */
async function contentsOf(apk: Buffer): Promise<Record<string, string>> {
  const zip = await openZip(ranged(apk));
  const contents: Record<string, string> = {};
  for (const name of zip.entries.keys())
    if (!name.startsWith("META-INF/")) contents[name] = (await readEntry(zip, name))?.toString("base64") ?? "";
  return contents;
}
