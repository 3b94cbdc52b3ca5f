/** Virtual phones, as clients that nobody here wrote see them: the real adb, adbkit, and Tango, directly and through adb's server. */
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Adb as Adbkit } from "@devicefarmer/adbkit";
import { startVirtualPhones, type VirtualPhone, type VirtualPhones } from "@phonerack/virtual-phone";
import { Adb, AdbServerClient } from "@yume-chan/adb";
import { AdbServerNodeTcpConnector } from "@yume-chan/adb-server-node-tcp";
import { ReadableStream } from "@yume-chan/stream-extra";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdbCli, startAdbCli } from "./adb-cli.js";
import { connectTango } from "./tango.js";

const mebibyte = 1024 * 1024;
const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

let chassis: VirtualPhones;
let adb: AdbCli;
let folder: string;
let phone: VirtualPhone;
let serial: string;

const nth = (index: number): VirtualPhone => {
  const found = chassis.phones[index];
  if (!found) throw new Error(`no phone ${index}`);
  return found;
};
const on = (...args: string[]) => adb.run(["-s", serial, ...args]);

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await condition()) return;
    await sleep(25);
  }
  throw new Error(`waited in vain: ${what}`);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-e2e-files-"));
  chassis = await startVirtualPhones({ count: 2, models: ["v4", "v1"] });
  adb = await startAdbCli();
  phone = nth(0);
  serial = `127.0.0.1:${phone.port}`;
  for (const { port } of chassis.phones) await adb.run(["connect", `127.0.0.1:${port}`]);
});

