/** Builds over the API: what is brought as APKs, kept, listed and removed. */
import { createHash } from "node:crypto";
import type { ApkPlan } from "@phonerack/apk";
import { createClient, uploadFile } from "@phonerack/contract/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningControl, runControl } from "../../test/running-control.js";
import { demoApk, newKey, uploadApk } from "../../test/upload-apk.js";

const NAME = "com.example.demo";
const [key, foreign] = [newKey("builder"), newKey("foreign")];
let running: RunningControl;
let client: ReturnType<typeof createClient>;
beforeAll(async () => {
  running = await runControl();
  client = createClient({ url: running.control.url, token: running.control.token });
});
afterAll(() => running.stop());

const apk = (change: Partial<ApkPlan> = {}, by = key) => demoApk({ package: NAME, versionCode: 7, ...change }, by);
const bring = async (name: string, bytes: Buffer) => {
  const { sha256 } = await uploadFile(client, new Blob([new Uint8Array(bytes)]), { name });
  return { name, sha256: sha256 ?? "" };
};
const create = async (...files: { name: string; sha256: string }[]) => client.builds.create({ files, note: "abc123" });

test("are made of a base and its splits, reused, listed by package, and removed", async () => {
  const base = await bring("base.apk", apk({ files: { "lib/arm64-v8a/libx.so": Buffer.from("elf") }, debuggable: true }));
  const split = await bring("config.fr.apk", apk({ split: "config.fr", activities: [] }));
  const build = await create(split, base);
  expect(build).toMatchObject({
    package: NAME,
    versionCode: 7,
    minSdk: 21,
    targetSdk: 33,
    debuggable: true,
    abis: ["arm64-v8a"],
    files: [{ name: "base.apk" }, { name: "config.fr.apk" }],
    note: "abc123",
    uploadedByName: expect.any(String),
  });
  expect(build.size).toBe(build.files.reduce((sum, { size }) => sum + size, 0));
  expect((await create(split, base)).id).toBe(build.id);
  expect((await client.builds.list({ package: NAME })).items).toEqual([build]);
  expect((await client.builds.list({ app: build.app })).items).toEqual([build]);
  expect(await client.builds.get({ id: build.id })).toEqual(build);
  await client.builds.remove({ id: build.id });
  await expect(client.builds.get({ id: build.id })).rejects.toMatchObject({ code: "build_not_found" });
});

test("of an APK that was uploaded as an app are kept too, and go with the app", async () => {
  const bytes = apk({ package: "com.example.kept" });
  const { body: app } = await uploadApk(running, { apk: bytes });
  const { items } = await client.builds.list({ package: "com.example.kept" });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  expect(items).toMatchObject([{ app: app.id, files: [{ sha256, size: bytes.length }] }]);
  await client.apps.remove({ id: app.id });
  expect((await client.builds.list({ package: "com.example.kept" })).items).toEqual([]);
});

test("are refused in words where the files are no APKs, or do not belong together", async () => {
  const base = await bring("base.apk", apk());
  const refused = async (code: string, words: RegExp, ...files: { name: string; sha256: string }[]) =>
    expect(create(...files)).rejects.toMatchObject({ code, detail: expect.stringMatching(words) });
  await refused("apk_invalid", /base APK is missing/, await bring("fr.apk", apk({ split: "config.fr", activities: [] })));
  await refused("apk_invalid", /all base APKs/, base, await bring("other.apk", apk({ versionCode: 8 })));
  const later = await bring("fr8.apk", apk({ split: "config.fr", activities: [], versionCode: 8 }));
  await refused("apk_invalid", /config\.fr.*of version 8, the base of 7/, base, later);
  const theirs = await bring("frx.apk", apk({ split: "config.fr", activities: [] }, foreign));
  await refused("apk_invalid", /signed by another key/, base, theirs);
  const split = await bring("fr.apk", apk({ split: "config.fr", activities: [] }));
  await refused("apk_invalid", /is there twice/, base, split, { ...split, name: "again.apk" });
  await refused("aab_refused", /app\.aab/, await bring("app.aab", Buffer.from("PK bundle")));
  await refused("apk_invalid", /set of APKs.*unpack/, await bring("app.xapk", Buffer.from("PK set")));
  await refused("apk_invalid", /note\.txt/, await bring("note.txt", Buffer.from("hello")));
  await refused("blob_not_found", /0000/, { name: "x", sha256: "0".repeat(64) });
});

test("the door of uploads takes bytes alone", async () => {
  const { id } = await client.uploads.create({ name: "f", size: 4 });
  const put = (query: string, type: string) =>
    running.knock(`/api/v1/uploads/${id}${query}`, {
      method: "PUT",
      headers: { ...running.bearer, "content-type": type },
      body: "abcd",
    });
  expect((await put("?offset=0", "text/plain")).status).toBeGreaterThanOrEqual(400);
  expect((await put("", "application/octet-stream")).status).toBe(400);
  expect((await put("?offset=2", "application/octet-stream")).status).toBe(409);
  expect(await (await put("?offset=0", "application/octet-stream")).json()).toMatchObject({
    offset: 4,
    sha256: expect.any(String),
  });
  await client.uploads.remove({ id });
  await expect(client.uploads.get({ id })).rejects.toMatchObject({ code: "upload_not_found" });
});
