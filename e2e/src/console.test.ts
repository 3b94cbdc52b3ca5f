/**
 * The console as people use it: the link that `up` prints, opened in Chromium; virtual phones behind it; what is seen compared by pixels with
 * what the phone itself says it shows; what was typed read back with the real adb.
 */
import { readFile } from "node:fs/promises";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type AdbCli, startAdbCli } from "./adb-cli.js";
import { difference, liveliness, newPage, type Pixels, readPixels, seen, startChromium } from "./chromium.js";
import { type DeviceView, firstLine, launch, type Running, startUp, takeDevices, type Up, untilDevices } from "./phonerack.js";
import { dumpUi, type UiNode } from "./ui-dump.js";

/** Pictures of one screen differ by scaling and the encoder; of different screens by far more. */
const SAME = 12;
const OTHER = 25;

let up: Up;
let boards: Running;
/** The control API of the two phones that stand outside of `up`'s own chassis and can be killed. */
let faults: string;
let adb: AdbCli;
let browser: Browser;
let devices: DeviceView[];

beforeAll(async () => {
  boards = launch(["virtual", "--count", "2", "--control-port", "0", "--port", "0", "--json"]);
  const { phones, control } = JSON.parse(await firstLine(boards)) as { phones: { address: string }[]; control: string };
  faults = control;
  const connect = phones.flatMap(({ address }, at) => ["--connect", `${address}@V01/${19 + at}`]);
  [up, adb, browser] = await Promise.all([startUp({ virtual: 18, words: connect }), startAdbCli(), startChromium()]);
  devices = await untilDevices(up, (all) => all.length === 20 && all.every(({ state }) => state === "ready"), 60_000);
  await takeDevices(
    up,
    devices.map(({ id }) => id),
  );
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await Promise.all([up?.stop(), adb?.stop()]);
  boards?.child.kill("SIGTERM");
  await boards?.exited;
});

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${up.url}/api/v1${path}`, { ...init, headers: { authorization: `Bearer ${up.token}` } });

async function newLink(): Promise<string> {
  return ((await (await ask("/session/link", { method: "POST" })).json()) as { link: string }).link;
}

function deviceOf(holds: (device: DeviceView) => boolean): DeviceView {
  const found = devices.find(holds);
  if (!found) throw new Error(`no such device among ${devices.map(({ name }) => name).join()}`);
  return found;
}

/** In English, with sound, of the common shape; and its serial for adb. */
async function englishPhone(): Promise<DeviceView & { serial: string }> {
  const device = deviceOf(({ screen, slot }) => screen?.width === 1080 && screen.height === 2400 && (slot ?? 99) < 19);
  const serial = device.address.replace(/^tcp:/, "");
  await adb.run(["connect", serial]);
  return { ...device, serial };
}

const glass = (page: Page): Locator => page.locator("[class*=glass][data-picture]").filter({ has: page.locator("textarea") });

async function own(page: Page, id: string): Promise<Pixels> {
  return readPixels(page, Buffer.from(await (await ask(`/devices/${id}/screenshot`)).arrayBuffer()));
}

/** Waits until the element shows what the phone itself says it shows. */
async function untilSame(element: Locator, id: string): Promise<Pixels> {
  let last: Pixels = [];
  await expect
    .poll(async () => difference((last = await seen(element)), await own(element.page(), id)), { timeout: 10_000 })
    .toBeLessThan(SAME);
  return last;
}

async function openPhone(page: Page, id: string): Promise<Locator> {
  await page.goto(`${up.url}/devices/${id}`);
  const element = glass(page);
  await element.and(page.locator("[data-picture=live]")).waitFor();
  return element;
}

/** Touches the place of a node in the picture, as a hand with a mouse would. */
async function tap(element: Locator, device: DeviceView, node: Pick<UiNode, "middle">): Promise<void> {
  const box = await element.boundingBox();
  if (!box || !device.screen) throw new Error("the phone is not to be seen");
  const x = box.x + (node.middle.x / device.screen.width) * box.width;
  const y = box.y + (node.middle.y / device.screen.height) * box.height;
  await element.page().mouse.click(x, y, { delay: 40 });
}

async function nodeOf(serial: string, holds: (node: UiNode) => boolean): Promise<UiNode> {
  let found: UiNode | undefined;
  await expect.poll(async () => (found = (await dumpUi(adb, serial)).find(holds)), { timeout: 10_000 }).toBeDefined();
  return found as unknown as UiNode;
}

describe("the wall", () => {
  let page: Page;
  let problems: string[];
  beforeAll(async () => {
    ({ page, problems } = await newPage(browser, up.console));
  });
  afterAll(() => page.context().close());

  test("is opened by the printed link and shows twenty phones live, each its own screen", async () => {
    const live = page.locator("[data-device][data-picture=live]");
    await expect.poll(() => live.count(), { timeout: 20_000 }).toBe(20);
    for (const { id } of devices.filter(({ slot }) => (slot ?? 0) % 5 === 0)) {
      const picture = page.locator(`[data-device="${id}"] [class*=glass]`);
      expect(liveliness(await untilSame(picture, id))).toBeGreaterThan(5);
    }
    expect(problems).toEqual([]);
  });

  test("gives a phone into the hand at one click, and a touch goes through it", async () => {
    const device = await englishPhone();
    await page.locator(`[data-device="${device.id}"]`).click();
    const phone = glass(page);
    const before = await untilSame(phone, device.id);
    await tap(phone, device, await nodeOf(device.serial, ({ description }) => description === "Blocks"));
    await expect.poll(async () => difference(before, await seen(phone)), { timeout: 10_000 }).toBeGreaterThan(OTHER);
    await page.getByRole("button", { name: "Home" }).click();
    await expect.poll(async () => difference(before, await seen(phone)), { timeout: 10_000 }).toBeLessThan(SAME);
    expect(await page.locator("[data-device][data-picture=live]").count()).toBe(20);
  });

  test("finds phones as one types, and says so when there is none", async () => {
    await page.goto(up.url);
    await page.getByRole("textbox", { name: "Find phones" }).fill("V01-07");
    await expect.poll(() => page.locator("[data-device]").count()).toBe(1);
    await page.getByRole("textbox", { name: "Find phones" }).fill("nothing like it");
    await page.getByText("No phone fits these filters").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).last().click();
    await expect.poll(() => page.locator("[data-device]").count()).toBe(20);
  });

  test("is walked by the keyboard: one stop for Tab, arrows, Enter", async () => {
    expect(await page.locator("[data-device][tabindex='0']").count()).toBe(1);
    await page.locator("[data-device][tabindex='0']").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    const at = () => page.evaluate(() => (document.activeElement as HTMLElement).dataset.device);
    await expect.poll(at).toBe(deviceOf(({ slot }) => slot === 12).id);
    await page.keyboard.press("Enter");
    await page.getByRole("complementary", { name: "Phone in focus" }).waitFor();
  });

  test("opens a phone's page at a double click, though the wall moves under the first", async () => {
    await page.goto(up.url);
    const device = deviceOf(({ slot }) => slot === 10);
    await page.locator(`[data-device="${device.id}"]`).dblclick();
    await page.waitForURL(`**/devices/${device.id}`);
    await page.getByRole("link", { name: "Wall" }).first().click();
  });

  test("goes to any phone from the palette", async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search phones and actions" }).fill("v01 04");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/devices/${deviceOf(({ slot }) => slot === 4).id}`);
  });
});

