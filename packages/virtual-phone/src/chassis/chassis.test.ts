import { mkdirSync, mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { startVirtualPhones, type VirtualPhones, type VirtualPhonesOptions } from "./chassis.js";
import { allFaults, parseFaults } from "./faults.js";

const running: VirtualPhones[] = [];
async function start(options: VirtualPhonesOptions): Promise<VirtualPhones> {
  const phones = await startVirtualPhones(options);
  running.push(phones);
  return phones;
}
afterEach(async () => {
  for (const phones of running.splice(0)) await phones.stop();
});

/** What a host hears first after an ADB CNXN, and whether the port is open at all. */
function greet(port: number): Promise<string> {
  const payload = Buffer.from("host::features=shell_v2\0");
  const header = Buffer.alloc(24);
  [0x4e584e43, 0x01000001, 0x100000, payload.length, 0, (0x4e584e43 ^ 0xffffffff) >>> 0].forEach((word, index) => {
    header.writeUInt32LE(word >>> 0, index * 4);
  });
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(Buffer.concat([header, payload])));
    socket.once("data", (data) => {
      resolve(data.toString("latin1", 0, 4));
      socket.destroy();
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
    socket.once("close", () => resolve("closed"));
    socket.setTimeout(300, () => {
      resolve("silent");
      socket.destroy();
    });
  });
}

describe("a chassis", () => {
  test("starts phones with serials and models of their own on ports of their own", async () => {
    const { phones } = await start({ count: 25 });
    expect(new Set(phones.map(({ serial }) => serial)).size).toBe(25);
    expect(new Set(phones.map(({ port }) => port)).size).toBe(25);
    expect(new Set(phones.map(({ model }) => model.id)).size).toBe(6);
    expect(await greet(phones[24]?.port ?? 0)).toBe("CNXN");
  });

  test.each([
    [{ count: 0 }, "bad-option"],
    [{ count: 2, port: 65535 }, "bad-option"],
    [{ count: 1, models: ["v9"] }, "bad-option"],
    [{ count: 1, latency: "slow" as never }, "bad-option"],
    [{ count: 1, host: "192.0.2.1" }, "bad-option"],
    [{ count: 1, serialPrefix: "a b" }, "bad-option"],
    [{ count: 3, faults: ["4:drop"] }, "bad-fault"],
    [{ count: 3, faults: ["1:nonsense"] }, "bad-fault"],
    [{ count: 1, dataDir: "/proc/nowhere" }, "data-dir"],
  ])("refuses %j with one sentence", async (options, code) => {
    await expect(start(options)).rejects.toMatchObject({ code, message: expect.stringMatching(/^[^\n]+\.$/) });
  });

  test("says which port is taken and leaves none open behind", async () => {
    const { phones } = await start({ count: 1 });
    const taken = phones[0]?.port ?? 0;
    await expect(start({ count: 3, port: taken - 1 })).rejects.toMatchObject({
      code: "port-taken",
      message: expect.stringContaining(`${taken}`),
    });
    expect(await greet(taken - 1)).toBe("ECONNREFUSED");
  });

  test("sweeps up large files that a killed process left, and its own when it stops", async () => {
    const folder = mkdtempSync(join(tmpdir(), "chassis-"));
    // No process has this id: Linux's are below 2^22.
    mkdirSync(join(folder, "phonerack-virtual-99999999-old"));
    const chassis = await start({ count: 1, dataDir: folder });
    await chassis.phones[0]?.run("head -c 1000000 /dev/zero > /sdcard/large");
    expect(readdirSync(folder)).toEqual([expect.stringContaining(`phonerack-virtual-${process.pid}-`)]);
    await chassis.stop();
    expect(readdirSync(folder)).toEqual([]);
    rmdirSync(folder);
  });

  test("makes a slow phone's shell wait before it answers", async () => {
    const { phones } = await start({ count: 1, latency: "real" });
    const before = performance.now();
    await phones[0]?.run("echo x");
    expect(performance.now() - before).toBeGreaterThan(28);
  });

  test("loses a killed phone alone, and has it back on its port with what it stored", async () => {
    const { phones } = await start({ count: 2, dataDir: tmpdir() });
    const [one, two] = phones;
    if (!one || !two) return expect.unreachable();
    await one.run("echo kept > /sdcard/f");
    const port = one.port;
    await one.kill();
    expect([await greet(port), await greet(two.port)]).toEqual(["ECONNREFUSED", "CNXN"]);
    await one.start();
    expect([one.port, await greet(port), (await one.run("cat /sdcard/f")).stdout]).toEqual([port, "CNXN", "kept\n"]);
  });

  test("reboots a phone: what ran is gone, the boot id is new, files stay", async () => {
    const { phones } = await start({ count: 1 });
    const [phone] = phones;
    if (!phone) return expect.unreachable();
    const boot = "cat /proc/sys/kernel/random/boot_id";
    const before = (await phone.run(`echo x > /sdcard/f; ${boot}`)).stdout;
    const sleeping = phone.run("sleep 1000");
    await expect.poll(() => phone.jobs.count).toBe(2);
    await phone.run("reboot");
    expect((await sleeping).exitCode).toBe(137);
    expect(await greet(phone.port)).toBe("closed");
    await expect.poll(() => greet(phone.port)).toBe("CNXN");
    const after = (await phone.run(boot)).stdout;
    expect(after).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}\n$/);
    expect(after).not.toBe(before);
    expect((await phone.run("cat /sdcard/f; getprop sys.boot_completed")).stdout).toBe("x\n1\n");
  });
});

