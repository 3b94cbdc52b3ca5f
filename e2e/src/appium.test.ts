/**
 * A virtual phone as the real Appium sees it: its UiAutomator2 driver installs its server through Debian's adb, starts it, and drives Notes. Nothing
 * is told to skip a step.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { access, constants, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { startVirtualPhones, type VirtualPhone, type VirtualPhones } from "@phonerack/virtual-phone";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type AdbCli, startAdbCli } from "./adb-cli.js";
import { freePort } from "./free-port.js";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const resolve = createRequire(import.meta.url).resolve;
let chassis: VirtualPhones;
let phone: VirtualPhone;
let cli: AdbCli;
let folder: string;
let appium: Appium;

interface Appium {
  readonly url: string;
  /** The end of what it wrote. */
  log(): string;
  stop(): Promise<void>;
}

/** An Appium with the one driver, from what npm installed: no network, nothing outside `folder` is written. */
async function startAppium(folder: string, environment: NodeJS.ProcessEnv): Promise<Appium> {
  const extensions = join(folder, "appium", "node_modules");
  const tools = join(folder, "android", "platform-tools");
  await mkdir(extensions, { recursive: true });
  await mkdir(tools, { recursive: true });
  for (const name of ["appium", "appium-uiautomator2-driver"])
    await symlink(dirname(resolve(`${name}/package.json`)), join(extensions, name));
  await symlink(await programPath("adb"), join(tools, "adb"));
  const port = await freePort();
  const words = ["server", "--address", "127.0.0.1", "--port", String(port), "--log-level", "debug", "--log-timestamp"];
  const child = spawn(process.execPath, [join(dirname(resolve("appium/package.json")), "index.js"), ...words], {
    env: { ...environment, APPIUM_HOME: join(folder, "appium"), ANDROID_HOME: join(folder, "android") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-200_000);
    });
  }
  const url = `http://127.0.0.1:${port}`;
  const answers = async (): Promise<void> => {
    if (child.exitCode !== null) throw new Error(log);
    if (!(await fetch(`${url}/status`)).ok) throw new Error("Appium is not ready");
  };
  await vi.waitFor(answers, { timeout: 60_000, interval: 100 });
  return { url, log: () => log, stop: () => ended(child) };
}

/** Where a program stands on this machine. */
async function programPath(name: string): Promise<string> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, name);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw new Error(`this test needs ${name}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  await exit;
}

async function ask(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(appium.url + path, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { value } = (await response.json()) as { value: unknown };
  if (!response.ok) throw new Error(`${JSON.stringify(value)}\n${appium.log().slice(-6000)}`);
  return value;
}

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