describe("the wall of a lab", () => {
  /** A page whose live socket is answered here: so many phones fit no test machine. Frames are not sent, only asked for. */
  async function openLab(count: number): Promise<{ page: Page; watched: () => Set<string> }> {
    const [sample] = ((await (await ask("/devices?limit=1")).json()) as { items: object[] }).items;
    const lab = Array.from({ length: count }, (_, at) => {
      const chassis = `C${String(Math.floor(at / 20) + 1).padStart(2, "0")}`;
      const slot = (at % 20) + 1;
      return { ...sample, id: `lab-${at}`, chassis, slot, name: `${chassis}-${String(slot).padStart(2, "0")}` };
    });
    const streams = new Map<number, string>();
    const { page } = await newPage(browser, await newLink());
    await page.routeWebSocket(/\/api\/v1\/live$/, (socket) => {
      socket.onMessage((text) => {
        const message = JSON.parse(String(text)) as { type: string; stream: number; deviceId: string; at: number };
        if (message.type === "devices") socket.send(JSON.stringify({ type: "devices", devices: lab }));
        else if (message.type === "ping") socket.send(JSON.stringify({ type: "pong", at: message.at }));
        else if (message.type === "watch") streams.set(message.stream, message.deviceId);
        else if (message.type === "unwatch") streams.delete(message.stream);
      });
    });
    await page.reload();
    return { page, watched: () => new Set(streams.values()) };
  }

  test("has a thousand phones, but only what is seen is on the page and streamed", async () => {
    const { page, watched } = await openLab(1_000);
    await page.locator("[data-device=lab-0]").waitFor();
    expect(await page.locator("[data-device]").count()).toBeLessThan(250);
    await expect.poll(() => watched().size).toBeGreaterThan(50);
    expect(watched().size).toBeLessThanOrEqual(200);
    await page.getByRole("region", { name: "Phones" }).evaluate((wall) => wall.scrollTo(0, wall.scrollHeight));
    await page.locator("[data-device=lab-999]").waitFor();
    await expect.poll(() => watched().has("lab-999")).toBe(true);
    await expect.poll(() => watched().has("lab-0"), { timeout: 1_000 }).toBe(false);
    await page.context().close();
  });

  test("says what to do when there are no phones", async () => {
    const { page } = await openLab(0);
    await page.getByRole("heading", { name: "No phones yet" }).waitFor();
    await page.getByText("npx phonerack up --virtual 20").waitFor();
    await page.context().close();
  });
});