afterAll(async () => {
  await adb?.stop();
  await chassis?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe("the real adb", () => {
  it("connects, and lists both phones with their models", async () => {
    const { stdout } = await adb.run(["devices", "-l"]);
    expect(stdout).toContain(`${serial} `);
    expect(stdout).toContain(`model:${phone.model.name.replaceAll(" ", "_")}`);
    expect([...(await adb.states()).values()]).toEqual(["device", "device"]);
  });

  it("runs commands, keeps their two outputs apart, and brings their exit codes", async () => {
    expect(await on("shell", "getprop", "ro.product.model")).toEqual({ code: 0, stdout: `${phone.model.name}\n`, stderr: "" });
    expect(await on("shell", "exit 7")).toMatchObject({ code: 7 });
    const unknown = await on("shell", "no-such-command");
    expect(unknown).toMatchObject({ code: 127, stdout: "" });
    expect(unknown.stderr).toContain("no-such-command: inaccessible or not found");
    expect(await on("exec-out", "echo plain")).toMatchObject({ code: 0, stdout: "plain\n" });
  });

  it("carries stdin to a command and its end with it", async () => {
    const lines = "one\ntwo\nthree\n".repeat(10_000);
    expect((await adb.run(["-s", serial, "shell", "cat"], lines)).stdout).toBe(lines);
  });

  it("gives a terminal an interactive shell: prompt, echo, ^C, exit code", async () => {
    const terminal = spawn("script", ["-qec", `adb -s ${serial} shell`, "/dev/null"], { env: adb.environment });
    let screen = "";
    terminal.stdout.on("data", (chunk: Buffer) => {
      screen += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => terminal.once("close", resolve));
    await until(() => screen.includes("$ "), "a prompt");
    terminal.stdin.write("echo good$((1+1))\r");
    await until(() => screen.includes("good2"), "the command's output");
    terminal.stdin.write("sleep 100\r");
    await until(() => screen.includes("sleep 100"), "the echo");
    terminal.stdin.write("\x03");
    await until(() => screen.includes("^C") && screen.trimEnd().endsWith("$"), "the prompt after ^C");
    terminal.stdin.write("exit 5\r");
    expect(await ended).toBe(5);
  });

  it("pushes and pulls 100 MiB unchanged", async () => {
    const data = randomBytes(100 * mebibyte);
    const source = join(folder, "hundred");
    await writeFile(source, data);
    expect(await on("push", source, "/data/local/tmp/hundred")).toMatchObject({ code: 0 });
    expect((await on("shell", "sha256sum /data/local/tmp/hundred")).stdout).toBe(`${sha256(data)}  /data/local/tmp/hundred\n`);
    expect(await on("pull", "/data/local/tmp/hundred", join(folder, "back"))).toMatchObject({ code: 0 });
    expect(sha256(await readFile(join(folder, "back")))).toBe(sha256(data));
    await on("shell", "rm /data/local/tmp/hundred");
  });

  it("says what cannot be pushed or pulled", async () => {
    const source = join(folder, "small");
    await writeFile(source, "x");
    const pushed = await on("push", source, "/system/bin/small");
    expect(pushed.code).toBe(1);
    expect(pushed.stdout + pushed.stderr).toContain("Read-only file system");
    const pulled = await on("pull", "/no/such/file", folder);
    expect(pulled.code).toBe(1);
    expect(pulled.stdout + pulled.stderr).toContain("No such file or directory");
  });

  it("installs an APK, which is listed then, and uninstalls it", async () => {
    // A real APK of somebody else, signed and shipped.
    const apk = join(dirname(createRequire(import.meta.url).resolve("@u4/minicap-prebuilt")), "prebuilt/noarch/minicap.apk");
    expect((await on("install", apk)).stdout).toContain("Success");
    const name = "io.devicefarmer.minicap";
    expect((await on("shell", "pm list packages -3")).stdout.split("\n")).toContain(`package:${name}`);
    expect((await on("shell", `pm path ${name}`)).stdout).toMatch(/^package:\/data\/app\/.*base\.apk\n$/);
    expect((await on("uninstall", name)).stdout).toContain("Success");
    expect((await on("shell", "pm list packages")).stdout).not.toContain(name);
  });

  it("refuses a file that is no APK", async () => {
    const fake = join(folder, "fake.apk");
    await writeFile(fake, randomBytes(1000));
    const { code, stdout, stderr } = await on("install", fake);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("INSTALL_PARSE_FAILED");
  });

  it("forwards a port into the phone, and reaches nothing of this machine through it", async () => {
    const listener = phone.sockets.listen("tcp:6790", (socket) => {
      void (async () => {
        for await (const chunk of socket.input) await socket.write(Buffer.from(Buffer.from(chunk).toString().toUpperCase()));
        socket.close();
      })();
    });
    try {
      const port = Number((await on("forward", "tcp:0", "tcp:6790")).stdout.trim());
      expect(await exchange(port, "hello")).toBe("HELLO");
      const outside = Number((await on("forward", "tcp:0", `tcp:${adb.port}`)).stdout.trim());
      expect(await exchange(outside, "000chost:version")).toBe("");
      expect((await on("forward", "--list")).stdout).toContain(`${serial} tcp:${port} tcp:6790`);
      expect((await on("forward", "--remove", `tcp:${port}`)).code).toBe(0);
    } finally {
      listener.close();
      await on("forward", "--remove-all");
    }
  });

  it("reverses a port of the phone to this machine, lists it and removes it", async () => {
    const server = createServer((socket) => socket.on("data", (data) => socket.end(`host heard ${data.toString()}`)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    try {
      expect((await on("reverse", "localabstract:e2e", `tcp:${port}`)).code).toBe(0);
      expect((await on("reverse", "--list")).stdout).toContain(`localabstract:e2e tcp:${port}`);
      const app = phone.sockets.connect("localabstract:e2e");
      await app?.write(Buffer.from("the app"));
      let heard = "";
      for await (const chunk of app?.input ?? []) heard += Buffer.from(chunk).toString();
      expect(heard).toBe("host heard the app");
      const again = await on("reverse", "--no-rebind", "localabstract:e2e", "tcp:1");
      expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("cannot rebind existing socket")]);
      expect((await on("reverse", "--remove", "localabstract:e2e")).code).toBe(0);
      expect((await on("reverse", "--list")).stdout.trim()).toBe("");
    } finally {
      server.close();
    }
  });

  it("is told what a production build tells it", async () => {
    expect((await on("root")).stdout).toBe("adbd cannot run as root in production builds\n");
  });

  it("finds a phone again after it rebooted", async () => {
    const second = `127.0.0.1:${nth(1).port}`;
    expect((await adb.run(["-s", second, "reboot"])).code).toBe(0);
    await until(async () => (await adb.states()).get(second) !== "device", "the phone to go");
    await until(async () => {
      await adb.run(["connect", second]);
      return (await adb.states()).get(second) === "device";
    }, "the phone to come back");
    expect((await adb.run(["-s", second, "shell", "getprop sys.boot_completed"])).stdout).toBe("1\n");
  });

  it("stays unauthorised until somebody allows its key at the phone, and is remembered then", async () => {
    const locked = await startVirtualPhones({ count: 1, auth: true });
    try {
      const [guarded] = locked.phones;
      const address = `127.0.0.1:${guarded?.port}`;
      await adb.run(["connect", address]);
      await until(() => guarded?.phone.dialogs.current?.kind === "usb-debugging", "the dialog");
      expect((await adb.states()).get(address)).toBe("unauthorized");
      expect(guarded?.phone.dialogs.current?.detail).toMatch(/^([0-9A-F]{2}:){15}[0-9A-F]{2}$/);
      guarded?.phone.dialogs.press("always");
      await until(async () => (await adb.states()).get(address) === "device", "the phone to let us in");
      await adb.run(["disconnect", address]);
      expect((await adb.run(["connect", address])).stdout).toContain("connected to");
      expect((await adb.states()).get(address)).toBe("device");
      await adb.run(["disconnect", address]);
    } finally {
      await locked.stop();
    }
  });
});

describe("@devicefarmer/adbkit through adb's server", () => {
  it("lists, runs, pushes and pulls", async () => {
    const client = Adbkit.createClient({ host: "127.0.0.1", port: adb.port });
    const devices = await client.listDevices();
    expect(devices.map((device: { id: string }) => device.id)).toContain(serial);
    const device = client.getDevice(serial);
    const output = await device
      .shell("getprop ro.build.version.sdk")
      .then((stream: Parameters<typeof Adbkit.util.readAll>[0]) => Adbkit.util.readAll(stream));
    expect(output.toString().trim()).toBe(String(phone.model.sdk));
    const data = randomBytes(3 * mebibyte);
    await writeFile(join(folder, "kit"), data);
    const push = await device.push(createReadStream(join(folder, "kit")), "/data/local/tmp/kit");
    await new Promise((resolve, reject) => push.on("end", resolve).on("error", reject));
    const pull = await device.pull("/data/local/tmp/kit");
    expect(sha256(await Adbkit.util.readAll(pull))).toBe(sha256(data));
  });
});

describe("Tango", () => {
  const clients: [string, () => Promise<{ tango: Adb; close: () => Promise<void> }>][] = [
    [
      "straight to the phone",
      async () => {
        const { adb: tango, socket } = await connectTango(phone.port);
        return { tango, close: async () => void socket.destroy() };
      },
    ],
    [
      "through adb's server",
      async () => {
        const client = new AdbServerClient(new AdbServerNodeTcpConnector({ host: "127.0.0.1", port: adb.port }));
        const transport = await client.createTransport({ serial });
        const tango = new Adb(transport);
        return { tango, close: () => tango.close() };
      },
    ],
  ];

  it.each(clients)("runs commands %s, 200 at once", async (_, open) => {
    const { tango, close } = await open();
    try {
      expect(await tango.getProp("ro.product.model")).toBe(phone.model.name);
      const shell = await tango.subprocess.shellProtocol?.spawnWaitText("echo out; echo err >&2; exit 3");
      expect(shell).toMatchObject({ stdout: "out\n", stderr: "err\n", exitCode: 3 });
      const many = Array.from({ length: 200 }, (__, i) => tango.subprocess.noneProtocol.spawnWaitText(`echo ${i}`));
      expect(await Promise.all(many)).toEqual(Array.from({ length: 200 }, (__, i) => `${i}\n`));
    } finally {
      await close();
    }
  });

  it.each(clients)("pushes and pulls 100 MiB unchanged %s", async (_, open) => {
    const { tango, close } = await open();
    try {
      const data = randomBytes(100 * mebibyte);
      const sync = await tango.sync();
      const chunks = ReadableStream.from(
        (function* () {
          for (let at = 0; at < data.length; at += mebibyte) yield new Uint8Array(data.subarray(at, at + mebibyte));
        })(),
      );
      await sync.write({ filename: "/data/local/tmp/tango", file: chunks });
      const hash = createHash("sha256");
      const reader = sync.read("/data/local/tmp/tango").getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) hash.update(next.value);
      expect(hash.digest("hex")).toBe(sha256(data));
      await sync.dispose();
    } finally {
      await tango.subprocess.noneProtocol.spawnWaitText("rm /data/local/tmp/tango");
      await close();
    }
  });
});

/** Sends `text` to a port of this machine and returns what comes back before the other side closes or answers. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.once("data", (data) => {
      resolve(data.toString());
      socket.destroy();
    });
    socket.once("error", () => resolve(""));
    socket.once("close", () => resolve(""));
  });
}
