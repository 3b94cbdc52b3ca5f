import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeDataFolder } from "./data-folder.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "phonerack-folder-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test("makes the folder for its owner alone, and gives it free again", async () => {
  const path = join(root, "new", "data");
  const folder = takeDataFolder(path);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  expect(existsSync(join(path, "lock"))).toBe(true);
  folder.release();
  folder.release();
  expect(existsSync(join(path, "lock"))).toBe(false);
});

test("is taken by one at a time", () => {
  const folder = takeDataFolder(root);
  expect(() => takeDataFolder(root)).toThrow(expect.objectContaining({ code: "data_in_use" }));
  folder.release();
  takeDataFolder(root).release();
});

test.each([
  ["of a process that is no more", () => JSON.stringify({ pid: spawnSync("true").pid, started: "x" })],
  ["of another process that got the same number since", () => JSON.stringify({ pid: process.pid, started: "long-ago:1" })],
  ["cut off in the middle", () => '{"pid":'],
  ["empty", () => ""],
])("takes over a lock %s", async (_what, content) => {
  await writeFile(join(root, "lock"), content());
  takeDataFolder(root).release();
});

test("does not take away a lock that became another's", async () => {
  const folder = takeDataFolder(root);
  await writeFile(join(root, "lock"), "somebody else's");
  folder.release();
  expect(existsSync(join(root, "lock"))).toBe(true);
});

test.each([
  ["is a file", async () => writeFile(join(root, "data"), "")],
  ["cannot be made", async () => writeFile(join(root, "data"), "").then(() => "inside")],
])("names a place that %s", async (_what, spoil) => {
  const inside = await spoil();
  const path = inside ? join(root, "data", inside) : join(root, "data");
  expect(() => takeDataFolder(path)).toThrow(
    expect.objectContaining({ code: "data_unwritable", detail: expect.stringContaining(path) }),
  );
});
