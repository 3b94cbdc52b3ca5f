import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FolderStore } from "./folder-store.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-objects-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function fileOf(words: string): Promise<string> {
  const path = join(folder, "brought");
  await writeFile(path, words);
  return path;
}

test("keeps a file under its key, gives parts of it, replaces and removes it", async () => {
  const store = await FolderStore.open(join(folder, "objects"));
  await store.put("artifacts/r-abc", await fileOf("0123456789"));
  expect(await store.size("artifacts/r-abc")).toBe(10);
  expect(await text(await store.get("artifacts/r-abc"))).toBe("0123456789");
  expect(await text(await store.get("artifacts/r-abc", { start: 2, end: 5 }))).toBe("234");
  await store.put("artifacts/r-abc", await fileOf("other"));
  expect(await text(await store.get("artifacts/r-abc"))).toBe("other");
  const many = Array.from({ length: 40 }, (_, at) => `log/tile/${String(at).padStart(3, "0")}`);
  await store.putAll(many.map((key) => ({ key, bytes: Buffer.from(key) })));
  for (const key of many) expect(await text(await store.get(key))).toBe(key);
  await store.remove("artifacts/r-abc");
  await store.remove("artifacts/r-abc");
  expect(await store.size("artifacts/r-abc")).toBeUndefined();
  await expect(store.get("artifacts/r-abc")).rejects.toMatchObject({ code: "not_found" });
});

test("takes the file away from where it was", async () => {
  const store = await FolderStore.open(join(folder, "objects"));
  await store.put("a", await fileOf("bytes"));
  expect(await readdir(folder)).toEqual(["objects"]);
});

test("throws away at the start what was half written", async () => {
  await mkdir(join(folder, "objects", ".incoming"), { recursive: true });
  await writeFile(join(folder, "objects", ".incoming", "half"), "ha");
  const store = await FolderStore.open(join(folder, "objects"));
  expect(await readdir(join(folder, "objects", ".incoming"))).toEqual([]);
  await store.put("a", await fileOf("whole"));
  expect(await readFile(join(folder, "objects", "a"), "utf8")).toBe("whole");
});

test("has no keys that lead out of its folder", async () => {
  const store = await FolderStore.open(join(folder, "objects"));
  for (const key of ["../a", "a/../../b", "/a", "", "a//b", "A", ".incoming/x"]) {
    await expect(store.size(key)).rejects.toThrow("no key");
    await expect(store.put(key, await fileOf("x"))).rejects.toThrow("no key");
  }
});
