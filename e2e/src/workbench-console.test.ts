/** The workbench as people meet it: apps and files dropped on phones, commands and settings for many at once, what came of it on each, and once more where it failed. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demoApk, newKey } from "../../packages/control/test/upload-apk.js";
import { newPage, startChromium } from "./chromium.js";
import { type DeviceView, run, takeDevices, type Up, untilDevices } from "./phonerack.js";
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

/** One of the dialogs behind "More", for all phones. */
async function openOrder(item: string, title: string): Promise<Locator> {
  await selectAll();
  await page.getByRole("toolbar", { name: "Selected phones" }).getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: item }).click();
  return page.getByRole("dialog", { name: title });
}

interface Dropped {
  readonly name: string;
  readonly bytes: Buffer;
}

/** As a browser tells of it: the pointer over the target with files, whose names it does not say yet, then the drop, once the page says what will come of it. */
async function drop(target: Locator, files: readonly Dropped[], words: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    (all) => {
      const transfer = new DataTransfer();
      for (const { name, base64 } of all) {
        const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
        const type = name.endsWith(".apk") ? "application/vnd.android.package-archive" : "text/plain";
        transfer.items.add(new File([bytes], name, { type }));
      }
      return transfer;
    },
    files.map(({ name, bytes }) => ({ name, base64: bytes.toString("base64") })),
  );
  const said = page.getByRole("status").filter({ hasText: /Install|Drop|Not yours/ });
  // A browser tells of it again and again; what is not told of for a second is gone, and a page that has just opened knows no phones yet.
  await expect
    .poll(async () => {
      await target.dispatchEvent("dragover", { dataTransfer });
      return said.textContent({ timeout: 500 }).catch(() => null);
    }, SOON)
    .toBe(words);
  await target.dispatchEvent("drop", { dataTransfer });
  await said.waitFor({ state: "detached" });
}

const namesIn = async (id: string, folder: string) => {
  const { entries = [] } = await ask<{ entries?: { name: string }[] }>(`/devices/${id}/files?path=${folder}`);
  return entries.map(({ name }) => name);
};

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
    const dialog = await openOrder(`Settings of ${PHONES} …`, "Settings of phones");
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

