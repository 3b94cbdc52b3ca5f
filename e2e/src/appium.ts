/**
 * The real Appium with its UiAutomator2 driver, from what npm installed, for one test: through the adb that it is given, and nothing is told to skip a step.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { access, constants, mkdir, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { vi } from "vitest";
import { freePort } from "./free-port.js";

const resolve = createRequire(import.meta.url).resolve;

export interface Appium {
  /** What WebDriver answers to this. Fails with its error, and the end of the log. */
  ask(method: string, path: string, body?: object): Promise<unknown>;
  stop(): Promise<void>;
}

/** No network is needed, and nothing is written outside of `folder`. */
export async function startAppium(folder: string, environment: NodeJS.ProcessEnv): Promise<Appium> {
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
  const ask: Appium["ask"] = async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { value } = (await response.json()) as { value: unknown };
    if (!response.ok) throw new Error(`${JSON.stringify(value)}\n${log.slice(-6000)}`);
    return value;
  };
  return { ask, stop: () => ended(child) };
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
