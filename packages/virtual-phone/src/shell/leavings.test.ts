/** What a phone answers about what people leave on it, in the formats that Android's own tools print. */
import { afterEach, describe, expect, test } from "vitest";
import { startVirtualPhones } from "../chassis/chassis.js";
import { phoneFixture } from "../chassis/phone-fixture.js";
import type { VirtualPhone } from "../chassis/virtual-phone.js";

const phones: VirtualPhone[] = [];
afterEach(async () => {
  for (const phone of phones.splice(0)) await phone.stop();
});

function fixture(model = "v3"): { phone: VirtualPhone; sh: (command: string) => Promise<string> } {
  const phone = phoneFixture({ model });
  phones.push(phone);
  return { phone, sh: async (command) => (await phone.run(command)).stdout };
}

describe("processes", () => {
  test("show their command lines and parents, and a shell knows its own", async () => {
    const { sh } = fixture();
    const [ids = "", header, ...lines] = (await sh("echo $$ $PPID; ps -A -o PID,PPID,USER,S,ARGS")).trim().split("\n");
    const [self, adbd] = ids.split(" ");
    expect(header?.trim().split(/\s+/)).toEqual(["PID", "PPID", "USER", "S", "ARGS"]);
    const rows = lines.map((line) => line.trim().split(/\s+/));
    expect(rows.find(([pid]) => pid === self)?.slice(1)).toEqual(
      expect.arrayContaining([adbd, "shell", "/system/bin/sh", "-c", "echo"]),
    );
    expect(rows.find(([pid]) => pid === adbd)?.at(-1)).toBe("adbd");
    expect(rows.find((cells) => cells[4] === "ps")?.slice(1, 3)).toEqual([self, "shell"]);
  });

  test("that outlive their shell become init's, survive a stop, and end by a kill", async () => {
    const { sh } = fixture();
    await sh("nohup sleep 10000 >/dev/null 2>&1 &");
    const row = async () => (await sh("ps -A -o PID,PPID,ARGS")).split("\n").find((line) => line.endsWith(" nohup sleep 10000"));
    const [pid, parent] = (await row())?.trim().split(/\s+/) ?? [];
    expect(parent).toBe("1");
    await sh(`kill -STOP ${pid}; kill -CONT ${pid}`);
    expect(await row()).toBeDefined();
    await sh(`kill -9 ${pid}`);
    expect(await row()).toBeUndefined();
  });
});

