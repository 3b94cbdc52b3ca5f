/** Groups and apps as people meet them: what the fence disables, one hand on two phones, a stray brought back, a session kept as a flow; whose an app is. */
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AdbCli, startAdbCli } from "./adb-cli.js";
import { newPage, startChromium } from "./chromium.js";
import { type DeviceView, startUp, takeDevices, type Up, untilDevices } from "./phonerack.js";

const NOTES = "dev.phonerack.notes";
/** The engine starts on each phone, and other tests may run beside this one. */
const ENGINE = { timeout: 60_000 };

let up: Up;
let adb: AdbCli;
let browser: Browser;
let page: Page;
let problems: string[];
let leader: DeviceView;
let follower: DeviceView;

beforeAll(async () => {
  [up, adb, browser] = await Promise.all([startUp({ virtual: 2 }), startAdbCli(), startChromium()]);
  const devices = await untilDevices(up, (all) => all.length === 2 && all.every(({ state }) => state === "ready"), 60_000);
  const [first, second] = devices.toSorted((a, b) => (a.slot ?? 0) - (b.slot ?? 0));
  if (!first || !second) throw new Error("no phones");
  [leader, follower] = [first, second];
  await takeDevices(up, [first.id, second.id]);
  for (const { address } of devices) await adb.run(["connect", address.replace(/^tcp:/, "")]);
  ({ page, problems } = await newPage(browser, up.console));
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await Promise.all([up?.stop(), adb?.stop()]);
});

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${up.url}/api/v1${path}`, {
    ...init,
    headers: { authorization: `Bearer ${up.token}`, "content-type": "application/json" },
  });

const tile = (state: string): Locator => page.locator(`button[data-device="${follower.id}"][data-member="${state}"]`);
const ledger = (): Locator => page.getByRole("region", { name: "Steps" });
/** The newest line that says so, once both phones have answered as they should. */
const line = (words: RegExp): Locator =>
  ledger()
    .getByRole("button", { name: words })
    .filter({ hasText: /2 (applied|delivered)/ });

/** By its id: uiautomator cannot be asked where it stands while the group's engine has the phone's one UI automation. */
async function tapById(id: string): Promise<void> {
  const group = new URL(page.url()).pathname.split("/").at(-1);
  const step = { type: "tap", at: { id } };
  await ask(`/groups/${group}/steps`, { method: "POST", body: JSON.stringify({ step, wait: 20_000 }) });
}

describe("a group of two phones", () => {
  test("is started from a lease, after what is disabled meanwhile was shown", async () => {
    await page.getByRole("link", { name: "Groups" }).first().click();
    await page.getByRole("link", { name: "Start a group" }).click();
    await page
      .getByRole("list", { name: "Apps that are disabled" })
      .getByText(/bazaar/i)
      .waitFor(ENGINE);
    await page.getByRole("button", { name: "Drive 2 phones" }).click();
    await page.waitForURL("**/groups/g-*");
    await tile("followed").waitFor(ENGINE);
  }, 90_000);

  test("does on both what is done on the leader: opens an app, finds what is touched again, types", async () => {
    await page.getByRole("button", { name: "Open an app on all" }).click();
    await page.getByRole("button", { name: "Notes", exact: true }).click();
    await line(new RegExp(NOTES)).waitFor(ENGINE);
    await page.getByRole("button", { name: "Record" }).click();
    await page.getByText(/^recording/).waitFor();
    await tapById("add");
    await line(/id\/add/).waitFor(ENGINE);
    await tapById("title");
    await line(/id\/title/).waitFor(ENGINE);
    await page.getByRole("region", { name: "Leader" }).locator("textarea").focus();
    await page.keyboard.type("Milk");
    await line(/text \(4 characters\)/).waitFor(ENGINE);
  }, 120_000);

  test("shows who went astray beside the leader, and brings it back by a click", async () => {
    await ask(`/devices/${follower.id}/input`, {
      method: "POST",
      body: JSON.stringify({ actions: [{ type: "key", key: "HOME" }] }),
    });
    await page.getByRole("toolbar", { name: "Keys for all phones" }).getByRole("button", { name: "Back" }).click();
    await tile("stray").click(ENGINE);
    const member = page.getByRole("region", { name: `Follower ${follower.name}` });
    await member.locator("[data-picture=live]").waitFor({ timeout: 20_000 });
    await member.getByRole("button", { name: "Re-sync" }).click();
    await tile("followed").waitFor(ENGINE);
    await member.getByRole("button", { name: "Close this follower" }).click();
  }, 120_000);

  test("keeps what was recorded as a flow", async () => {
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Save what was recorded" });
    await dialog.getByText("inputText").waitFor();
    await dialog.getByLabel("Name").fill("Write a note");
    await dialog.getByRole("button", { name: "Save the flow" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Groups" }).first().click();
    await page
      .getByRole("row", { name: /Write a note/ })
      .getByRole("button", { name: "Show" })
      .click();
    await page.getByRole("dialog", { name: "Write a note" }).getByText("inputText").waitFor();
  }, 60_000);
});

describe("apps", () => {
  test("that come with phonerack are marked as such, and one that is dropped is not theirs before it is proved", async () => {
    const serial = leader.address.replace(/^tcp:/, "");
    const { stdout } = await adb.run(["-s", serial, "shell", "pm", "path", "com.example.bazaar"]);
    expect(stdout).toMatch(/^package:/);
    await page.goto(`${up.url}/apps`);
    await page.getByRole("button", { name: /Notes/ }).getByText("Demo").waitFor();
    const file = `${up.data}/bazaar.apk`;
    await adb.run(["-s", serial, "pull", stdout.trim().replace("package:", ""), file]);
    await page.locator("input[type=file]").setInputFiles(file);
    const item = page.getByRole("button", { name: /com\.example\.bazaar/ });
    await item.getByText("Not yours yet").waitFor({ timeout: 20_000 });
  }, 60_000);

  test("leave nothing behind that a browser complains of", () => {
    expect(problems).toEqual([]);
  });
});
