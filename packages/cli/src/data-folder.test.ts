import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { claimFolder, readRun, removeRun, writeRun } from "./data-folder.js";

describe("the data folder", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "phonerack-data-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("tells other commands where the running phonerack is, and them only", async () => {
    await writeRun(folder, { url: "http://127.0.0.1:1", pid: process.pid });
    expect(await readRun(folder)).toEqual({ url: "http://127.0.0.1:1", pid: process.pid });
    expect((await stat(join(folder, "run.json"))).mode & 0o777).toBe(0o600);
    await removeRun(folder);
    expect(await readRun(folder)).toBeUndefined();
  });

  test("does not believe what a dead process left, nor what is no run.json", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await new Promise((ended) => child.once("exit", ended));
    await writeRun(folder, { url: "http://127.0.0.1:1", pid: child.pid ?? 0 });
    expect(await readRun(folder)).toBeUndefined();
    for (const text of ["", "{}", "null", '{"url":1,"pid":"x"}', "\u0000\u0001"]) {
      await writeFile(join(folder, "run.json"), text);
      expect(await readRun(folder), text).toBeUndefined();
    }
  });

  test("leaves the run.json of another process alone", async () => {
    await writeRun(folder, { url: "http://127.0.0.1:1", pid: process.ppid });
    await removeRun(folder);
    expect(await readFile(join(folder, "run.json"), "utf8")).toContain(String(process.ppid));
  });

  test("belongs to one living process at a time", async () => {
    const release = await claimFolder(join(folder, "a"));
    await release();
    await writeFile(join(folder, "a", "pid"), String(process.ppid));
    await expect(claimFolder(join(folder, "a"))).rejects.toMatchObject({ code: "data_in_use" });
    await writeFile(join(folder, "a", "pid"), "999999999");
    await (await claimFolder(join(folder, "a")))();
  });

  test("that cannot be made says so", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(claimFolder(join(folder, "file", "below"))).rejects.toMatchObject({ code: "data_unwritable" });
  });
});
