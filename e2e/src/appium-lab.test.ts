/** The real Appium on a phone that one holds, through `phonerack adb`: without its Settings app, or with nothing skipped where an operator permits that app. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AdbCli, startAdbCli } from "./adb-cli.js";
import { type Appium, startAppium } from "./appium.js";
import { freePort } from "./free-port.js";
import { type DeviceView, firstLine, launch, type Running, takeDevices, type Up, untilDevices } from "./phonerack.js";
import { startLab } from "./virtual-chassis.js";

const SETTINGS = "io.appium.settings";
const NOTES = "dev.phonerack.notes";

let up: Up;
let phone: DeviceView;
let adb: AdbCli;
let tunnel: Running;
let serial: string;
let folder: string;
let appium: Appium;

beforeAll(async () => {
  up = await startLab({ virtual: 1 });
  const [found] = await untilDevices(up, (all) => all.length === 1 && all.every(({ state }) => state === "ready"));
  phone = found ?? expect.unreachable();
  await takeDevices(up, [phone.id]);
  adb = await startAdbCli();
  tunnel = launch(["adb", phone.name, "--control", up.url, "--token", up.token, "--json"], adb.environment);
  ({ serial } = JSON.parse(await firstLine(tunnel)) as { serial: string });
  folder = await mkdtemp(join(tmpdir(), "phonerack-e2e-appium-"));
  appium = await startAppium(folder, adb.environment);
}, 120_000);

afterAll(async () => {
  await appium?.stop();
  tunnel?.child.kill("SIGTERM");
  await tunnel?.exited;
  await adb?.stop();
  await up?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Begins a session, finds what Notes has, and ends it. */
async function drive(more: Record<string, unknown>): Promise<void> {
  const capabilities = {
    ...more,
    platformName: "Android",
    "appium:automationName": "UiAutomator2",
    "appium:udid": serial,
    "appium:adbPort": adb.port,
    "appium:systemPort": await freePort(),
    "appium:appPackage": NOTES,
    "appium:appActivity": ".MainActivity",
  };
  const begun = await appium.ask("POST", "/session", { capabilities: { alwaysMatch: capabilities, firstMatch: [{}] } });
  const session = `/session/${(begun as { sessionId: string }).sessionId}`;
  const element = { using: "accessibility id", value: "New note" };
  const found = (await appium.ask("POST", `${session}/element`, element)) as Record<string, string>;
  await appium.ask("POST", `${session}/element/${Object.values(found)[0]}/click`, {});
  await appium.ask("DELETE", session);
}

const isThere = async () =>
  (await adb.run(["-s", serial, "shell", `pm list packages ${SETTINGS}`])).stdout.includes(`package:${SETTINGS}`);

test("drives an app of one's own when it leaves its Settings app away", async () => {
  await drive({ "appium:skipDeviceInitialization": true, "appium:ignoreHiddenApiPolicyError": true });
  expect(await isThere()).toBe(false);
}, 120_000);

test("skips nothing once an operator has permitted its Settings app", async () => {
  const response = await fetch(`${up.url}/api/v1/permits`, {
    method: "POST",
    headers: { authorization: `Bearer ${up.token}`, "content-type": "application/json" },
    body: JSON.stringify({
      tenant: "lab",
      package: SETTINGS,
      devices: [phone.id],
      until: Date.now() + 3_600_000,
      reason: "Appium",
    }),
  });
  expect(response.ok, await response.text()).toBe(true);
  await drive({});
  expect(await isThere()).toBe(true);
}, 120_000);
