/** `phonerack up` from the outside: what it prints, how it stops, what it says when it cannot start. */
import { chmod, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { childrenOf, dataFolder, firstLine, isAlive, launch, run, startUp, temporaryFolder, untilDevices } from "./phonerack.js";

// Each of these starts processes; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("phonerack up", () => {
  test("prints exactly one JSON line, has its phones in their slots, and starts again on the same folder", async () => {
    const data = join(folder, "twice");
    const first = await startUp({ virtual: 21, data });
    expect(first.console).toMatch(new RegExp(`^${first.url}/enter\\?code=`));
    const devices = await untilDevices(first, (all) => all.length === 21 && all.every(({ state }) => state === "ready"));
    expect(new Set(devices.map(({ chassis, slot }) => `${chassis}/${slot}`)).size).toBe(21);
    expect(devices.filter(({ chassis }) => chassis === "V01")).toHaveLength(20);
    expect(devices.find(({ chassis }) => chassis === "V02")?.slot).toBe(1);
    expect((await stat(join(data, "admin-token"))).mode & 0o777).toBe(0o600);
    expect(first.stderr()).toBe("");
    await first.stop();
    expect(first.stdout().trim().split("\n")).toHaveLength(1);

    const second = await startUp({ virtual: 21, data });
    expect(second.token).toBe(first.token);
    const again = await untilDevices(second, (all) => all.filter(({ state }) => state === "ready").length === 21);
    expect(new Set(again.map(({ id }) => id))).toEqual(new Set(devices.map(({ id }) => id)));
    await second.stop();
  }, 90_000);

  test.each(["SIGINT", "SIGTERM"] as const)(
    "stops everything, children too, in under 3 s on %s",
    async (signal) => {
      const up = await startUp({ virtual: 3 });
      const children = await childrenOf(up.pid);
      expect(children.length).toBeGreaterThan(0);
      const asked = Date.now();
      up.child.kill(signal);
      expect(await up.exited).toBe(0);
      expect(Date.now() - asked).toBeLessThan(3_000);
      expect(children.filter(isAlive)).toEqual([]);
      await expect(readFile(join(up.data, "run.json"))).rejects.toThrow("ENOENT");
      await up.stop();
    },
    60_000,
  );

  test("leaves no child behind when it is killed", async () => {
    const up = await startUp({ virtual: 3 });
    const children = await childrenOf(up.pid);
    expect(children.length).toBeGreaterThan(0);
    up.child.kill("SIGKILL");
    await up.exited;
    for (let waited = 0; waited < 3_000 && children.some(isAlive); waited += 50) await sleep(50);
    expect(children.filter(isAlive)).toEqual([]);
    await up.stop();
  }, 60_000);

  test("starts a virtual chassis that crashed again, on the same addresses", async () => {
    const up = await startUp({ virtual: 2 });
    const before = await untilDevices(up, (all) => all.length === 2 && all.every(({ state }) => state === "ready"));
    const [chassis] = await childrenOf(up.pid);
    process.kill(chassis ?? 0, "SIGKILL");
    await untilDevices(up, (all) => all.every(({ state }) => state === "lost"), 3_000);
    const after = await untilDevices(up, (all) => all.every(({ state }) => state === "ready"));
    expect(after.map(({ id, address }) => `${id} ${address}`).sort()).toEqual(
      before.map(({ id, address }) => `${id} ${address}`).sort(),
    );
    await up.stop();
  }, 60_000);
});

describe("phonerack up that cannot start says one sentence:", () => {
  /** One line on stderr, no stack, nothing on stdout, exit code 1; the JSON form carries the code. */
  async function refuses(code: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
    const plain = launch(["up", "--virtual", "0", ...words], env);
    expect(await plain.exited).toBe(1);
    expect(plain.stderr()).toMatch(/^phonerack: [A-Z"a-z].*\n$/);
    expect(plain.stdout()).toBe("");
    const json = launch(["up", "--virtual", "0", "--json", ...words], env);
    expect(await json.exited).toBe(1);
    expect(JSON.parse(json.stderr())).toMatchObject({ error: { code } });
  }

  test("a port that is taken", async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    const { port } = other.address() as AddressInfo;
    await refuses("port_taken", ["--no-adb", "--data", await dataFolder(), "--port", String(port)]);
    await new Promise((done) => other.close(done));
  }, 40_000);

  test("a data folder that cannot be written", async () => {
    await writeFile(join(folder, "file"), "");
    await refuses("data_unwritable", ["--no-adb", "--port", "0", "--data", join(folder, "file/below")]);
    const readOnly = join(folder, "read-only");
    await mkdir(readOnly);
    await chmod(readOnly, 0o500);
    // Root writes everywhere; for everybody else the folder's mode counts.
    if (process.getuid?.() !== 0) await refuses("data_unwritable", ["--no-adb", "--port", "0", "--data", readOnly]);
  }, 40_000);

  test("a data folder that another phonerack uses", async () => {
    const up = await startUp({ virtual: 0 });
    await refuses("data_in_use", ["--no-adb", "--port", "0", "--data", up.data]);
    await up.stop();
  }, 40_000);

  test("a corrupt database", async () => {
    const data = await dataFolder();
    await writeFile(join(data, "database/global/pg_control"), Buffer.alloc(8192, 0xa5));
    await refuses("database_corrupt", ["--no-adb", "--port", "0", "--data", data]);
  }, 60_000);

  test("adb asked for and missing", async () => {
    const env = { PATH: join(folder, "empty") };
    await refuses("adb_missing", ["--adb", "--port", "0", "--data", join(folder, "adb")], env);
    await refuses("adb_missing", ["--adb", "/no/such/adb", "--port", "0", "--data", join(folder, "adb")]);
  }, 40_000);

  test("but runs without adb when nobody asked for it", async () => {
    const running = launch(["up", "--port", "0", "--virtual", "0", "--json", "--data", await dataFolder()], {
      PATH: join(folder, "empty"),
    });
    expect(JSON.parse(await firstLine(running))).toHaveProperty("console");
    running.child.kill("SIGTERM");
    expect(await running.exited).toBe(0);
  });

  test.each([
    ["a port that is none", ["up", "--port", "70000"], /'70000' is not a port/],
    ["a flag that is none", ["up", "--porrt", "1"], /unknown option '--porrt'.*--port/],
    ["a command that is none", ["upp"], /unknown command 'upp'.*up/],
    ["a fault that is none", ["up", "--port", "0", "--no-adb", "--fault", "3:nonsense"], /nonsense/],
    ["an address that is none", ["agent", "--connect", "nowhere"], /'nowhere' is not HOST:PORT/],
  ])("%s is a usage failure, exit code 2", async (_what, words, reason) => {
    const { code, stderr, stdout } = await run(...words, ...(words[0] === "up" ? ["--data", await dataFolder()] : []));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^phonerack: .*\n$/);
    expect(stderr).toMatch(reason);
  });
});