describe("a page that is not secure", () => {
  /** The console at an address that is not localhost: its files and its live socket are passed on, because control answers to localhost only. */
  async function openInsecure(): Promise<Page> {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.route("http://lab.test/**", async (route) => {
      const { pathname, search } = new URL(route.request().url());
      const response = await fetch(up.url + pathname + search, { headers: { authorization: `Bearer ${up.token}` } });
      const contentType = response.headers.get("content-type") ?? "text/html";
      await route.fulfill({ status: response.status, contentType, body: Buffer.from(await response.arrayBuffer()) });
    });
    await page.routeWebSocket(/\/api\/v1\/live$/, (socket) => {
      const control = new WebSocket(`${up.url.replace("http", "ws")}/api/v1/live`, {
        headers: { authorization: `Bearer ${up.token}` },
      });
      const early: string[] = [];
      socket.onMessage((text) => (control.readyState === WebSocket.OPEN ? control.send(String(text)) : early.push(String(text))));
      control.on("open", () => {
        for (const text of early.splice(0)) control.send(text);
      });
      control.on("message", (data: Buffer, binary) => socket.send(binary ? data : data.toString()));
      page.once("close", () => control.close());
    });
    await page.goto("http://lab.test/");
    return page;
  }

  test("says why the browser withholds its decoder, and shows the phones all the same", async () => {
    const page = await openInsecure();
    await page.getByText("This page is not secure").waitFor();
    expect(await page.evaluate(() => "VideoDecoder" in globalThis)).toBe(false);
    const device = deviceOf(({ slot }) => slot === 3);
    const tile = page.locator(`[data-device="${device.id}"]`);
    await tile.and(page.locator("[data-picture=live]")).waitFor();
    await untilSame(tile.locator("[class*=glass]"), device.id);
    await page.context().close();
  });
});

