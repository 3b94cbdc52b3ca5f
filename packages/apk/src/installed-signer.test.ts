import { createHash, generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { buildApk } from "./apk-builder.js";
import { selfSigned } from "./certificate-builder.js";
import { installedSigner } from "./installed-signer.js";
import type { SignatureScheme } from "./signing-block.js";

const KEY = generateKeyPairSync("rsa", { modulusLength: 2048 });
const SIGNER = createHash("sha256").update(selfSigned(KEY)).digest("hex");

function apk(schemes: readonly SignatureScheme[], key: typeof KEY | undefined = KEY): Buffer {
  return buildApk({ package: "org.example.app", schemes, files: { "assets/large": Buffer.alloc(200_000) } }, key);
}

/** Counts what is read. */
function range(bytes: Buffer) {
  const reads = { count: 0, bytes: 0 };
  const slice = async (start: number, end: number) => {
    reads.count++;
    reads.bytes += end - start;
    return Buffer.from(bytes.subarray(start, end));
  };
  return { reads, range: { size: bytes.length, slice } };
}

test("reads who signed an APK by two small reads", async () => {
  const { reads, range: bytes } = range(apk([2, 3]));
  expect(await installedSigner(bytes, 34)).toBe(SIGNER);
  expect(reads.count).toBe(2);
  expect(reads.bytes).toBeLessThan(20_000);
});

test("goes by the signature that the phone's Android goes by, and by no newer one", async () => {
  expect(await installedSigner(range(apk([2])).range, 34)).toBe(SIGNER);
  expect(await installedSigner(range(apk([3])).range, 27)).toBeNull();
  expect(await installedSigner(range(apk([3])).range, 28)).toBe(SIGNER);
  expect(await installedSigner(range(apk([2, 3])).range, 23)).toBeNull();
});

test("is not led astray by an end record in the comment", async () => {
  const bytes = apk([2]);
  const end = bytes.subarray(-22);
  const fake = Buffer.from(end);
  fake.writeUInt32LE(100, 16);
  end.writeUInt16LE(fake.length + 1, 20);
  expect(await installedSigner(range(Buffer.concat([bytes, fake, Buffer.from("x")])).range, 34)).toBe(SIGNER);
});

test("finds the end record behind a long comment", async () => {
  const bytes = apk([2]);
  bytes.writeUInt16LE(60_000, bytes.length - 2);
  expect(await installedSigner(range(Buffer.concat([bytes, Buffer.alloc(60_000, 0x20)])).range, 34)).toBe(SIGNER);
});

test.each([
  { what: "an unsigned APK", bytes: buildApk({ package: "org.example.app" }, undefined) },
  { what: "nothing", bytes: Buffer.alloc(0) },
  { what: "text", bytes: Buffer.from("no apk") },
])("says null for $what", async ({ bytes }) => {
  expect(await installedSigner(range(bytes).range, 34)).toBeNull();
});

test("never fails on an APK with any byte of its signing block changed", async () => {
  const bytes = apk([2, 3]);
  const directory = bytes.readUInt32LE(bytes.length - 6);
  for (let at = directory - 4_000; at < directory; at += 7) {
    const broken = Buffer.from(bytes);
    broken[at] = (broken[at] ?? 0) ^ 0xff;
    // What the phone would not have installed is not ours to tell from what it would.
    expect(await installedSigner(range(broken).range, 34)).toSatisfy((found) => found === null || /^[0-9a-f]{64}$/.test(found));
  }
});