describe("faults", () => {
  test("are named per slot, by lists, ranges and a star", () => {
    const parsed = parseFaults(["1,3:drop", "2-3:locked", "*:asleep"], 3);
    expect([...parsed].map(([slot, faults]) => [slot, [...faults]]).sort(([a], [b]) => Number(a) - Number(b))).toEqual([
      [1, ["drop", "asleep"]],
      [2, ["locked", "asleep"]],
      [3, ["drop", "locked", "asleep"]],
    ]);
    for (const bad of ["drop", "0:drop", "2-1:drop", "a:drop", "1:", "1-99999:drop"])
      expect(() => parseFaults([bad], 3)).toThrow(/\.$/);
  });

  test("each can be switched on and off while the phone runs, and all at once", async () => {
    const { phones } = await start({ count: 1 });
    const [phone] = phones;
    if (!phone) return expect.unreachable();
    for (const fault of allFaults) {
      phone.setFault(fault, true);
      expect(phone.faults()).toEqual([fault]);
      phone.setFault(fault, false);
    }
    for (const fault of allFaults) phone.setFault(fault, true);
    phone.clearFaults();
    expect(phone.faults()).toEqual([]);
    expect(await greet(phone.port)).toBe("CNXN");
    expect(
      (
        await phone.run(
          "getprop sys.boot_completed; getprop ro.serialno; dumpsys power | grep mWakefulness=; dumpsys window policy | grep -m1 showing=; dumpsys battery | grep temperature",
        )
      ).stdout,
    ).toBe(`1\n${phone.serial}\n  mWakefulness=Awake\n      showing=false\n  temperature: 268\n`);
  });

  test("do what they say", async () => {
    const { phones } = await start({
      count: 2,
      faults: ["2:duplicate-serial", "2:never-boots", "2:overheat", "2:asleep", "1:hang"],
    });
    const [one, two] = phones;
    if (!one || !two) return expect.unreachable();
    expect(
      (await two.run("getprop ro.serialno; getprop sys.boot_completed; dumpsys battery | grep -E 'health|temp'")).stdout,
    ).toBe(`${one.serial}\n\n  health: 3\n  temperature: 610\n`);
    await two.run("input keyevent WAKEUP");
    await expect.poll(async () => (await two.run("dumpsys power | grep mWakefulness=")).stdout).toContain("Asleep");
    expect([await greet(one.port), await greet(two.port)]).toEqual(["silent", "CNXN"]);
    two.setFault("unauthorised", true);
    expect(await greet(two.port)).toBe("AUTH");
  });
});

describe("the control API", () => {
  const json = async (url: string, init?: RequestInit): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(url, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const post = (url: string, body: unknown = {}) =>
    json(url, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });

  test("shows phones, switches faults and states, kills and starts", async () => {
    const { controlUrl: url, phones } = await start({ count: 2, controlPort: 0 });
    expect((await json(`${url}/phones`)).body.phones).toHaveLength(2);
    expect((await post(`${url}/phones/2/faults`, { locked: true, overheat: true })).body).toMatchObject({
      slot: 2,
      faults: ["locked", "overheat"],
      foreground: null,
      battery: { temperature: 610 },
    });
    expect((await json(`${url}/phones/2/faults/locked`, { method: "DELETE" })).body.faults).toEqual(["overheat"]);
    expect((await json(`${url}/phones/*/faults`, { method: "DELETE" })).body.phones).toHaveLength(2);
    expect((await post(`${url}/phones/1/foreground`, { package: "dev.phonerack.notes" })).body.foreground).toContain(
      "dev.phonerack.notes/",
    );
    expect((await post(`${url}/phones/1/battery`, { level: 7 })).body.battery).toMatchObject({ level: 7 });
    expect((await post(`${url}/phones/1/screen`, { on: false })).body.foreground).toBeNull();
    expect((await post(`${url}/phones/1/kill`)).body.up).toBe(false);
    expect((await post(`${url}/phones/1/start`)).body).toMatchObject({ up: true, port: phones[0]?.port });
    const picture = await fetch(`${url}/phones/1/screenshot`);
    expect([picture.status, picture.headers.get("content-type")]).toEqual([200, "image/png"]);
  });

  test("answers nonsense with one sentence and changes nothing", async () => {
    const { controlUrl: url } = await start({ count: 1, controlPort: 0 });
    const answers = [
      await post(`${url}/phones/1/faults`, { drop: true, nonsense: true }),
      await post(`${url}/phones/1/faults`, "{"),
      await post(`${url}/phones/1/faults`, "[]"),
      await post(`${url}/phones/1/battery`, { level: 101 }),
      await post(`${url}/phones/1/press`, { button: "allow" }),
      await post(`${url}/phones/9/kill`),
      await post(`${url}/nowhere`),
      await post(`${url}/phones/1/faults`, "x".repeat(70_000)),
      await json(`${url}/phones/1/faults`, { method: "POST", headers: { origin: "http://evil.example" } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 404, 404, 404, 413, 403]);
    for (const { body } of answers) expect(body.error).toMatch(/^[^\n]+\.$/);
    expect((await json(`${url}/phones/1`)).body.faults).toEqual([]);
  });
});
