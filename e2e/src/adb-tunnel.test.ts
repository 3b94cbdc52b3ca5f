/** A phone of the lab through `phonerack adb`, as tools that nobody here wrote see it: the real adb of two laptops, adbkit, Tango. */
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Adb as Adbkit } from "@devicefarmer/adbkit";
import { Adb, AdbServerClient } from "@yume-chan/adb";
import { AdbServerNodeTcpConnector } from "@yume-chan/adb-server-node-tcp";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { demoApk } from "../../packages/control/test/upload-apk.js";
import { type AdbCli, startAdbCli } from "./adb-cli.js";
import { type DroppingProxy, startDroppingProxy } from "./dropping-proxy.js";
import { firstLine, launch, type Running, startUp, takeDevices, type Up, untilDevices } from "./phonerack.js";

const MIB = 1024 * 1024;
const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

let up: Up;
let cable: DroppingProxy;
let folder: string;
let lease: string;
let ids: string[];
let laptop: Laptop;
let other: Laptop;

/** A machine with an adb of its own. */
interface Laptop {
  readonly adb: AdbCli;
  readonly tunnel: Running;
  readonly serial: string;
  on(...args: string[]): ReturnType<AdbCli["run"]>;
  stop(): Promise<void>;
}

async function openLaptop(device: string, url: string): Promise<Laptop> {
  const adb = await startAdbCli();
  const words = ["adb", device, "--control", url, "--token", up.token, "--json"];
  const tunnel = launch(words, adb.environment);
  const { serial, ready } = JSON.parse(await firstLine(tunnel)) as { serial: string; ready: boolean };
  expect(ready, tunnel.stderr()).toBe(true);
  return {
    adb,
    tunnel,
    serial,
    on: (...args) => adb.run(["-s", serial, ...args]),
    stop: async () => {
      tunnel.child.kill("SIGTERM");
      await tunnel.exited;
      await adb.stop();
    },
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-e2e-tunnel-"));
  up = await startUp({ virtual: 2 });
  await untilDevices(up, (all) => all.length === 2 && all.every(({ state }) => state === "ready"));
  ids = (await untilDevices(up, () => true)).map(({ id }) => id);
  lease = await takeDevices(up, ids);
  cable = await startDroppingProxy(Number(new URL(up.url).port));
  const through = `http://127.0.0.1:${cable.port}`;
  [laptop, other] = await Promise.all([openLaptop("V01-01", through), openLaptop("V01-01", up.url)]);
});

