/** Shells on a phone: from a terminal, from the console, and by the real adb; and what becomes of them while somebody else's app is in front. */
import { execFileSync, spawn } from "node:child_process";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type AdbCli, startAdbCli } from "./adb-cli.js";
import { newPage, startChromium } from "./chromium.js";
import { type DeviceView, firstLine, launch, PHONERACK, startUp, takeDevices, type Up, untilDevices } from "./phonerack.js";

const BAZAAR = "com.example.bazaar";
const SOON = { timeout: 15_000 };

let up: Up;
let browser: Browser;
let page: Page;
let problems: string[];
let phone: DeviceView;
let plain: AdbCli;

beforeAll(async () => {
  [browser, plain] = await Promise.all([startChromium(), startAdbCli()]);
  // It only feigns to disable apps: so a stranger can come in front though the fence is closed.
  up = await startUp({ virtual: 1, words: ["--fault", "1:feigned-disabling"] });
  const [found] = await untilDevices(up, (all) => all[0]?.state === "ready");
  if (!found) throw new Error("no phone");
  phone = found;
  await takeDevices(up, [phone.id]);
  await plain.run(["connect", serial()]);
  ({ page, problems } = await newPage(browser, up.console));
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await plain?.stop();
  await up?.stop();
});

const serial = () => phone.address.replace(/^tcp:/, "");
/** Past the lab, as somebody at the phone. */
const atThePhone = async (command: string) => (await plain.run(["-s", serial(), "shell", command])).stdout;
const control = () => ["--control", up.url, "--token", up.token];

function shell(...words: string[]) {
  const child = spawn(process.execPath, [PHONERACK, "shell", phone.name, ...control(), ...words]);
  let [out, complaints] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, code, out: () => out, complaints: () => complaints };
}

describe("phonerack shell", () => {
  test("runs a command with its exit code, complaints apart, fed from a pipe", async () => {
    const ran = shell("--", "cat; echo bad >&2; exit 7");
    ran.child.stdin.end("one 世界\n");
    expect(await ran.code).toBe(7);
    expect([ran.out(), ran.complaints()]).toEqual(["one 世界\n", "bad\n"]);
  });

  test("joins a terminal with the phone's: its size, also a new one, Ctrl+C, and the exit code", async () => {
    const words = [process.execPath, PHONERACK, "shell", phone.name, ...control()].join(" ");
    // A terminal of its own, which `script` (util-linux) gives it.
    const child = spawn("script", ["-qec", `tty; stty rows 31 cols 77; exec ${words}`, "/dev/null"]);
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    const code = new Promise<number | null>((resolve) => child.once("close", resolve));
    const until = (what: RegExp) => vi.waitFor(() => expect(said).toMatch(what), SOON);
    await until(/\$ $/);
    child.stdin.write("stty size\n");
    await until(/^31 77\r$/m);
    const [terminal = ""] = /\/dev\/\S+/.exec(said) ?? [];
    execFileSync("stty", ["-F", terminal, "rows", "44", "cols", "99"]);
    await vi.waitFor(async () => {
      child.stdin.write("stty size\n");
      await vi.waitFor(() => expect(said).toMatch(/^44 99\r$/m), 1_000);
    }, SOON);
    child.stdin.write("sleep 100\n");
    await until(/sleep 100/);
    child.stdin.write("\u0003");
    // As mksh says in its prompt how the last one ended.
    await until(/130\|\S+ \$ $/);
    child.stdin.write("exit 5\n");
    expect(await code).toBe(5);
  });

  test("is refused on a phone that one does not hold, in words", async () => {
    const { id } = await (
      await fetch(`${up.url}/api/v1/keys`, {
        method: "POST",
        headers: { authorization: `Bearer ${up.token}`, "content-type": "application/json" },
        body: JSON.stringify({ name: "other", scopes: ["read", "drive"] }),
      })
    )
      .json()
      .then((made: { key: string }) => ({ id: made.key }));
    const child = launch(["shell", phone.name, "--control", up.url, "--token", id, "--", "id"]);
    expect(await child.exited).toBe(1);
    expect(child.stderr()).toMatch(/You do not hold this device/);
  });
});

describe("the Shell tab", () => {
  test("opens a terminal, shows what is printed, and how it ended", async () => {
    await page.goto(`${up.url}/devices/${phone.id}?side=shell`);
    await page.getByRole("button", { name: /shell$/i }).click(SOON);
    const screen = page.locator(".xterm-screen");
    await screen.waitFor(SOON);
    await page.keyboard.type("echo $((6*7)); stty size 2>/dev/null\n");
    await page.locator(".xterm-accessibility").getByText("42", { exact: true }).waitFor(SOON);
    await page.getByRole("tab", { name: "Info" }).click();
    await page.getByRole("tab", { name: "Shell" }).click();
    // It was there all the time.
    await page.locator(".xterm-accessibility").getByText("42", { exact: true }).waitFor(SOON);
    await page.locator(".xterm-helper-textarea").focus();
    await page.keyboard.type("exit 3\n");
    await page.getByText("Ended with exit code 3.").waitFor(SOON);
    expect(problems).toEqual([]);
  });
});

test("a loop that taps by adb stands still while a stranger is in front, and no like comes of it", async () => {
  const laptop = await startAdbCli();
  const tunnel = launch(["adb", phone.name, ...control(), "--json"], laptop.environment);
  try {
    const { serial: through } = JSON.parse(await firstLine(tunnel)) as { serial: string };
    const loop = spawn("adb", ["-s", through, "shell", "while true; do input tap 300 600; sleep 0.02; done"], {
      env: laptop.environment,
    });
    let said = "";
    loop.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    await vi.waitFor(async () => expect(await atThePhone("ps -A -o ARGS")).toContain("input tap"), 10_000);
    await atThePhone(`am start -n ${BAZAAR}/.MainActivity`);
    await vi.waitFor(() => expect(said).toContain(`stands still: ${BAZAAR}`), 10_000);
    await vi.waitFor(() => expect(said).toContain("it goes on"), 10_000);
    expect(await atThePhone("dumpsys activity activities | grep ResumedActivity")).not.toContain(BAZAAR);
    expect(await atThePhone("dumpsys phonerack_bazaar")).not.toMatch(/(likes|comments|orders)\D+[1-9]/);
    loop.kill();
  } finally {
    tunnel.child.kill("SIGTERM");
    await tunnel.exited;
    await laptop.stop();
  }
}, 60_000);
