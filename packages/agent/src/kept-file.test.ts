import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KeptFile, readKept } from "./kept-file.js";

let folder: string;
let path: string;
let problems: unknown[];
const parse = (text: string): unknown => JSON.parse(text);
const onProblem = (error: unknown) => void problems.push(error);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-kept-"));
  path = join(folder, "kept.json");
  problems = [];
});
afterEach(() => rm(folder, { recursive: true }));

test("writes many changes at once, and says which are on disk", async () => {
  let value = 0;
  const written: number[] = [];
  const file = new KeptFile({ path, onProblem, text: () => String(value), onWritten: (upTo) => written.push(upTo) });
  const saved = [1, 2, 3, 4, 5].map((next) => {
    value = next;
    return file.saved(file.change());
  });
  expect(file.has(1)).toBe(false);
  await Promise.all(saved);
  expect([file.has(5), await readFile(path, "utf8")]).toEqual([true, "5"]);
  expect(written.length).toBeLessThan(5);
  expect(written.at(-1)).toBe(5);
  await file.stop();
});

test("tells a write that failed, and tries it again by itself", async () => {
  // The draft cannot be written where a folder stands.
  await mkdir(`${path}.draft`);
  const file = new KeptFile({ path, onProblem, text: () => "new" });
  const change = file.change();
  await expect(file.saved(change)).rejects.toMatchObject({ code: "data_unwritable" });
  expect([problems.length, file.has(change)]).toEqual([1, false]);
  await rmdir(`${path}.draft`);
  await vi.waitFor(() => expect(file.has(change)).toBe(true), { timeout: 5_000 });
  expect(await readFile(path, "utf8")).toBe("new");
  await file.stop();
});

test("puts a file aside that is not ours, and is content with none", async () => {
  expect(await readKept(path, parse, onProblem)).toBeUndefined();
  expect(problems).toEqual([]);
  await writeFile(path, "{half");
  expect(await readKept(path, parse, onProblem)).toBeUndefined();
  expect(problems).toHaveLength(1);
  expect(await readdir(folder)).toEqual([expect.stringMatching(/^kept\.json\.unreadable-\d+$/)]);
});