afterAll(async () => {
  await Promise.all([laptop?.stop(), other?.stop()]);
  cable?.stop();
  await up?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What whoever listens at this socket of the phone says first; through a forward of the laptop's. */
async function heardAt(socket: string): Promise<string> {
  const { stdout } = await laptop.on("forward", "tcp:0", socket);
  const near = connect(Number(stdout.trim()), "127.0.0.1");
  let heard = "";
  near.on("data", (chunk: Buffer) => {
    heard += chunk.toString();
  });
  near.on("error", () => undefined);
  await new Promise((resolve) => near.once("close", resolve));
  return heard;
}

describe("the real adb through the lab", () => {
  test("runs commands with their exit codes, streams apart, and stdin", async () => {
    expect(await laptop.on("shell", "echo out; echo err >&2; exit 7")).toMatchObject({
      code: 7,
      stdout: "out\n",
      stderr: "err\n",
    });
    expect((await laptop.adb.run(["-s", laptop.serial, "shell", "cat"], "typed 世界")).stdout).toBe("typed 世界");
    expect((await laptop.on("exec-out", "printf 'a\\0b'")).stdout).toBe("a\0b");
  });

  test("has an interactive shell", async () => {
    const child = spawn("adb", ["-s", laptop.serial, "shell", "-tt"], { env: laptop.adb.environment });
    let screen = "";
    child.stdout.on("data", (chunk: Buffer) => {
      screen += chunk.toString();
    });
    child.stdin.write("echo $((6*7))\n");
    await vi.waitFor(() => expect(screen).toMatch(/\b42\r?\n/), 10_000);
    child.stdin.write("exit 3\n");
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(3);
  });

  test("names what the phone is, and no more than it can", async () => {
    const { stdout } = await laptop.adb.run(["devices", "-l"]);
    expect(stdout).toMatch(new RegExp(`${laptop.serial}\\s+device product:\\S+ model:phonerack_`));
    const features = (await laptop.on("features")).stdout;
    expect(features).toContain("shell_v2");
    expect(features).not.toMatch(/abb|sendrecv|delayed_ack/);
    expect((await laptop.on("root")).stdout).toMatch(/a phone of a lab/);
  });

  test("pushes and pulls 100 MiB, the same bytes", async () => {
    const bytes = randomBytes(100 * MIB);
    await writeFile(join(folder, "large"), bytes);
    expect((await laptop.on("push", join(folder, "large"), "/sdcard/Download/large")).code).toBe(0);
    expect((await laptop.on("pull", "/sdcard/Download/large", join(folder, "back"))).code).toBe(0);
    expect(sha256(await readFile(join(folder, "back")))).toBe(sha256(bytes));
    await laptop.on("shell", "rm /sdcard/Download/large");
  });

  test("installs an app, starts it and takes it away again", async () => {
    const file = join(folder, "own.apk");
    await writeFile(file, demoApk({ package: "org.example.tunnel", files: { "assets/payload": randomBytes(3 * MIB) } }));
    expect((await laptop.on("install", "-r", "-g", file)).stdout).toContain("Success");
    expect((await laptop.on("shell", "pm list packages -3")).stdout).toContain("package:org.example.tunnel\n");
    expect((await laptop.on("uninstall", "org.example.tunnel")).stdout).toContain("Success");
    expect((await laptop.on("shell", "pm path org.example.tunnel")).code).toBe(1);
  });

  test("forwards a port of the laptop to one of the phone", async () => {
    // Nobody listens there: accepted, then closed, as from a real phone.
    expect(await heardAt("tcp:6790")).toBe("");
    expect((await laptop.adb.run(["forward", "--list"])).stdout).toContain(`${laptop.serial} tcp:`);
    await laptop.on("forward", "--remove-all");
  });

  test("lets the phone reach each laptop by its own reverse, and shows each its own", async () => {
    const greet = async (words: string) => {
      const server = createServer((socket) => socket.end(words));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    };
    const servers = await Promise.all([greet("one"), greet("two")]);
    const [one = 0, two = 0] = servers.map((server) => (server.address() as { port: number }).port);
    expect((await laptop.on("reverse", "tcp:9001", `tcp:${one}`)).code).toBe(0);
    expect((await other.on("reverse", "tcp:9002", `tcp:${two}`)).code).toBe(0);
    expect((await other.on("reverse", "tcp:9001", `tcp:${two}`)).stderr).toMatch(/another adb session/);
    expect(await heardAt("tcp:9001")).toBe("one");
    expect(await heardAt("tcp:9002")).toBe("two");
    expect((await laptop.on("reverse", "--list")).stdout).toMatch(new RegExp(`tcp:9001 tcp:${one}`));
    expect((await laptop.on("reverse", "--list")).stdout).not.toContain("9002");
    await laptop.on("reverse", "--remove-all");
    expect((await other.on("reverse", "--list")).stdout).toContain("tcp:9002");
    expect(await heardAt("tcp:9001")).toBe("");
    await laptop.on("forward", "--remove-all");
    for (const server of servers) server.close();
  });

  test("answers 200 shells at once, and another laptop meanwhile", async () => {
    const many = Array.from({ length: 200 }, (_, n) => laptop.on("shell", `echo ${n}`));
    expect((await other.on("shell", "echo here")).stdout).toBe("here\n");
    expect((await Promise.all(many)).map(({ stdout }) => stdout)).toEqual(Array.from({ length: 200 }, (_, n) => `${n}\n`));
  });

  test("streams the log until it is ended", async () => {
    const child = spawn("adb", ["-s", laptop.serial, "logcat", "-s", "tunnel-test"], { env: laptop.adb.environment });
    let log = "";
    child.stdout.on("data", (chunk: Buffer) => {
      log += chunk.toString();
    });
    await vi.waitFor(async () => {
      await other.on("shell", "log -t tunnel-test hello");
      expect(log).toContain("hello");
    }, 10_000);
    child.kill();
  });

  test("is what adbkit and Tango take for a phone", async () => {
    const kit = Adbkit.createClient({ port: laptop.adb.port, host: "127.0.0.1" });
    const output = await Adbkit.util.readAll(await kit.getDevice(laptop.serial).shell("getprop ro.product.model"));
    expect(output.toString()).toMatch(/^phonerack /);
    const client = new AdbServerClient(new AdbServerNodeTcpConnector({ host: "127.0.0.1", port: laptop.adb.port }));
    const tango = new Adb(await client.createTransport({ serial: laptop.serial }));
    expect(await tango.getProp("ro.product.model")).toMatch(/^phonerack /);
    expect((await tango.subprocess.shellProtocol?.spawnWait("exit 4"))?.exitCode).toBe(4);
    await tango.close();
  });

  test("says at once that a push was cut off, and the next try works", async () => {
    const path = join(folder, "large");
    const push = laptop.on("push", path, "/sdcard/Download/cut");
    await sleep(300);
    cable.cut();
    const began = Date.now();
    const { code, stderr, stdout } = await push;
    expect(code, stdout).not.toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/error|failed|closed/i);
    await sleep(Math.max(0, 5_000 - (Date.now() - began)));
    cable.mend();
    await vi.waitFor(async () => expect((await laptop.adb.states()).get(laptop.serial)).toBe("device"), 15_000);
    expect((await laptop.on("push", path, "/sdcard/Download/cut")).code).toBe(0);
    expect((await laptop.on("shell", "rm /sdcard/Download/cut; echo gone")).stdout).toBe("gone\n");
  }, 40_000);
});

describe("who is not let in", () => {
  test("an adb whose key nobody enrolled is told so, and the phone asks nobody", async () => {
    const stranger = await startAdbCli();
    try {
      await stranger.run(["connect", laptop.serial]);
      await vi.waitFor(() => expect(laptop.tunnel.stderr()).toMatch(/of this adb is not yours here/), 10_000);
      expect((await stranger.states()).get(laptop.serial)).not.toBe("device");
    } finally {
      await stranger.stop();
    }
    expect((await laptop.on("shell", "echo still here")).stdout).toBe("still here\n");
  });

  test("bytes that are not ADB end their own connection only", async () => {
    const port = Number(laptop.serial.split(":")[1]);
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(randomBytes(MIB));
    await new Promise((resolve) => socket.once("close", resolve));
    expect((await laptop.on("shell", "echo still here")).stdout).toBe("still here\n");
  });

  test("ends with the lease, in the same second, and says so", async () => {
    const child = spawn("adb", ["-s", other.serial, "shell", "sleep 60"], { env: other.adb.environment });
    await sleep(500);
    const ended = new Promise<number>((resolve) => child.once("close", () => resolve(Date.now())));
    const asked = Date.now();
    const authorization = `Bearer ${up.token}`;
    await fetch(`${up.url}/api/v1/leases/${lease}/release`, {
      method: "POST",
      body: JSON.stringify({}),
      headers: { authorization, "content-type": "application/json" },
    });
    expect((await ended) - asked).toBeLessThan(1_000);
    await vi.waitFor(() => expect(other.tunnel.stderr()).toMatch(/The lease this command belongs to is over/));
    const events = (await (await fetch(`${up.url}/api/v1/events?limit=50`, { headers: { authorization } })).json()) as {
      items: { kind: string; detail: { services?: Record<string, number> } }[];
    };
    const closed = events.items.filter(({ kind }) => kind === "adb.closed");
    expect(closed.some(({ detail }) => (detail.services?.shell ?? 0) > 200)).toBe(true);
    // What was asked, by name; never what it carried.
    expect(JSON.stringify(events)).not.toContain("sleep 60");
  });
});