describe("what is dropped", () => {
  const NAME = "com.example.dropped";
  const key = newKey("dropped");
  const apk = () => demoApk({ package: NAME, versionCode: 4, permissions: ["android.permission.CAMERA"] }, key);
  const installed = async (id: string) => (await ask<{ versionCode?: number }>(`/devices/${id}/packages/${NAME}`)).versionCode;

  test("is installed on one phone, as an APK on its page", async () => {
    const [first] = devices;
    await page.goto(`${up.url}/devices/${first?.id}`);
    await page.getByRole("button", { name: "Home" }).waitFor();
    await drop(page.locator("main"), [{ name: "app.apk", bytes: apk() }], `Install on ${first?.name}`);
    await dock().getByText(`${first?.name} · done`).waitFor(SOON);
    expect(await installed(first?.id ?? "")).toBe(4);
  }, 60_000);

  test("is installed on all that are selected once it is owned, and is refused in words before", async () => {
    await selectAll();
    const tile = page.locator("[data-device]").first();
    await drop(tile, [{ name: "app.apk", bytes: apk() }], `Install on ${PHONES} phones`);
    await dock().getByText(`${PHONES} phones · failed`).waitFor(SOON);
    await dock().getByRole("link", { name: "Show the job" }).click();
    await outcomes().getByText(`${NAME} is not yours`).first().waitFor(SOON);
    expect(await installed(devices.at(-1)?.id ?? "")).toBeUndefined();
    const [path, pem] = [join(up.data, "app.apk"), join(up.data, "key.pem")];
    await writeFile(path, apk());
    await writeFile(pem, key.privateKey.export({ type: "pkcs8", format: "pem" }));
    expect((await run("apps", "prove", path, "--key", pem, "--data", up.data)).code).toBe(0);
    await selectAll();
    await drop(tile, [{ name: "app.apk", bytes: apk() }], `Install on ${PHONES} phones`);
    await dock().getByText(`${PHONES} phones · done`).waitFor(SOON);
    expect(await Promise.all(devices.map(({ id }) => installed(id)))).toEqual(devices.map(() => 4));
  }, 60_000);

  test("is an app of many, which is uninstalled from all of them only by who knows what is lost", async () => {
    const dialog = await openOrder(`An app of ${PHONES} …`, "An app of phones");
    await dialog.getByRole("combobox", { name: "App" }).fill(NAME);
    await dialog.getByRole("combobox", { name: "What is done" }).click();
    await page.getByRole("option", { name: "Uninstall it" }).click();
    const go = dialog.getByRole("button", { name: `Do it on ${PHONES} phones` });
    expect(await go.isDisabled()).toBe(true);
    await dialog.getByRole("checkbox", { name: /gone for good/ }).check();
    await go.click();
    await dock().getByText(`${PHONES} phones · done`).waitFor(SOON);
    expect(await Promise.all(devices.map(({ id }) => installed(id)))).toEqual(devices.map(() => undefined));
  }, 60_000);

  test("on a chassis goes into Download on each of its phones, more files than are sent at a time", async () => {
    await page.goto(`${up.url}/?group=chassis`);
    const own = devices.filter(({ id }) => id !== apart.id);
    const files = Array.from({ length: 7 }, (_, at) => ({ name: `notes ${at}.txt`, bytes: Buffer.from(`${at}`) }));
    const chassis = page.locator("[data-chassis]").filter({ has: page.locator(`[data-device="${own[0]?.id}"]`) });
    await chassis.waitFor(SOON);
    await drop(chassis, files, `Install APKs, or put files into Download, on ${own.length} phones`);
    for (const { id } of own)
      await expect
        .poll(() => namesIn(id, "/sdcard/Download"), SOON)
        .toEqual(expect.arrayContaining(files.map(({ name }) => name)));
    expect(await namesIn(apart.id, "/sdcard/Download")).not.toContain("notes 0.txt");
  }, 60_000);

  test("on a chassis is installed on each of its phones, as an APK; on a phone's page it is opened, told of, and taken away", async () => {
    await page.goto(`${up.url}/?group=chassis`);
    const own = devices.filter(({ id }) => id !== apart.id);
    const chassis = page.locator("[data-chassis]").filter({ has: page.locator(`[data-device="${own[0]?.id}"]`) });
    await chassis.waitFor(SOON);
    await drop(chassis, [{ name: "app.apk", bytes: apk() }], `Install on ${own.length} phones`);
    await expect.poll(() => Promise.all(own.map(({ id }) => installed(id))), SOON).toEqual(own.map(() => 4));
    expect(await installed(apart.id)).toBeUndefined();

    await page.goto(`${up.url}/devices/${own[0]?.id}?side=apps`);
    const apps = page.getByRole("region", { name: "Apps on this phone" });
    const item = apps.locator(`[data-package="${NAME}"]`);
    await item.getByText("yours").waitFor(SOON);
    await item.getByRole("button", { expanded: false }).click();
    await item.getByText("(4)").first().waitFor(SOON);
    const camera = item.getByRole("switch", { name: "CAMERA" });
    expect(await camera.isChecked()).toBe(false);
    await camera.click();
    await expect.poll(() => camera.isChecked(), SOON).toBe(true);
    const granted = async () =>
      (await ask<{ permissions: { name: string; granted: boolean }[] }>(`/devices/${own[0]?.id}/packages/${NAME}`)).permissions;
    await expect.poll(granted, SOON).toContainEqual({ name: "android.permission.CAMERA", granted: true });
    await item.getByRole("button", { name: "Launch" }).click();
    await item.getByText("running").waitFor(SOON);
    await item.getByRole("button", { name: "Stop" }).click();
    await item.getByText("running").waitFor({ ...SOON, state: "detached" });
    await apps.getByRole("textbox", { name: "Find an app" }).fill("nothing is called so");
    await apps.getByText("No app fits.").waitFor();
    await apps.getByRole("textbox", { name: "Find an app" }).fill(NAME);
    await item.getByRole("button", { name: "Uninstall" }).click();
    await page.getByText("and its data are removed from this phone").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Uninstall" }).click();
    await item.waitFor({ ...SOON, state: "detached" });
    expect(await installed(own[0]?.id ?? "")).toBeUndefined();
  }, 90_000);

  test("can be moved on all phones at once, and is missing on the one that never had it", async () => {
    const dialog = await openOrder(`Files of ${PHONES} …`, "Files of phones");
    await dialog.getByRole("combobox", { name: "What is done" }).click();
    await page.getByRole("option", { name: "Move or rename" }).click();
    const path = dialog.getByRole("textbox", { name: "File or folder" });
    await dialog.getByRole("textbox", { name: "Where to" }).fill("/sdcard/Download/a.txt");
    await path.fill("/sdcard/Download/");
    expect(await dialog.getByRole("button", { name: `Do it on ${PHONES} phones` }).isDisabled()).toBe(true);
    await path.fill("/sdcard/Download/notes 0.txt");
    await dialog.getByRole("textbox", { name: "Where to" }).fill("/sdcard/Download/服务.txt");
    await dialog.getByRole("button", { name: `Do it on ${PHONES} phones` }).click();
    await dock()
      .getByText(/3 done, 1 not/)
      .waitFor(SOON);
    for (const { id } of devices) expect((await namesIn(id, "/sdcard/Download")).includes("服务.txt")).toBe(id !== apart.id);
  }, 60_000);

  test("elsewhere is not taken, and says where it could be", async () => {
    await page.goto(`${up.url}/jobs`);
    await page.getByRole("heading", { name: "Jobs" }).waitFor();
    const words = "Drop files on a phone, a selection, a chassis or a group.";
    await drop(page.locator("main"), [{ name: "a.txt", bytes: Buffer.from("a") }], words);
  });
});

