/** The wall as one works at it: many phones selected, sized, kept as views, and nothing streamed that is not seen. In Chromium, with two virtual chassis. */
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPage, startChromium } from "./chromium.js";
import { type DeviceView, startUp, type Up, untilDevices } from "./phonerack.js";

const PHONES = 40;

let up: Up;
let browser: Browser;
let page: Page;
let problems: string[];
let devices: DeviceView[];
/** Streams that the page has asked for and not given up, as its live socket says. */
const watched = new Map<number, string>();

beforeAll(async () => {
  [up, browser] = await Promise.all([startUp({ virtual: PHONES }), startChromium()]);
  devices = await untilDevices(up, (all) => all.length === PHONES && all.every(({ state }) => state === "ready"), 90_000);
  ({ page, problems } = await newPage(browser, "about:blank"));
  page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => hear(String(payload))));
  await page.goto(up.console);
  await page.locator("[data-device]").first().waitFor();
}, 150_000);

afterAll(async () => {
  await browser?.close();
  await up?.stop();
});

function hear(text: string): void {
  const message = JSON.parse(text) as { type: string; stream: number; deviceId: string };
  if (message.type === "watch") watched.set(message.stream, message.deviceId);
  if (message.type === "unwatch") watched.delete(message.stream);
}

function idOf(name: string): string {
  const found = devices.find((device) => device.name === name);
  if (!found) throw new Error(`no ${name} among ${devices.map((device) => device.name).join()}`);
  return found.id;
}

const tile = (name: string): Locator => page.locator(`[data-device="${idOf(name)}"]`);
const selected = (): Promise<number> => page.locator("[data-device][aria-pressed=true]").count();
const bar = (): Locator => page.getByRole("toolbar", { name: "Selected phones" });

async function middle(element: Locator): Promise<{ x: number; y: number }> {
  const box = await element.boundingBox();
  if (!box) throw new Error("it is not to be seen");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function drag(from: Locator, to: Locator): Promise<void> {
  const [begin, end] = [await middle(from), await middle(to)];
  await page.mouse.move(begin.x, begin.y);
  await page.mouse.down();
  await page.mouse.move(end.x, end.y, { steps: 6 });
  await page.mouse.up();
}

test("a rectangle drawn over tiles selects what it touches, Ctrl and Shift extend, Esc clears", async () => {
  await drag(tile("V01-01"), tile("V01-13"));
  await expect.poll(selected).toBe(6);
  expect(page.url()).not.toContain("focus=");
  await tile("V01-20").click({ modifiers: ["Control"] });
  await expect.poll(selected).toBe(7);
  await bar().getByText("7 phones selected").waitFor();
  await tile("V02-02").click({ modifiers: ["Shift"] });
  await expect.poll(selected).toBe(3);
  await page.keyboard.press("Escape");
  await expect.poll(selected).toBe(0);
});

test("by keyboard alone: Space one, Shift and arrows a range, Ctrl+A all that the filters leave", async () => {
  await tile("V01-01").focus();
  await page.keyboard.press(" ");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowDown");
  await expect.poll(selected).toBe(12);
  await page.keyboard.press("Control+a");
  await bar().getByText(`${PHONES} phones selected`).waitFor();
  await page.keyboard.press("Escape");
});

test("a chassis is selected at its head, taken and given back as one", async () => {
  await page.getByRole("checkbox", { name: /V02/ }).check();
  await bar().getByText("20 phones selected").waitFor();
  await bar().getByRole("button", { name: "Lease 20" }).click();
  await bar().getByRole("button", { name: "Drive 20 as a group" }).waitFor({ timeout: 15_000 });
  await tile("V02-05").click({ button: "right" });
  await page.getByRole("menuitem", { name: "Release 20" }).click();
  await bar().getByRole("button", { name: "Drive 20 as a group" }).waitFor({ state: "detached", timeout: 15_000 });
  await page.keyboard.press("Escape");
  await expect.poll(selected).toBe(0);
});

test("Ctrl and the wheel zoom around the pointer, and what leaves the window is streamed no more within a second", async () => {
  await expect.poll(() => new Set(watched.values()).size, { timeout: 15_000 }).toBe(PHONES);
  const place = await middle(tile("V02-13"));
  await page.mouse.move(place.x, place.y);
  await page.keyboard.down("Control");
  for (let turn = 0; turn < 8; turn++) await page.mouse.wheel(0, -100);
  await page.keyboard.up("Control");
  await expect.poll(async () => (await tile("V02-13").boundingBox())?.width ?? 0).toBeGreaterThan(150);
  const turned = await tile("V02-13").boundingBox();
  expect(turned && turned.y < place.y && turned.y + turned.height > place.y).toBe(true);
  const inView = () =>
    page.evaluate(() => {
      const window = document.querySelector("section")?.getBoundingClientRect();
      return [...document.querySelectorAll<HTMLElement>("[data-device]")].flatMap((element) => {
        const box = element.getBoundingClientRect();
        return window && box.bottom > window.top && box.top < window.bottom ? (element.dataset.device ?? []) : [];
      });
    });
  await page.waitForTimeout(1_000);
  const seen = await inView();
  expect(seen.length).toBeLessThan(PHONES / 2);
  for (const id of watched.values()) expect(seen).toContain(id);
});

test("a named view keeps filters, grouping and size over a reload, and can be left and taken up again", async () => {
  await page.goto(`${up.url}/?group=model`);
  await page.getByRole("textbox", { name: "Find phones" }).fill("V02");
  await page.getByRole("status").filter({ hasText: "20 phones" }).waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("textbox", { name: "Name of this view" }).fill("Second chassis");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("menuitem", { name: "Second chassis" }).waitFor();
  await page.goto(up.url);
  await expect.poll(() => page.getByRole("textbox", { name: "Find phones" }).inputValue()).toBe("");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Second chassis" }).click();
  await expect.poll(() => page.getByRole("textbox", { name: "Find phones" }).inputValue()).toBe("V02");
  expect(new URL(page.url()).search).toBe("?q=V02&group=model");
  expect(problems).toEqual([]);
});
