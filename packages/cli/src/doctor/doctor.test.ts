import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createListener } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeBusKeys } from "@phonerack/control";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { hasPostgres, type PostgresServer, startPostgres } from "../../../control/test/postgres-server.js";
import { runOf, writeRun } from "../data-folder.js";
import { runCli } from "../program.js";
import { clockFinding, type Finding } from "./finding.js";
import { bus, control, database, expiry } from "./lab.js";
import { dataFolder, disk, inotify, node, openFiles, port } from "./machine.js";
import { udev } from "./usb.js";

// A database server starts in seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-doctor-"));
  vi.stubEnv("XDG_CONFIG_HOME", folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Each finding that is not ok says what to do. */
function states(findings: readonly Finding[]): Record<string, string> {
  for (const { state, todo } of findings) expect(todo !== undefined, JSON.stringify(findings)).toBe(state !== "ok");
  return Object.fromEntries(findings.map(({ check, state }) => [check, state]));
}

async function freePort(): Promise<number> {
  const server = createListener().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

describe("the doctor on this machine", () => {
  test("knows which Node is old", () => {
    expect(["20.19.0", "22.1.0", "20.18.3", "18.20.0"].map((version) => node(version).state)).toEqual([
      "ok",
      "ok",
      "fail",
      "fail",
    ]);
  });

  test("tries the data folder and counts what is free", async () => {
    expect(states(await dataFolder(join(folder, "new")))).toMatchObject({ "data folder": "ok" });
    await writeFile(join(folder, "file"), "");
    expect(states(await dataFolder(join(folder, "file", "below")))).toEqual({ "data folder": "fail" });
    expect([100, 3 * 1024 ** 3, 50 * 1024 ** 3].map((free) => disk(free).state)).toEqual(["fail", "warn", "ok"]);
  });

  test("reads the limits of this process as Linux tells them", async () => {
    const limits = join(folder, "limits");
    for (const [soft, state] of [
      ["1024", "warn"],
      ["65536", "ok"],
      ["unlimited", "ok"],
    ] as const) {
      await writeFile(limits, `Limit  Soft Limit  Hard Limit  Units\nMax open files            ${soft}     1048576      files\n`);
      expect((await openFiles(limits)).state, soft).toBe(state);
    }
    expect((await openFiles()).says).toMatch(/^\d+|unlimited/);
    await writeFile(join(folder, "max_user_watches"), "8\n");
    await writeFile(join(folder, "max_user_instances"), "128\n");
    expect((await inotify(folder)).state).toBe("warn");
  });

  test("tells a taken port from its own", async () => {
    const taken = createListener().listen(0);
    await new Promise((resolve) => taken.once("listening", resolve));
    const at = (taken.address() as AddressInfo).port;
    expect((await port(at, folder)).state).toBe("fail");
    await writeRun(folder, runOf({ url: `http://127.0.0.1:${at}`, authority: null }));
    expect((await port(at, folder)).state).toBe("ok");
    await new Promise((resolve) => taken.close(resolve));
    expect((await port(at, folder)).state).toBe("ok");
  });

  test("sees Android phones that are plugged in, and whether it may open them", async () => {
    const paths = { devices: join(folder, "sys"), nodes: join(folder, "dev"), rules: [join(folder, "rules")] };
    await mkdir(join(folder, "dev/001"), { recursive: true });
    for (const [name, vendor, devnum] of [
      ["1-1", "18d1", "7"],
      ["1-2", "046d", "8"],
    ] as const) {
      const device = join(paths.devices, name);
      await mkdir(device, { recursive: true });
      for (const [file, text] of Object.entries({ idVendor: vendor, busnum: "1", devnum, bDeviceClass: "00" }))
        await writeFile(join(device, file), `${text}\n`);
    }
    const closed = await udev(paths);
    expect(closed).toMatchObject({ state: "fail", says: expect.stringContaining("001/007") });
    expect(closed.says).not.toContain("008");
    await writeFile(join(folder, "dev/001/007"), "");
    await chmod(join(folder, "dev/001/007"), 0o666);
    expect((await udev(paths)).state).toBe(process.getuid?.() === 0 ? "ok" : "warn");
    await mkdir(join(folder, "rules"));
    await writeFile(join(folder, "rules/51-phonerack.rules"), "");
    expect(await udev(paths)).toMatchObject({ state: "ok", says: expect.stringContaining("1 Android phone is plugged in") });
  });

  test("says by how much a clock is off, and nothing of what it cannot know", () => {
    expect(clockFinding("x", { ahead: 900, within: 0 }).state).toBe("ok");
    expect(clockFinding("x", { ahead: -1_400, within: 500 }).state).toBe("ok");
    expect(clockFinding("x", { ahead: 5_000, within: 100 })).toMatchObject({
      state: "fail",
      says: expect.stringContaining("5.0 s behind"),
    });
    expect(clockFinding("x", { ahead: -5_000, within: 100 }).says).toContain("5.0 s ahead of");
    expect([40, 5].map((days) => expiry(days * 86_400_000, 0).state)).toEqual(["ok", "warn"]);
  });
});

describe("the doctor and a control", () => {
  test("finds one that answers, that is somebody else's page, that has another clock, and none", async () => {
    let date = () => new Date();
    let log: unknown;
    const server = createServer((request, response) => {
      response.setHeader("date", date().toUTCString());
      if (request.url === "/api/v1/health")
        response.end(JSON.stringify({ status: "ok", version: "1", agents: 2, devices: 3, log }));
      else response.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const flags = { control: url, data: folder };
    expect(states(await control(flags))).toEqual({ control: "ok", "clock, control": "ok" });
    const seen = (state: string) => ({ appends: true, size: 9, signedAt: 1, witnesses: [{ name: "w\u001b", state }] });
    for (const [told, state] of [
      [seen("good"), "ok"],
      [seen("waiting"), "ok"],
      [seen("away"), "warn"],
      [{ ...seen("good"), appends: false }, "fail"],
      [null, "warn"],
    ] as const) {
      log = told;
      const findings = await control(flags);
      expect(states(findings)).toMatchObject({ control: "ok", log: state });
      expect(JSON.stringify(findings)).not.toContain("\\u001b");
    }
    log = undefined;
    date = () => new Date(Date.now() - 10_000);
    expect(states(await control(flags))).toEqual({ control: "ok", "clock, control": "fail" });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(states(await control(flags))).toEqual({ control: "fail" });
    expect(states(await control({ data: folder }))).toEqual({ control: "ok" });
  });
});

describe.skipIf(!hasPostgres)("the doctor and PostgreSQL", () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });

  test("finds it up, with the extension that leases need, and then down", async () => {
    expect(states(await database(postgres.url))).toEqual({ database: "ok", btree_gist: "ok", "clock, the database": "ok" });
    const wrong = postgres.url.replace(/\/postgres$/, "/nothing");
    expect(states(await database(wrong))).toEqual({ database: "fail" });
    await postgres.stop();
    const down = await database(postgres.url);
    expect(states(down)).toEqual({ database: "fail" });
    expect(down[0]?.says).toMatch(/ECONNREFUSED/);
  });
});

describe("the doctor and NATS", () => {
  let server: ChildProcess;
  let at: number;
  beforeAll(async () => {
    at = await freePort();
    const words = ["-a", "127.0.0.1", "-p", String(at), "--user", "rack", "--pass", "secret"];
    server = spawn("/usr/sbin/nats-server", words, { stdio: "ignore" });
    const up = async () => expect((await bus(`nats://127.0.0.1:${at}`)).says).toMatch(/refuses the log-in/);
    await vi.waitFor(up, { timeout: 10_000 });
  });
  afterAll(() => server.kill("SIGKILL"));

  test("finds it up, asking for a log-in, and then down; and never tells the password", async () => {
    const right = await bus(`nats://rack:secret@127.0.0.1:${at}`);
    const wrong = await bus(`nats://rack:guess77@127.0.0.1:${at}`);
    expect([right.state, wrong.state]).toEqual(["ok", "fail"]);
    server.kill("SIGKILL");
    await new Promise((resolve) => server.once("exit", resolve));
    const down = await bus(`nats://rack:secret@127.0.0.1:${at}`);
    expect(down).toMatchObject({ state: "fail", says: expect.stringContaining("No NATS server answers") });
    expect(JSON.stringify([right, wrong, down])).not.toMatch(/secret|guess77/);
  });
});

describe("the doctor and a bus with keys", () => {
  test("gets in with the lab's own, and says when they are none or others", async () => {
    const at = await freePort();
    const keys = join(folder, "bus");
    const config = await writeBusKeys(keys);
    await writeBusKeys(join(folder, "others"));
    const server = spawn("/usr/sbin/nats-server", ["-c", config, "-a", "127.0.0.1", "-p", String(at)], { stdio: "ignore" });
    try {
      const url = `nats://127.0.0.1:${at}`;
      await vi.waitFor(async () => expect((await bus(url)).says).toMatch(/refuses the log-in/), { timeout: 10_000 });
      expect((await bus(url, keys)).state).toBe("ok");
      expect((await bus(url, join(folder, "others"))).says).toMatch(/refuses the log-in/);
      expect((await bus(url, join(folder, "none"))).says).toMatch(/bus keys cannot be used/);
    } finally {
      server.kill("SIGKILL");
    }
  });
});

describe("phonerack doctor", () => {
  test("tells all as one JSON line, and by its exit code whether something fails", async () => {
    const said = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const before = process.exitCode;
    try {
      const code = await runCli(["doctor", "--json", "--data", folder, "--bus", `nats://127.0.0.1:${await freePort()}`]);
      const { findings } = JSON.parse(String(said.mock.calls[0]?.[0])) as { findings: Finding[] };
      expect(findings.find(({ check }) => check === "bus")?.state).toBe("fail");
      expect(findings.find(({ check }) => check === "node")?.state).toBe("ok");
      expect(code).toBe(1);
    } finally {
      said.mockRestore();
      process.exitCode = before;
    }
  });
});