test("a job is done once more where it failed, and only there", async () => {
  const [first, second] = devices;
  const shell = (on: readonly (DeviceView | undefined)[], command: string) => {
    const body = { devices: on.map((device) => device?.id), action: { type: "shell", command }, agreed: true, wait: 20_000 };
    return ask<{ id: string }>("/jobs", { method: "POST", body });
  };
  await shell([first], "echo there > /sdcard/Download/later.txt");
  const action = { type: "move", path: "/sdcard/Download/later.txt", to: "/sdcard/Download/moved.txt" };
  const body = { devices: [first?.id, second?.id], action, wait: 20_000 };
  const job = await ask<{ id: string }>("/jobs", { method: "POST", body });
  await page.goto(`${up.url}/jobs/${job.id}`);
  await page.getByRole("button", { name: "V01-02, failed" }).waitFor(SOON);
  await shell([second], "echo there > /sdcard/Download/later.txt");
  await page.getByRole("button", { name: "Retry 1" }).click();
  await expect
    .poll(async () => (await ask<{ counts: object }>(`/jobs/${job.id}`)).counts, SOON)
    .toMatchObject({ done: 2, failed: 0 });
  for (const device of [first, second]) expect(await namesIn(device?.id ?? "", "/sdcard/Download")).toContain("moved.txt");
}, 60_000);

test("a job that somebody cancels begins on no further phone, lets end what runs, and can be gone on with", async () => {
  const ids = devices.map(({ id }) => id);
  const action = { type: "shell", command: "sleep 2; echo was here" };
  const body = { devices: ids, action, agreed: true, pace: { concurrency: 1 } };
  const job = await ask<{ id: string }>("/jobs", { method: "POST", body });
  await page.goto(`${up.url}/jobs/${job.id}`);
  await page.getByRole("button", { name: /, running/ }).waitFor(SOON);
  await page.getByRole("button", { name: "Cancel" }).click();
  const question = page.getByRole("dialog");
  await question.getByText("It begins on no further phone. What runs is let end.").waitFor();
  await question.getByRole("button", { name: "Cancel" }).first().click();
  await expect
    .poll(async () => (await ask<{ counts: object }>(`/jobs/${job.id}`)).counts, SOON)
    .toMatchObject({ done: 1, cancelled: PHONES - 1 });
  await outcomes().getByText("was here").waitFor(SOON);
  await page.getByRole("button", { name: `Retry ${PHONES - 1}` }).click();
  await expect
    .poll(async () => (await ask<{ counts: object }>(`/jobs/${job.id}`)).counts, SOON)
    .toMatchObject({ done: PHONES, cancelled: 0 });
}, 90_000);

test("the logs of all selected phones are kept at once", async () => {
  await selectAll();
  await page.getByRole("toolbar", { name: "Selected phones" }).getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: `Keep the logs of ${PHONES}` }).click();
  await dock().getByText(`${PHONES} phones · done`).waitFor(SOON);
  const { items } = await ask<{ items: { kind: string }[] }>("/artifacts?kind=log");
  expect(items).toHaveLength(PHONES);
}, 60_000);

test("nothing is left behind that a browser complains of, but that it was asked first", () => {
  expect(problems.filter((problem) => !problem.includes("status of 409"))).toEqual([]);
});
