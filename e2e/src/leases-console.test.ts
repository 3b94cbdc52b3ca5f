/** Leases as people meet them: a free phone taken where it is seen, touched, kept longer, given back; and what the leases and racks pages say of it. */
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { difference, newPage, type Pixels, seen, startChromium } from "./chromium.js";
import { type DeviceView, startUp, type Up, untilDevices } from "./phonerack.js";

/** Pictures of different screens differ by far more than the encoder makes of one. */
const OTHER = 25;
const SAME = 12;

interface LeaseView {
  id: string;
  phase: string;
  until: number;
  endReason: string | null;
  devices: { id: string }[];
}

let up: Up;
let browser: Browser;
let page: Page;
let problems: string[];
let device: DeviceView;

beforeAll(async () => {
  [up, browser] = await Promise.all([startUp({ virtual: 3 }), startChromium()]);
  const devices = await untilDevices(up, (all) => all.length === 3 && all.every(({ state }) => state === "ready"), 60_000);
  const [first] = devices;
  if (!first) throw new Error("no phones");
  device = first;
  ({ page, problems } = await newPage(browser, up.console));
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await up?.stop();
});

async function leases(): Promise<LeaseView[]> {
  const response = await fetch(`${up.url}/api/v1/leases`, { headers: { authorization: `Bearer ${up.token}` } });
  return ((await response.json()) as { items: LeaseView[] }).items;
}

const tile = () => page.locator(`button[data-device="${device.id}"]`);
const panel = () => page.getByRole("complementary", { name: "Phone in focus" });
const glass = (): Locator => panel().locator("[class*=glass][data-picture]");

describe("a free phone", () => {
  let before: Pixels;

  test("is seen by the lab's owner, who is asked to take it where they touch it; nothing reaches it before", async () => {
    await tile().and(page.locator("[data-picture=live]")).waitFor({ timeout: 20_000 });
    await tile().getByText("free", { exact: true }).waitFor();
    await tile().click();
    await glass().and(page.locator("[data-picture=live]")).waitFor({ timeout: 20_000 });
    before = await seen(glass());
    await glass().click();
    await page.getByRole("button", { name: "Take to touch" }).waitFor();
    expect(await leases()).toEqual([]);
  });

  test("is taken by that one click, for an hour, and then it is touched", async () => {
    await page.getByRole("button", { name: "Take to touch" }).click();
    await tile().getByText("yours", { exact: true }).waitFor({ timeout: 10_000 });
    const [lease] = await leases();
    expect(lease).toMatchObject({ phase: "active", devices: [{ id: device.id }] });
    expect(Math.abs((lease?.until ?? 0) - Date.now() - 3_600_000)).toBeLessThan(30_000);
    await glass().locator("textarea").waitFor({ state: "attached" });
    await glass().and(page.locator("[data-picture=live]")).waitFor({ timeout: 20_000 });
    const box = await glass().boundingBox();
    if (!box) throw new Error("the phone is not to be seen");
    // The launcher's icons stand in its lower part.
    await page.mouse.click(box.x + box.width * 0.14, box.y + box.height * 0.785, { delay: 40 });
    await expect.poll(async () => difference(before, await seen(glass())), { timeout: 10_000 }).toBeGreaterThan(OTHER);
    await panel().getByRole("button", { name: "Home" }).click();
    await expect.poll(async () => difference(before, await seen(glass())), { timeout: 10_000 }).toBeLessThan(SAME);
  });

  test("is kept half an hour longer by a click", async () => {
    const [lease] = await leases();
    await panel().getByRole("button", { name: "Extend 30 min" }).click();
    await expect.poll(async () => (await leases())[0]?.until).toBe((lease?.until ?? 0) + 30 * 60_000);
  });

  test("stands in the timeline among one's own, and the bar tells all about it", async () => {
    await page.getByRole("link", { name: "Leases" }).first().click();
    const timeline = page.getByRole("region", { name: "Who has which phone when" });
    await timeline.getByText("Your phones").waitFor();
    await timeline.getByRole("button", { name: new RegExp(`^${device.name},`) }).click();
    const chosen = page.getByRole("region", { name: "Chosen lease" });
    await chosen.getByRole("heading", { name: device.name }).waitFor();
    await chosen.getByRole("button", { name: "Hand over …" }).waitFor();
    await chosen.getByRole("link", { name: device.name }).waitFor();
  });

  test("stands in its rack as one's own", async () => {
    await page.getByRole("link", { name: "Racks" }).first().click();
    await page.locator(`[data-device="${device.id}"][data-status=yours]`).waitFor();
    expect(await page.locator("[data-device][data-status=free]").count()).toBe(2);
  });

  test("is given back by a click, cleaned, and free again", async () => {
    await page.locator(`[data-device="${device.id}"]`).click();
    await page.waitForURL(`**/devices/${device.id}`);
    await page.getByRole("button", { name: "Release" }).click();
    await expect.poll(async () => (await leases())[0]?.endReason).toBe("released");
    await page.getByRole("button", { name: "Take for an hour" }).waitFor({ timeout: 60_000 });
    expect(problems).toEqual([]);
  }, 90_000);
});

test("phones are asked for by what they must be, and a refusal says why", async () => {
  await page.getByRole("link", { name: "Leases" }).first().click();
  await page.getByRole("button", { name: "Take phones" }).click();
  const dialog = page.getByRole("dialog", { name: "Take phones" });
  await dialog.getByLabel("How many").fill("4");
  await dialog.getByRole("button", { name: "Take", exact: true }).click();
  await dialog.getByRole("alert").getByText("no_device_matches").waitFor();
  await dialog.getByLabel("How many").fill("3");
  await dialog.getByRole("button", { name: "Take", exact: true }).click();
  await page.getByRole("dialog", { name: "They are yours" }).waitFor({ timeout: 10_000 });
  expect((await leases()).find(({ phase }) => phase === "active")?.devices).toHaveLength(3);
});
