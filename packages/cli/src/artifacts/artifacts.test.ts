import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bytes, recordingWords } from "./artifact-words.js";
import { fileFor, parseSize } from "./commands.js";

test("sizes are read and said as people do", () => {
  expect([parseSize("50GB"), parseSize("1.5 tb"), parseSize("none")]).toEqual([50e9, 1.5e12, null]);
  for (const none of ["50", "GB", "-1GB", "0GB", "1e9GB"]) expect(() => parseSize(none)).toThrow("no size");
  expect([999, 1_500, 250_000_000, 7.25e12].map(bytes)).toEqual(["999 B", "1.5 kB", "250 MB", "7.3 TB"]);
});

test("a file goes where it was told to, in a folder under its own name and never beside it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "phonerack-get-"));
  expect(fileFor({ name: "a.mp4" }, join(folder, "b.mp4"))).toBe(join(folder, "b.mp4"));
  expect(fileFor({ name: "../../a.mp4" }, folder)).toBe(join(folder, "..-..-a.mp4"));
  expect(() => fileFor({ name: "a.mp4" }, join(folder, "none/"))).toThrow();
  await rm(folder, { recursive: true });
});

test("a recording that ended by itself says why", () => {
  const none = { deviceId: "phone-1", running: null, keeping: null, stopped: null };
  expect(recordingWords(none)).toBe("not recorded");
  expect(recordingWords({ ...none, stopped: { at: 0, why: "the lab's disk is full" } })).toMatch(/: the lab's disk is full$/);
});