describe("a phone's page", () => {
  test("opens an app in the picture when its icon is touched", async () => {
    const device = await englishPhone();
    const { page, problems } = await newPage(browser, await newLink());
    const phone = await openPhone(page, device.id);
    const launcher = await untilSame(phone, device.id);
    await tap(phone, device, await nodeOf(device.serial, ({ description }) => description === "Notes"));
    await expect.poll(async () => difference(launcher, await seen(phone)), { timeout: 10_000 }).toBeGreaterThan(OTHER);
    await untilSame(phone, device.id);
    await page.getByText("dev.phonerack.notes").first().waitFor();
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test("passes on what is typed, in any script: keys, an input method, a paste", async () => {
    const device = await englishPhone();
    const { page } = await newPage(browser, await newLink());
    const phone = await openPhone(page, device.id);
    await page.getByRole("button", { name: "Home" }).click();
    await tap(phone, device, await nodeOf(device.serial, ({ description }) => description === "Notes"));
    await tap(phone, device, await nodeOf(device.serial, ({ id }) => id.endsWith("id/add")));
    await tap(phone, device, await nodeOf(device.serial, ({ id }) => id.endsWith("id/body")));
    const text = async () => (await nodeOf(device.serial, ({ id }) => id.endsWith("id/body"))).text;
    await page.keyboard.type("Hello");
    await expect.poll(text, { timeout: 10_000 }).toBe("Hello");
    const input = await page.context().newCDPSession(page);
    await input.send("Input.imeSetComposition", { text: "nihao", selectionStart: 5, selectionEnd: 5 });
    await input.send("Input.insertText", { text: "你好" });
    await expect.poll(text, { timeout: 10_000 }).toBe("Hello你好");
    await page.keyboard.press("Backspace");
    await page.keyboard.insertText("👋🏽 é");
    await expect.poll(text, { timeout: 10_000 }).toBe("Hello你👋🏽 é");
    await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "\nзавтра");
      document.activeElement?.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    });
    await expect.poll(text, { timeout: 10_000 }).toBe("Hello你👋🏽 é\nзавтра");
    await page.keyboard.press("Escape");
    await page.getByText("click the phone to type").waitFor();
    await page.context().close();
  });

  test("turns with the phone and keeps its shape; a touch aims at what is seen", async () => {
    const device = deviceOf(({ slot }) => slot === 19);
    const { page } = await newPage(browser, await newLink());
    const phone = await openPhone(page, device.id);
    await page.getByRole("button", { name: "Rotate" }).click();
    const shape = async () => {
      const box = await phone.boundingBox();
      return box ? box.width / box.height : 0;
    };
    await expect.poll(shape, { timeout: 10_000 }).toBeGreaterThan(1.2);
    await untilSame(phone, device.id);
    await page.getByRole("button", { name: "Rotate" }).click();
    await expect.poll(shape, { timeout: 10_000 }).toBeLessThan(0.8);
    await page.context().close();
  });

  test("is seen by two browsers; the second starts at once, though nothing moves", async () => {
    const device = deviceOf(({ slot }) => slot === 5);
    const first = await newPage(browser, await newLink());
    await untilSame(await openPhone(first.page, device.id), device.id);
    const second = await newPage(browser, await newLink());
    await untilSame(await openPhone(second.page, device.id), device.id);
    await first.page.getByText("2 watchers").waitFor();
    await second.page.getByText("2 watchers").waitFor();
    await second.page.context().close();
    await first.page.getByText("1 watcher", { exact: true }).waitFor();
    await first.page.context().close();
  });

  test("hands over a screenshot as a file", async () => {
    const device = deviceOf(({ slot }) => slot === 6);
    const { page } = await newPage(browser, await newLink());
    await openPhone(page, device.id);
    const heights: number[] = [];
    for (const name of ["Save the screen as PNG", "Save it with the phone around it"]) {
      await page.getByRole("button", { name: "Screenshot" }).click();
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name }).click()]);
      expect(download.suggestedFilename()).toMatch(/^V01-06 .*\.png$/);
      // PNG's IHDR: after 16 bytes width and height.
      heights.push((await readFile(await download.path())).readUInt32BE(20));
    }
    expect(heights[1]).toBeGreaterThan(heights[0] ?? 0);
    await page.context().close();
  });

  test("says in words that there is no such phone", async () => {
    const { page } = await newPage(browser, await newLink());
    await page.goto(`${up.url}/devices/d-none`);
    await page.getByRole("heading", { name: "No phone has this id" }).waitFor();
    await page.context().close();
  });
});

describe("when something is lost", () => {
  test("a killed phone says so within three seconds, the rest go on, and it comes back by itself", async () => {
    const victim = deviceOf(({ slot }) => slot === 20);
    const { page } = await newPage(browser, await newLink());
    const tile = page.locator(`[data-device="${victim.id}"]`);
    await expect.poll(() => page.locator("[data-device][data-picture=live]").count(), { timeout: 20_000 }).toBe(20);
    const killed = Date.now();
    await fetch(`${faults}/phones/2/kill`, { method: "POST", body: "{}" });
    await tile.getByText("lost", { exact: true }).waitFor();
    expect(Date.now() - killed).toBeLessThan(3_000);
    expect(await page.locator("[data-device][data-picture=live]").count()).toBe(19);
    await fetch(`${faults}/phones/2/start`, { method: "POST", body: "{}" });
    await tile.and(page.locator("[data-picture=live]")).waitFor({ timeout: 40_000 });
    await untilSame(tile.locator("[class*=glass]"), victim.id);
    await page.context().close();
  }, 60_000);

  test("a lost connection is said calmly and heals, pictures and all", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    let sever: (() => Promise<void>) | undefined;
    await page.routeWebSocket(/\/api\/v1\/live$/, (socket) => {
      socket.connectToServer();
      sever = () => socket.close();
    });
    await page.goto(await newLink());
    const live = page.locator("[data-device][data-picture=live]");
    await expect.poll(() => live.count(), { timeout: 20_000 }).toBeGreaterThan(15);
    await sever?.();
    await page.getByText("connection lost, trying again").waitFor();
    await page.locator("header").getByText("live", { exact: true }).waitFor();
    await expect.poll(() => live.count(), { timeout: 20_000 }).toBeGreaterThan(15);
    await context.close();
  });

  test("a browser without a session is told how to get one", async () => {
    const { page } = await newPage(browser, up.url);
    await page.getByText("phonerack link").waitFor();
    await page.context().close();
  });
});
