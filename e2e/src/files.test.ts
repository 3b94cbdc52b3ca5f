/** Files of phones from a terminal and in the console: looked at, put, fetched, moved, removed. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newPage, startChromium } from "./chromium.js";
import { type DeviceView, launch, startUp, takeDevices, temporaryFolder, type Up, untilDevices } from "./phonerack.js";

const SOON = { timeout: 15_000 };

let up: Up;
let browser: Browser;
let page: Page;
let problems: string[];
let folder: string;
let phones: readonly DeviceView[];

beforeAll(async () => {
  [browser, folder] = await Promise.all([startChromium(), temporaryFolder()]);
  up = await startUp({ virtual: 2 });
  phones = await untilDevices(up, (all) => all.length === 2 && all.every(({ state }) => state === "ready"));
  await takeDevices(
    up,
    phones.map(({ id }) => id),
  );
  ({ page, problems } = await newPage(browser, up.console));
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await up?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function files(...words: string[]): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const running = launch(["files", ...words, "--control", up.url, "--token", up.token]);
  return { code: await running.exited, stdout: running.stdout(), stderr: running.stderr() };
}

describe("phonerack files", () => {
  test("puts a folder onto two phones, lists it, and fetches it back whole", async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 251));
    await mkdir(join(folder, "level 世界/deep"), { recursive: true });
    await writeFile(join(folder, "level 世界/map.bin"), bytes);
    await writeFile(join(folder, "level 世界/deep/it's $(x).txt"), "hello");
    const put = await files("put", join(folder, "level 世界"), "/sdcard/Download/", "--all");
    expect(put.code, put.stderr).toBe(0);
    const { stdout } = await files("ls", "V01-02", "/sdcard/Download/level 世界");
    expect(stdout).toMatch(/deep\/[\s\S]*map\.bin\s+\d/);
    const got = await files("get", "V01-02", "/sdcard/Download/level 世界", join(folder, "back"));
    expect(got.code, got.stderr).toBe(0);
    expect((await readFile(join(folder, "back/map.bin"))).equals(bytes)).toBe(true);
    expect(await readFile(join(folder, "back/deep/it's $(x).txt"), "utf8")).toBe("hello");
  });

  test("moves without replacing, removes, and says in words what is not there", async () => {
    expect((await files("mkdir", "V01-01", "/sdcard/Download/new")).code).toBe(0);
    expect((await files("mv", "V01-01", "/sdcard/Download/new", "/sdcard/Download/level 世界")).stdout).toMatch(/already/);
    expect((await files("mv", "V01-01", "/sdcard/Download/new", "/sdcard/Download/newer")).code).toBe(0);
    expect((await files("rm", "V01-01", "/sdcard/Download/newer")).code).toBe(0);
    const missing = await files("get", "V01-01", "/sdcard/Download/newer", join(folder, "none"));
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringMatching(/no such file or folder/i)]);
    const out = await files("ls", "V01-01", "/sdcard/../etc");
    expect([out.code, out.stderr]).toEqual([1, expect.stringMatching(/path cannot be used/)]);
  });
});

describe("many phones at once, from a terminal", () => {
  test("have folders made, moved and removed as one job, and several jobs in one line of JSON", async () => {
    const counts = async (...words: string[]) => {
      const { code, stdout } = await files(...words, "--json");
      const lines = stdout.trim().split("\n");
      expect(lines).toHaveLength(1);
      return { code, done: JSON.parse(lines[0] ?? "") };
    };
    const both = { code: 0, done: { job: { counts: { done: 2 } } } };
    expect(await counts("mkdir", "/sdcard/Download/both", "--all")).toMatchObject(both);
    expect(await counts("mv", "/sdcard/Download/both", "/sdcard/Download/moved", "--devices", "V01-01,V01-02")).toMatchObject(
      both,
    );
    expect(await counts("rm", "/sdcard/Download/moved", "--chassis", "V01")).toMatchObject(both);
    const two = [join(folder, "one.txt"), join(folder, "two.txt")];
    for (const path of two) await writeFile(path, path);
    const { done } = await counts("put", ...two, "/sdcard/Download/", "--all");
    expect(done.jobs).toMatchObject([{ job: { counts: { done: 2 } } }, { job: { counts: { done: 2 } } }]);
    // What was done is said, and then what could not begin.
    const half = await counts("put", two[0] ?? "", join(folder, "missing.txt"), "/sdcard/Download/", "--all");
    expect(half).toMatchObject({ code: 2, done: { jobs: [{ job: { counts: { done: 2 } } }] } });
    for (const words of [
      ["rm", "/sdcard/a"],
      ["mv", "/sdcard/a", "--all"],
      ["rm", "V01-01", "/sdcard/a", "--devices", "V01-02"],
      ["rm", "V01-01", "/sdcard/a", "--all"],
    ])
      expect((await files(...words)).code).toBe(2);
  }, 30_000);

  test("give their screens as artifacts", async () => {
    const running = launch(["screenshot", "--all", "--frame", "--json", "--control", up.url, "--token", up.token]);
    expect(await running.exited).toBe(0);
    expect(JSON.parse(running.stdout())).toMatchObject({ job: { counts: { done: 2 } } });
    const list = launch(["artifacts", "list", "--kind", "screenshot", "--json", "--control", up.url, "--token", up.token]);
    expect(await list.exited).toBe(0);
    expect(JSON.parse(list.stdout()).items).toHaveLength(2);
  }, 30_000);
});

describe("what is kept of many phones", () => {
  const terminal = async (...words: string[]) => {
    const running = launch([...words, "--json", "--control", up.url, "--token", up.token]);
    const code = await running.exited;
    return { code, stderr: running.stderr(), said: running.stdout() === "" ? undefined : JSON.parse(running.stdout()) };
  };
  const contentOf = async (id: string) => {
    const path = join(folder, id);
    expect((await terminal("artifacts", "get", id, "-o", path)).code).toBe(0);
    return readFile(path);
  };

  test("logs, whole, as text that people read", async () => {
    // More than a live viewer is sent of a moment.
    const flood = `for n in $(seq 1 300); do log -t Wanted number $n of ${"服务".repeat(600)}; done`;
    expect((await terminal("run", "--all", "--agree", flood)).code).toBe(0);
    const { code, said, stderr } = await terminal("artifacts", "log", "--all");
    expect(code, stderr).toBe(0);
    expect(said.job.counts.done).toBe(2);
    const { items } = (await terminal("artifacts", "list", "--kind", "log")).said;
    expect(items.map(({ name }: { name: string }) => name).sort()).toEqual([
      expect.stringMatching(/^V01-01 .*\.log\.txt$/),
      expect.stringMatching(/^V01-02 /),
    ]);
    // To be read in its place.
    const headers = { authorization: `Bearer ${up.token}` };
    const shown = await fetch(`${up.url}/api/v1/artifacts/${items[0].id}/content`, { headers });
    expect(shown.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(shown.headers.get("content-disposition")).toMatch(/^inline/);
    const lines = (await contentOf(items[0].id)).toString("utf8").split("\n");
    const wanted = lines.filter((line) => / I Wanted: number \d+ of (?:服务){600}$/.test(line));
    expect(wanted.length).toBe(300);
    expect(wanted[0]).toMatch(/^\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} +\d+ +\d+ I Wanted: number 1 of/);
    expect((await terminal("artifacts", "log", "V01-01", "--level", "E", "--package", "nobody.is.this")).code).toBe(0);
  }, 60_000);

  test("files by their bytes and folders as .tar; what is not there fails on its phone alone", async () => {
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, n) => n % 241));
    const path = join(folder, "result.bin");
    await writeFile(path, bytes);
    expect((await files("put", path, "/sdcard/Download/", "--devices", "V01-01")).code).toBe(0);
    const { code, said } = await terminal("files", "keep", "/sdcard/Download/result.bin", "--all");
    expect(code).toBe(1);
    const [failed, done] = said.outcomes.toSorted((a: { state: string }, b: { state: string }) => (a.state < b.state ? 1 : -1));
    expect(failed).toMatchObject({ state: "failed", error: { code: "file_not_found" }, devices: [{ name: "V01-02" }] });
    expect(done).toMatchObject({ state: "done", devices: [{ name: "V01-01" }] });
    expect((await contentOf(done.result.artifact)).equals(bytes)).toBe(true);
    const kept = await terminal("files", "keep", "V01-01", "/sdcard/Download");
    const tar = await contentOf(kept.said.outcomes[0].result.artifact);
    expect(tar.includes("Download/result.bin")).toBe(true);
    const { items } = (await terminal("artifacts", "list", "--kind", "file")).said;
    expect(items.map(({ name }: { name: string }) => name)).toEqual(["V01-01 Download.tar", "V01-01 result.bin"]);
  }, 60_000);
});

test("the last seconds of many are kept in memory from now on, and saved when something has happened", async () => {
  const done = async (...words: string[]) => {
    const running = launch([...words, "--all", "--json", "--control", up.url, "--token", up.token]);
    expect(await running.exited, running.stderr()).toBe(0);
    return JSON.parse(running.stdout()).outcomes as { devices: unknown[]; result: { artifact?: string } }[];
  };
  await done("record", "keep", "--seconds", "60");
  await done("run", "--agree", "--concurrency", "2", "am start -n dev.phonerack.blocks/.GameActivity; sleep 3");
  const saved = await done("record", "last", "--seconds", "30");
  expect(saved.map(({ result }) => result.artifact)).toEqual([expect.stringMatching(/^r-/), expect.stringMatching(/^r-/)]);
  await done("record", "keep", "--seconds", "0");
}, 60_000);

describe("the Files tab", () => {
  const rows = () => page.getByRole("table", { name: "Files" });

  test("goes into a folder, makes one, takes a file, renames it, and removes it", async () => {
    await page.goto(`${up.url}/devices/${phones[0]?.id}?side=files`);
    await rows().getByRole("button", { name: "Download", exact: true }).click(SOON);
    await rows().getByText("level 世界").waitFor(SOON);
    await page.getByRole("button", { name: "New folder" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("by hand");
    await page.keyboard.press("Enter");
    await rows().getByRole("button", { name: "by hand", exact: true }).click(SOON);
    await page.getByText("Nothing is in this folder.").waitFor(SOON);
    await page
      .getByLabel("Files to upload", { exact: true })
      .setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("written in a browser") });
    await rows().getByText("notes.txt").waitFor(SOON);
    await rows().getByRole("button", { name: "Rename: notes.txt" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("kept.txt");
    await page.keyboard.press("Enter");
    await rows().getByText("kept.txt").waitFor(SOON);
    const download = page.waitForEvent("download");
    await rows().getByRole("link", { name: "Download: kept.txt" }).click();
    expect(await readFile(await (await download).path(), "utf8")).toBe("written in a browser");
    await rows().getByRole("button", { name: "Keep in the lab: kept.txt" }).click();
    await page.getByText("kept.txt is kept; it is in Records.").waitFor(SOON);
    await rows().getByRole("button", { name: "Remove: kept.txt" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("Nothing is in this folder.").waitFor(SOON);
    expect(problems).toEqual([]);
  });
});
