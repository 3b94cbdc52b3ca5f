/** The workbench as people meet it: apps and files dropped on phones, commands and settings for many at once, what came of it on each, and once more where it failed. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newPage, startChromium } from "./chromium.js";
import { type DeviceView, takeDevices, type Up, untilDevices } from "./phonerack.js";
import { startLab, startVirtualChassis, type VirtualChassis } from "./virtual-chassis.js";

/** Three of the lab's own, and one on the network: nobody has enrolled it, and it can be cut off. */
const PHONES = 4;
/** Fences close, and other tests may run beside this one. */
const SOON = { timeout: 30_000 };

let chassis: VirtualChassis;
let up: Up;
let browser: Browser;
let page: Page;
let problems: string[];
let devices: readonly DeviceView[];
let apart: DeviceView;

beforeAll(async () => {
  [chassis, browser] = await Promise.all([startVirtualChassis(1), startChromium()]);
  up = await startLab({ virtual: PHONES - 1, words: ["--connect", `${chassis.addresses[0]}@Z1/1`] });
  devices = await untilDevices(up, (all) => all.length === PHONES && all.every(({ state }) => state === "ready"), 60_000);
  const found = devices.find(({ address }) => address.endsWith(chassis.addresses[0] ?? ""));
  if (!found) throw new Error("the phone on the network is not there");
  apart = found;
  await takeDevices(
    up,
    devices.map(({ id }) => id),
  );
  ({ page, problems } = await newPage(browser, up.console));
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await up?.stop();
  await chassis?.stop();
});

const dock = () => page.getByRole("region", { name: "In progress" });
const outcomes = () => page.getByRole("region", { name: "Outcomes" });

async function ask<T>(path: string, { method = "GET", body }: { method?: string; body?: object } = {}): Promise<T> {
  const headers = { authorization: `Bearer ${up.token}`, "content-type": "application/json" };
  const response = await fetch(`${up.url}/api/v1${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return (await response.json()) as T;
}

async function selectAll(): Promise<void> {
  await page.goto(`${up.url}/?group=none`);
  const tiles = page.locator("[data-device]");
  await tiles.nth(PHONES - 1).waitFor();
  await tiles.first().click({ modifiers: ["Control"] });
  await tiles.last().click({ modifiers: ["Shift"] });
  await page.getByText(`${PHONES} phones selected`).waitFor();
}

describe("a command", () => {
  test("asks first where the fence would close on a phone that nobody enrolled, and says what it disables", async () => {
    await selectAll();
    const bar = page.getByRole("toolbar", { name: "Selected phones" });
    await bar.getByRole("button", { name: `Run a command on ${PHONES} …` }).click();
    const dialog = page.getByRole("dialog", { name: "Run a command" });
    await dialog.getByRole("textbox", { name: "Command" }).fill("echo the same on each");
    await dialog.getByRole("button", { name: `Run on ${PHONES} phones` }).click();
    await dialog.getByText(/bazaar/i).waitFor(SOON);
    expect((await ask<{ items: unknown[] }>("/jobs")).items).toEqual([]);
    await dialog.getByRole("button", { name: "Agree and go on" }).click();
    await page.waitForURL("**/jobs/j-*");
  }, 60_000);

  test("runs on all selected phones, and what they printed is told once for all that printed the same", async () => {
    const same = outcomes().getByRole("listitem").filter({ hasText: "the same on each" });
    await same.getByText(`${PHONES} phones`).waitFor(SOON);
    expect(await same.count()).toBe(1);
    await page.getByRole("button", { name: /^V01-02, done/ }).click();
    await page.getByRole("region", { name: "Phone V01-02" }).getByText("the same on each").waitFor();
  }, 60_000);
});

describe("settings", () => {
  const nights = () =>
    Promise.all(devices.map(async ({ id }) => (await ask<{ night: string }>(`/devices/${id}/settings`)).night));

  test("are applied to all selected phones at once", async () => {
    await ask(`/devices/${apart.id}/enrolment`, { method: "PUT", body: { enrolled: true } });
    await selectAll();
    await page.getByRole("toolbar", { name: "Selected phones" }).getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: `Settings of ${PHONES} …` }).click();
    const dialog = page.getByRole("dialog", { name: "Settings of phones" });
    const apply = dialog.getByRole("button", { name: `Apply to ${PHONES} phones` });
    expect(await apply.isDisabled()).toBe(true);
    await dialog.getByRole("combobox", { name: "Dark mode" }).click();
    await page.getByRole("option", { name: "Dark", exact: true }).click();
    await apply.click();
    await dock().getByText(`${PHONES} phones · done`).waitFor(SOON);
    expect(await nights()).toEqual(devices.map(() => "on"));
  }, 60_000);

  test("show on a phone's page what they are, and apply at once", async () => {
    await page.goto(`${up.url}/devices/${apart.id}`);
    const settings = page.getByRole("region", { name: "Settings of the phone" });
    const night = settings.getByRole("combobox", { name: "Dark mode" });
    await expect.poll(() => night.inputValue(), SOON).toBe("Dark");
    await night.click();
    await page.getByRole("option", { name: "Light", exact: true }).click();
    await expect.poll(nights, SOON).toEqual(devices.map(({ id }) => (id === apart.id ? "off" : "on")));
  }, 60_000);
});

test("nothing is left behind that a browser complains of, but that it was asked first", () => {
  expect(problems.filter((problem) => !problem.includes("status of 409"))).toEqual([]);
});
