/**
 * A virtual phone as the real Appium sees it: its UiAutomator2 driver installs its server through Debian's adb, starts it, and drives Notes. Nothing
 * is told to skip a step.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startVirtualPhones, type VirtualPhone, type VirtualPhones } from "@phonerack/virtual-phone";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdbCli, startAdbCli } from "./adb-cli.js";
import { type Appium, startAppium } from "./appium.js";
import { freePort } from "./free-port.js";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
let chassis: VirtualPhones;
let phone: VirtualPhone;
let cli: AdbCli;
let folder: string;
let appium: Appium;

const ask: Appium["ask"] = (...words) => appium.ask(...words);

beforeAll(async () => {
  chassis = await startVirtualPhones({ count: 1, models: ["v3"] });
  const [first] = chassis.phones;
  if (!first) throw new Error("no phone");
  phone = first;
  cli = await startAdbCli();
  await cli.run(["connect", `127.0.0.1:${phone.port}`]);
  folder = await mkdtemp(join(tmpdir(), "phonerack-e2e-appium-"));
  appium = await startAppium(folder, cli.environment);
}, 120_000);

afterAll(async () => {
  await appium?.stop();
  await cli?.stop();
  await chassis?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe("the real Appium with its UiAutomator2 driver", () => {
  it("passes a whole session on a virtual phone", async () => {
    const capabilities = {
      platformName: "Android",
      "appium:automationName": "UiAutomator2",
      "appium:udid": `127.0.0.1:${phone.port}`,
      "appium:adbPort": cli.port,
      "appium:systemPort": await freePort(),
      "appium:appPackage": "dev.phonerack.notes",
      "appium:appActivity": ".MainActivity",
      "appium:autoGrantPermissions": false,
    };
    const created = (await ask("POST", "/session", { capabilities: { alwaysMatch: capabilities, firstMatch: [{}] } })) as {
      sessionId: string;
    };
    const session = `/session/${created.sessionId}`;
    const find = async (using: string, value: string): Promise<string> => {
      const found = (await ask("POST", `${session}/element`, { using, value })) as Record<string, string>;
      return `${session}/element/${found[ELEMENT]}`;
    };
    await ask("POST", `${await find("accessibility id", "New note")}/click`, {});
    const title = await find("id", "dev.phonerack.notes:id/title");
    const body = await find("class name", "android.widget.EditText");
    expect(body).toBe(title);
    await ask("POST", `${title}/value`, { text: "Einkauf 买菜" });
    expect(await ask("GET", `${title}/text`)).toBe("Einkauf 买菜");
    await ask("POST", `${title}/clear`, {});
    expect(await ask("GET", `${title}/text`)).toBe("Title");
    await ask("POST", `${title}/value`, { text: "Liste" });
    expect(await ask("GET", `${title}/attribute/resource-id`)).toBe("dev.phonerack.notes:id/title");
    expect(await ask("GET", `${title}/rect`)).toMatchObject({ x: expect.any(Number), width: expect.any(Number) });
    expect(await find("xpath", "//android.widget.EditText[@text='Liste']")).toBe(title);
    expect(await ask("GET", `${session}/source`)).toContain('text="Liste"');
    const png = Buffer.from(String(await ask("GET", `${session}/screenshot`)), "base64");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1080, 2400]);
    await ask("POST", `${await find("-android uiautomator", 'new UiSelector().text("Save")')}/click`, {});
    await find("-android uiautomator", 'new UiSelector().text("Liste")');
    await expect(find("id", "nothing")).rejects.toThrow("no such element");
    const finger = [
      { type: "pointerMove", duration: 0, x: 500, y: 1500 },
      { type: "pointerDown", button: 0 },
      { type: "pointerMove", duration: 100, x: 500, y: 700 },
      { type: "pointerUp", button: 0 },
    ];
    const swipe = [{ type: "pointer", id: "finger", parameters: { pointerType: "touch" }, actions: finger }];
    await ask("POST", `${session}/actions`, { actions: swipe });
    await ask("POST", `${session}/back`, {});
    expect(phone.phone.foreground?.component.package).toBe("dev.phonerack.launcher");
    const { stdout: record } = await cli.run(["-s", `127.0.0.1:${phone.port}`, "shell", "dumpsys phonerack_input"]);
    expect(record).toContain('package {"package":"dev.phonerack.notes","touches":3,"keys":1,"texts":3}');
    await ask("DELETE", session);
    expect(phone.sockets.isBound("tcp:6790")).toBe(false);
  }, 120_000);
});