describe("people's traces", () => {
  test("accounts are listed, cannot be removed by a shell, and go with their app", async () => {
    const { phone, sh } = fixture();
    expect(await sh("dumpsys account")).toContain("  Accounts: 0\n");
    phone.phone.accounts.add({ name: "ann@example.org", type: "com.example.mail", package: "dev.phonerack.notes" });
    expect(await sh("dumpsys account")).toContain("  Accounts: 1\n    Account {name=ann@example.org, type=com.example.mail}\n");
    await sh("pm uninstall dev.phonerack.notes");
    expect(await sh("dumpsys account")).toContain("  Accounts: 0\n");
  });

  test("a device admin guards its app, and a shell takes power only from a test-only one", async () => {
    const { phone, sh } = fixture();
    await sh("dpm set-active-admin dev.phonerack.notes/.Admin");
    expect(await sh("dumpsys device_policy")).toMatch(
      /Enabled Device Admins \(User 0[^\n]*\n {4}dev\.phonerack\.notes\/\.Admin:\n/,
    );
    expect(await sh("pm uninstall dev.phonerack.notes")).toBe("Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]\n");
    expect(await sh("pm clear dev.phonerack.notes")).toBe("Failed\n");
    expect((await phone.run("dpm remove-active-admin dev.phonerack.notes/.Admin")).stderr).toContain("non-test admin");
    phone.phone.admins.remove("dev.phonerack.notes/.Admin", false);
    expect(await sh("pm uninstall dev.phonerack.notes")).toBe("Success\n");
    expect((await phone.run("dpm set-active-admin no.such/.Admin")).exitCode).toBe(255);
  });

  test("a PIN is told by locksettings and by dumpsys, each from the version on that does", async () => {
    for (const [model, verifies] of [
      ["v1", false],
      ["v2", true],
      ["v6", true],
    ] as const) {
      const { sh } = fixture(model);
      expect((await sh("locksettings verify")).includes("verified successfully")).toBe(verifies);
      await sh("locksettings set-pin 4711");
      expect((await sh("locksettings verify")).includes("didn't match")).toBe(verifies);
      expect(await sh("dumpsys window policy")).toContain("secure=true");
    }
  });

  test("recent tasks are removed by their number", async () => {
    const { sh } = fixture();
    await sh("am start -n dev.phonerack.notes/.MainActivity");
    const id = /#(\d+) type=standard/.exec(await sh("dumpsys activity recents"))?.[1];
    await sh(`am stack remove ${id}`);
    expect(await sh("dumpsys activity recents")).not.toContain("notes");
  });

  test("an app's folders on shared storage go with its data", async () => {
    const { sh } = fixture();
    await sh("mkdir -p /sdcard/Android/data/dev.phonerack.notes /sdcard/Android/obb/dev.phonerack.notes");
    await sh("pm clear dev.phonerack.notes");
    expect(await sh("ls /sdcard/Android/data /sdcard/Android/obb")).toContain("obb:\ndev.phonerack.notes");
    await sh("pm uninstall dev.phonerack.notes");
    expect(await sh("find /sdcard/Android -name '*notes'")).toBe("");
  });
});

test("the time zone is set by name from Android 9 on, by a raw call before", async () => {
  for (const [model, command] of [
    ["v1", "service call alarm 3 s16 Asia/Tokyo"],
    ["v3", "cmd alarm set-timezone Asia/Tokyo"],
  ] as const) {
    const { sh } = fixture(model);
    await sh(command);
    expect(await sh("getprop persist.sys.timezone")).toBe("Asia/Tokyo\n");
    await sh(command.replace("Asia/Tokyo", "No/Where"));
    expect(await sh("getprop persist.sys.timezone")).toBe("Asia/Tokyo\n");
  }
  expect((await fixture("v1").phone.run("cmd alarm set-timezone Asia/Tokyo")).exitCode).toBe(255);
});

test("printf writes bytes, find runs one command for many, stat tells bits", async () => {
  const { sh } = fixture();
  expect(await sh("printf '\\347\\205\\247\\0123\\000%s' 片 | od -An -tx1")).toBe(" e7 85 a7 0a 33 00 e7 89 87\n");
  expect(await sh("printf '\\045s %%s %s' x")).toBe("%s %s x");
  await sh("printf 'a b\\000-rf\\000\\347\\205\\247\\012\\000' | (cd /data/local/tmp; xargs -0 touch --)");
  expect((await sh("find /data/local/tmp -mindepth 1 -exec stat -c '%f %s %n' {} +")).split("\n").sort().filter(Boolean)).toEqual(
    ["81a4 0 /data/local/tmp/-rf", "81a4 0 /data/local/tmp/a b", "81a4 0 /data/local/tmp/照"],
  );
});

test("people add accounts, a PIN and admins by hand: the control API", async () => {
  const chassis = await startVirtualPhones({ count: 1, controlPort: 0 });
  try {
    const post = async (what: string, body: unknown) =>
      (await fetch(`${chassis.controlUrl}/phones/1/${what}`, { method: "POST", body: JSON.stringify(body) })).status;
    const { phone } = chassis.phones[0] ?? {};
    const account = { name: "ann@example.org", type: "com.example.mail" };
    expect(await Promise.all([post("accounts", account), post("pin", { pin: "4711" })])).toEqual([200, 200]);
    expect(await post("admins", { component: "dev.phonerack.notes/.Admin" })).toBe(200);
    expect(phone?.accounts.list()).toMatchObject([account]);
    expect([phone?.power.secure, phone?.admins.guards("dev.phonerack.notes")]).toEqual([true, true]);
    expect([await post("accounts", account), await post("accounts", {}), await post("pin", { pin: "12" })]).toEqual([
      404, 400, 400,
    ]);
    expect(await post("admins", { component: "no.such/.Admin" })).toBe(404);
    expect(await post("accounts", { ...account, remove: true })).toBe(200);
    expect(phone?.accounts.list()).toEqual([]);
  } finally {
    await chassis.stop();
  }
});
