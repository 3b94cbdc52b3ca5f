/** A phone's log and its crashes as people meet them: in the console, under a flood too, and on a terminal. */
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newPage, startChromium } from "./chromium.js";
import { type DeviceView, run, startUp, takeDevices, type Up, untilDevices } from "./phonerack.js";

const NOTES = "dev.phonerack.notes";

let up: Up;
let browser: Browser;
let page: Page;
let problems: string[];
let loud: DeviceView;
let quiet: DeviceView;

beforeAll(async () => {
  [up, browser] = await Promise.all([startUp({ virtual: 2, words: ["--fault", "1:log-flood"] }), startChromium()]);
  const devices = await untilDevices(up, (all) => all.length === 2 && all.every(({ state }) => state === "ready"), 60_000);
  const [first, second] = devices.toSorted((a, b) => (a.slot ?? 0) - (b.slot ?? 0));
  if (!first || !second) throw new Error("no phones");
  [loud, quiet] = [first, second];
  await takeDevices(up, [loud.id, quiet.id]);
  ({ page, problems } = await newPage(browser, up.console));
  await page.goto(`${up.url}/devices/${quiet.id}?side=logs`);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await up?.stop();
});

const lines = () => page.getByRole("log").getByRole("button");

/** On the quiet phone, as its holder's job. */
async function shell(command: string): Promise<void> {
  const response = await fetch(`${up.url}/api/v1/jobs`, {
    method: "POST",
    headers: { authorization: `Bearer ${up.token}`, "content-type": "application/json" },
    body: JSON.stringify({ devices: [quiet.id], agreed: true, action: { type: "shell", command } }),
  });
  if (!response.ok) throw new Error(await response.text());
}

describe("the tab Logs", () => {
  test("shows lines as they come, filters them, says what a pattern lacks, and shows all that a line says", async () => {
    await shell("log -p e -t Shop 'order 服务 refused'; log -p d -t Shop 'order taken'");
    await lines().filter({ hasText: "order 服务 refused" }).waitFor();
    await page.getByRole("textbox", { name: "Text" }).fill("order");
    await expect.poll(() => lines().allTextContents()).toHaveLength(2);
    await page.getByRole("combobox", { name: "Least level" }).selectOption("E");
    await expect.poll(() => lines().allTextContents()).toEqual([expect.stringContaining("order 服务 refused")]);
    await lines().first().click();
    await page
      .getByRole("region", { name: "This line" })
      .getByText(/Error · buffer main/)
      .waitFor();
    await page.getByRole("combobox", { name: "Least level" }).selectOption("V");
    await page.getByRole("button", { name: "The text is a regular expression" }).click();
    await page.getByRole("textbox", { name: "Text" }).fill("order (");
    await page.getByText("This is no regular expression").waitFor();
  }, 30_000);

  test("stands still when it is paused, is searched back, and can be taken along as a file", async () => {
    await page.getByRole("button", { name: "The text is a regular expression" }).click();
    await page.getByRole("textbox", { name: "Text" }).fill("");
    await page.getByRole("textbox", { name: "Tag" }).fill("Shop");
    await page.getByRole("button", { name: "Pause" }).click();
    await shell("log -t Shop 'while it was paused'");
    await page.getByRole("button", { name: /^Paused; \d+ lines? more/ }).waitFor();
    expect(await lines().filter({ hasText: "while it was paused" }).count()).toBe(0);
    await page.getByRole("button", { name: /^Paused;/ }).click();
    await lines().filter({ hasText: "while it was paused" }).waitFor();
    // Beside all others, the match alone is marked.
    await page.getByRole("checkbox", { name: "Only matches" }).uncheck();
    await page.getByRole("textbox", { name: "Text" }).fill("order taken");
    await page.getByRole("button", { name: "Search back" }).click();
    await page.locator("[data-found]").filter({ hasText: "order taken" }).waitFor();
    expect(await lines().filter({ hasText: "while it was paused" }).count()).toBe(1);
    await page.getByRole("checkbox", { name: "Only matches" }).check();
    await page.getByRole("button", { name: "Download" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "Download what is shown" }).click(),
    ]);
    expect((await readFile(await download.path(), "utf8")).trim().split("\n")).toEqual([
      expect.stringMatching(/ D .*Shop.*order taken$/),
    ]);
    // Among what is kept of the lease, whatever is filtered here.
    await page.getByRole("button", { name: "Download" }).click();
    await page.getByRole("menuitem", { name: "Keep what the phone has, in Records" }).click();
    await page.getByText("Kept; it is in Records.").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("textbox", { name: "Tag" }).fill("");
    await page.getByRole("button", { name: "The text is a regular expression" }).click();
  }, 30_000);

  test("takes a pattern away that would never end, and goes on", async () => {
    await shell(`log -t Long ${"a".repeat(40)}b`);
    await page.getByRole("textbox", { name: "Text" }).fill("^Long$|^(a+)+$");
    await page.getByText("kept the search busy for seconds").waitFor({ timeout: 20_000 });
    await lines().filter({ hasText: "order taken" }).waitFor();
    await page.getByRole("button", { name: "The text is a regular expression" }).click();
  }, 30_000);

  test("a crash of an owned app is there with its stack and screenshot, and marked on the wall", async () => {
    await shell(`am start -n ${NOTES}/.MainActivity; am crash ${NOTES}`);
    const crash = page.getByRole("region", { name: "Crashes in this lease" });
    await crash
      .getByText(/shell-induced crash/)
      .first()
      .click();
    await crash.getByText(/at android\.app\.ActivityThread/).waitFor();
    await crash.getByRole("img", { name: "The screen right after it" }).waitFor();
    // Somebody was watching: what led to it is there to be played.
    const film = crash.getByLabel("The last seconds before it");
    await film.waitFor({ timeout: 15_000 });
    await expect.poll(() => film.evaluate((video: HTMLVideoElement) => video.duration)).toBeGreaterThan(2);
    await page.getByRole("link", { name: "Wall" }).first().click();
    await page.locator(`button[data-device="${quiet.id}"] [data-crashes="1"]`).waitFor();
  }, 60_000);

  test("stays quick while a phone logs 50,000 lines a second, and says what is missing", async () => {
    await page.goto(`${up.url}/devices/${loud.id}?side=logs`);
    await page.getByText(/lines came faster than they could be carried/).waitFor();
    const frames = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let count = 0;
          const began = performance.now();
          const frame = () => {
            count += 1;
            if (performance.now() - began < 3_000) requestAnimationFrame(frame);
            else resolve(count / 3);
          };
          requestAnimationFrame(frame);
        }),
    );
    // On an idle machine it is what an empty page has (`bench logflood`); here others run beside.
    expect(frames).toBeGreaterThan(20);
    expect(await lines().count()).toBeGreaterThan(5);
    expect(problems).toEqual([]);
  }, 30_000);
});

test("the terminal reads the same log and the same crash", async () => {
  const flags = ["--control", up.url, "--token", up.token];
  const read = await run("logs", quiet.name, "--dump", "--tag", "Shop", "--grep", "服务", "--json", ...flags);
  expect(read.stderr).toBe("");
  expect(
    read.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([expect.objectContaining({ level: "E", tag: "Shop", text: "order 服务 refused", buffer: "main" })]);
  const { items } = JSON.parse((await run("crashes", "list", "--device", quiet.name, "--json", ...flags)).stdout);
  expect(items).toHaveLength(1);
  const shown = await run("crashes", "show", items[0].id, ...flags);
  expect(shown.stdout).toMatch(/shell-induced crash[\s\S]*\tat android\.app\.ActivityThread/);
}, 30_000);
