/** The commands that use a running phonerack: by its data folder, as in a second terminal. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { firstLine, launch, run, startUp, takeDevices, temporaryFolder, type Up, untilDevices } from "./phonerack.js";

// Each of these starts processes; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

let up: Up;
let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  up = await startUp({ virtual: 3 });
  await untilDevices(up, (all) => all.length === 3 && all.every(({ state }) => state === "ready"), 60_000);
}, 120_000);
afterAll(async () => {
  await up.stop();
  await rm(folder, { recursive: true, force: true });
});

function here(...words: string[]) {
  return run(...words, "--data", up.data);
}

describe("phonerack devices", () => {
  test("prints a table for people and one line for machines", async () => {
    const table = await here("devices");
    expect(table).toMatchObject({ code: 0, stderr: "" });
    expect(table.stdout.split("\n")[0]).toMatch(/^ID +NAME +STATE +LEASE +MODEL/);
    expect(table.stdout.match(/ready/g)).toHaveLength(3);
    const json = await here("devices", "--json");
    expect(json.stdout.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(json.stdout).items).toHaveLength(3);
    expect(JSON.parse((await here("devices", "--json", "--state", "lost")).stdout)).toEqual({ items: [] });
  });

  test("says where to start when nothing runs with the data folder", async () => {
    const none = await run("devices", "--data", folder);
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(/^phonerack: No phonerack answers .*phonerack up.*\n$/);
  });

  test("refuses a wrong token with what to do", async () => {
    const refused = await run("devices", "--control", up.url, "--token", "wrong", "--json", "--data", folder);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: "unauthorised" } });
  });
});

describe("phonerack on one device", () => {
  test("saves its screen as PNG in device pixels, by id and by name", async () => {
    const [device] = await untilDevices(up, () => true);
    for (const called of [device?.id ?? "", device?.name ?? ""]) {
      const file = join(folder, `${called}.png`);
      const saved = await here("screenshot", called, "-o", file);
      expect(saved).toMatchObject({ code: 0, stderr: "" });
      const png = await readFile(file);
      expect(png.subarray(0, 8)).toEqual(PNG);
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([device?.screen?.width, device?.screen?.height]);
    }
  });

  test("taps, swipes, presses keys and types, and the phone does it", async () => {
    const id = (await untilDevices(up, () => true))[0]?.id ?? "";
    await takeDevices(up, [id]);
    const home = (await untilDevices(up, (all) => all[0]?.foreground !== null))[0]?.foreground?.package;
    expect(await here("key", id, "APP_SWITCH")).toMatchObject({ code: 0, stdout: "delivered\n", stderr: "" });
    await untilDevices(up, (all) => all.find((device) => device.id === id) !== undefined);
    expect(await here("key", id, "home", "--json")).toMatchObject({ code: 0, stderr: "" });
    await untilDevices(up, (all) => all.find((device) => device.id === id)?.foreground?.package === home, 5_000);
    expect(await here("swipe", id, "100", "800", "100", "200", "--ms", "50")).toMatchObject({ code: 0, stdout: "delivered\n" });
    expect(await here("tap", id, "10", "10")).toMatchObject({ code: 0, stdout: "delivered\n" });
    expect(await here("text", id, "hello, 世界")).toMatchObject({ code: 0, stdout: "delivered\n" });
  });

  test.each([
    ["a device there is not", { words: ["tap", "nobody", "1", "1"], code: 1, reason: /No device has this id/ }],
    ["a key there is not", { words: ["key", "nobody", "TELEPORT"], code: 2, reason: /words are off/ }],
    ["a point that is none", { words: ["tap", "nobody", "left", "1"], code: 2, reason: /'left' is not a number of pixels/ }],
    ["an empty text", { words: ["text", "nobody", ""], code: 2, reason: /words are off/ }],
    [
      "a file there cannot be",
      { words: ["screenshot", "V01-01", "-o", "/no/such/folder/a.png"], code: 2, reason: /cannot be written/ },
    ],
  ])("says in one sentence what is wrong with %s", async (_what, { words, code, reason }) => {
    const refused = await here(...words);
    expect(refused.code).toBe(code);
    expect(refused.stderr).toMatch(/^phonerack: .*\n$/);
    expect(refused.stderr).toMatch(reason);
  });

  test("prints a link that opens the console once", async () => {
    const link = (await here("link")).stdout.trim();
    const opened = await fetch(link, { redirect: "manual" });
    expect(opened.status).toBeLessThan(400);
    expect(opened.headers.get("set-cookie")).toMatch(/HttpOnly/);
    expect((await fetch(link, { redirect: "manual" })).status).toBe(401);
  });
});

describe("phonerack agent", () => {
  test("joins a network board to the phonerack that runs here within 5 s, and it works like the others", async () => {
    const board = launch(["virtual", "--port", "0", "--json"]);
    const { phones } = JSON.parse(await firstLine(board)) as { phones: { address: string }[] };
    const address = phones[0]?.address ?? "";
    const asked = Date.now();
    const agent = launch(["agent", "--connect", `${address}@B1/7`, "--name", "second", "--data", up.data, "--json"]);
    expect(JSON.parse(await firstLine(agent))).toEqual({ agent: "second", control: up.url });
    const all = await untilDevices(
      up,
      (devices) => devices.some((device) => device.address === `tcp:${address}` && device.state === "ready"),
      10_000,
    );
    expect(Date.now() - asked).toBeLessThan(10_000);
    const device = all.find((each) => each.address === `tcp:${address}`);
    expect(device).toMatchObject({ chassis: "B1", slot: 7 });
    const file = join(folder, "board.png");
    expect(await here("screenshot", device?.id ?? "", "-o", file)).toMatchObject({ code: 0 });
    expect((await readFile(file)).subarray(0, 8)).toEqual(PNG);
    await takeDevices(up, [device?.id ?? ""]);
    expect(await here("tap", device?.id ?? "", "10", "10")).toMatchObject({ code: 0, stdout: "delivered\n" });

    const twin = await run("agent", "--connect", "127.0.0.1:9", "--name", "second", "--data", up.data);
    expect(twin).toMatchObject({ code: 1, stdout: "" });
    expect(twin.stderr).toMatch(/Another phonerack uses this data folder/);

    agent.child.kill("SIGTERM");
    expect(await agent.exited).toBe(0);
    await untilDevices(up, (devices) => devices.find(({ id }) => id === device?.id)?.state === "lost", 10_000);
    board.child.kill("SIGTERM");
    await board.exited;
  }, 60_000);

  test("says what to do when nothing runs, and when the token is wrong", async () => {
    const alone = await run("agent", "--connect", "127.0.0.1:9", "--data", folder);
    expect(alone).toMatchObject({ code: 1, stdout: "" });
    expect(alone.stderr).toMatch(/^phonerack: No phonerack answers .*\n$/);
    const wrong = await run("agent", "--connect", "127.0.0.1:9", "--control", up.url, "--token", "wrong", "--data", folder);
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect(wrong.stderr).toMatch(/^phonerack: Log in: .*\n$/);
  });
});

describe("phonerack lab", () => {
  test("writes a file that read back changes nothing, and does what an edited one says", async () => {
    const file = join(folder, "lab.yaml");
    expect(await here("lab", "export", file)).toMatchObject({ code: 0, stdout: "" });
    expect(await here("lab", "import", file)).toMatchObject({ code: 0, stderr: "", stdout: "nothing changed\n" });
    const text = await readFile(file, "utf8");
    expect(text).toMatch(/- name: V01\n +slots: 20\n +devices:\n +1: d-[a-z2-7]{8} # V01-01, /);
    await writeFile(
      file,
      text.replace(/(V01\n +slots: )20(\n +devices:\n +)1:/, (_, slots: string, devices: string) => `${slots}10${devices}9:`),
    );
    const tried = await here("lab", "import", file, "--dry-run");
    expect(tried.stdout).toMatch(/changed {2}chassis V01: 10 slots, not 20\nmoved {4}V01-01 \(d-\w+\): V01\/1 to V01\/9\n/);
    expect((await here("lab", "import", file)).code).toBe(0);
    expect((await here("devices", "--json")).stdout).toContain('"name":"V01-09"');
    await writeFile(
      file,
      text.replace(/(V01\n +slots: 20\n +devices:\n +)1:/, (_, start: string) => `${start}21:`),
    );
    const refused = await here("lab", "import", file);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/This lab cannot be.*\(line \d+: slot 21 is beyond the 20 slots of chassis V01\)/);
  });

  test("shows on a phone's own screen which one it is", async () => {
    expect(await here("identify", "V01-03", "--seconds", "2")).toMatchObject({ code: 0, stdout: "its screen shows 3 for 2 s\n" });
    await untilDevices(up, (all) => all.every(({ foreground }) => foreground?.package !== "com.android.htmlviewer"), 20_000);
    expect((await here("identify", "nobody")).stderr).toMatch(/No device has this id/);
    expect((await here("identify", "V01-03", "--seconds", "999")).code).toBe(2);
  });

  test("puts one device into a slot and says so", async () => {
    expect(await here("place", "V01-02", "V01/10")).toMatchObject({ code: 0, stdout: "V01-10: V01/10\n" });
    expect((await here("place", "V01-03", "V01/10")).stderr).toMatch(/Another device is in this slot.*V01-10 is in V01\/10/);
    expect(await here("place", "V01-03", "V01-10")).toMatchObject({ code: 2 });
  });
});
