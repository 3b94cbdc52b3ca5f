/** What the lab demands of a phone at all times, on real virtual phones: no way out where the register gives none, and its own words on it. */
import type { DeviceReport } from "@phonerack/contract/bus";
import { afterAll, expect, test } from "vitest";
import { closeLabs, type Lab, openLab } from "../../test/agent-lab.js";
import { TaskLab } from "../../test/task-lab.js";
import { LAB_LABEL, wrongLabels } from "./labels.js";
import { waysOut } from "./network.js";

afterAll(closeLabs);

const READ = "settings get global device_name; settings get secure lock_screen_owner_info; settings get global wifi_on";
const read = async (lab: Lab) => (await lab.phone().run(READ)).stdout.trim().split("\n");
const isolation = (lab: Lab, fits: (found: NonNullable<DeviceReport["isolation"]>) => boolean) =>
  lab.until(() => {
    const found = lab.report()?.isolation;
    return found && fits(found) && found;
  });
/** Control's word at the present epoch. */
const tell = (lab: Lab, id: string, isolated: boolean, phase: "free" | "leased" = "free") =>
  lab.term(id, {
    epoch: lab.epochOf(id),
    phase,
    isolated,
    ...(phase === "leased" && { actor: "u-1", until: Date.now() + 600_000 }),
  });

test("an isolated phone has its radios off before it may be lent, and again within seconds when its holder switches them on", async () => {
  const lab = await openLab({ models: ["v6"], faults: ["1:on-wifi"] });
  const { id } = await lab.state("ready");
  expect((await lab.phone().run("ip route show table all")).stdout).toContain("default via");
  expect(lab.report()?.isolation).toBeUndefined();
  await tell(lab, id, true);
  await isolation(lab, ({ verified, leadsOut }) => verified !== null && leadsOut === null);
  expect((await lab.phone().run("ip route show table all")).stdout).not.toContain("default");
  expect((await read(lab))[2]).toBe("0");

  await lab.lease(id, { tenant: "t-1" });
  await lab.until(() => lab.report()?.hold.phase === "leased");
  await lab
    .phone()
    .run("svc wifi enable; settings put global device_name 'Pixel 9'; settings put secure lock_screen_owner_info ''");
  await lab.until(() => (lab.report()?.putBack?.network ?? 0) > 0 && lab.report()?.isolation?.verified != null);
  expect(lab.report()?.putBack).toEqual({ labels: 1, network: 1, helpers: 0 });
  expect(await read(lab)).toEqual([LAB_LABEL, LAB_LABEL, "0"]);

  // Not by the lab's own doors either.
  const airplane = await new TaskLab(lab).do(id, { type: "settings", settings: { airplane: false } });
  expect(airplane).toMatchObject({ state: "failed", error: { code: "setting_unsupported" } });
  expect(airplane.error?.detail).toContain("isolated");

  // Its next holder begins with nothing counted, and cleaning has left it as the lab demands.
  const { epoch } = await lab.term(id, { phase: "clean" });
  await lab.until(() => lab.report()?.hold.epoch === epoch && lab.report()?.hold.phase === "free", 60_000);
  expect(await read(lab)).toEqual([LAB_LABEL, LAB_LABEL, "0"]);
  await lab.lease(id, { tenant: "t-1" });
  await lab.until(() => lab.report()?.putBack === undefined);
}, 90_000);

test("stays isolated through a restart of its agent, and is let out again when the register says so", async () => {
  const lab = await openLab({ faults: ["1:on-wifi"] });
  const { id } = await lab.state("ready");
  await tell(lab, id, true);
  await isolation(lab, ({ verified }) => verified !== null);
  await lab.agent.stop();
  await lab.phone().run("svc wifi enable");
  const restarted = Date.now();
  await lab.restart();
  await isolation(lab, (found) => (found.verified ?? 0) > restarted);
  expect((await read(lab))[2]).toBe("0");
  await tell(lab, id, false);
  await lab.until(() => lab.report()?.isolation === undefined);
  expect((await read(lab))[2]).toBe("1");
}, 60_000);

test("says in words that it leads out when its radios cannot be switched off, or when it would cut itself off", async () => {
  const lab = await openLab({ faults: ["1:wifi-stuck"] });
  const { id } = await lab.state("ready");
  await tell(lab, id, true);
  const { verified, leadsOut } = await isolation(lab, (found) => found.leadsOut !== null);
  expect({ verified, leadsOut }).toEqual({ verified: null, leadsOut: expect.stringMatching(/^It leads out by wlan0 .*by hand/) });
  // What changes while its radios are tried counts at once.
  const told = Date.now();
  await tell(lab, id, false);
  await lab.until(() => lab.report()?.isolation === undefined);
  expect(Date.now() - told).toBeLessThan(8_000);
}, 60_000);

test("goes into airplane mode where the switches do not help, and out of it again when the register says so", async () => {
  const lab = await openLab({ models: ["v6"], faults: ["1:wifi-switch-dead"] });
  const { id } = await lab.state("ready");
  await tell(lab, id, true);
  await isolation(lab, ({ verified, leadsOut }) => verified !== null && leadsOut === null);
  expect((await lab.phone().run("settings get global airplane_mode_on; ip route show table all")).stdout).toMatch(
    /^1\n(?!.*default)/s,
  );
  await tell(lab, id, false);
  await lab.until(() => lab.report()?.isolation === undefined);
  expect((await lab.phone().run("settings get global airplane_mode_on")).stdout).toBe("0\n");
}, 60_000);

test("an accessibility service or keyboard that is nobody's here is switched off within seconds, and one that was on before stays", async () => {
  const lab = await openLab();
  const { id } = await lab.state("ready");
  const services = async () => (await lab.phone().run("settings get secure enabled_accessibility_services")).stdout.trim();
  const keyboard = async () => (await lab.phone().run("settings get secure default_input_method")).stdout.trim();
  const [stock, labs] = [await keyboard(), "com.example.labs/.Reader"];
  await lab.phone().run(`settings put secure enabled_accessibility_services ${labs}`);
  await lab.lease(id, { tenant: "t-1" });
  await lab.until(() => lab.report()?.hold.phase === "leased");
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const { activities } = lab.phone().phone;
  await lab.phone().run(`settings put secure enabled_accessibility_services ${labs}:com.example.bazaar/.Eye`);
  await lab.phone().run("settings put secure default_input_method com.example.bazaar/.Keys");
  // Its process starts with it.
  activities.start({ component: "com.example.bazaar/.MainActivity" });
  await expect.poll(services, { timeout: 10_000 }).toBe(labs);
  expect(await keyboard()).toBe(stock);
  await lab.until(() => lab.report()?.putBack?.helpers === 1);
}, 60_000);

test("what a holder leaves running to let it out is ended", async () => {
  const lab = await openLab({ faults: ["1:on-wifi"] });
  const { id } = await lab.state("ready");
  await tell(lab, id, true);
  await isolation(lab, ({ verified }) => verified !== null);
  await lab.lease(id, { tenant: "t-1" });
  await lab.phone().run("nohup sh -c 'while true; do svc wifi enable; sleep 0.02; done' >/dev/null 2>&1 &");
  const loops = async () => (await lab.phone().run("ps -A -o ARGS | grep -c 'wifi enabl[e]'")).stdout.trim();
  expect(await loops()).not.toBe("0");
  await lab.until(() => (lab.report()?.putBack?.network ?? 0) > 0 && lab.report()?.isolation?.verified != null);
  expect(await loops()).toBe("0");
  expect((await lab.phone().run("ip route show table all")).stdout).not.toContain("default");
  // Told once, however long it took.
  expect(lab.report()?.putBack?.network).toBe(1);
}, 60_000);

test("a phone that came with another name gets the lab's, and that is nobody's doing", async () => {
  const lab = await openLab();
  const { id } = await lab.state("ready");
  await lab.until(() => lab.report()?.hold.phase === "free");
  await lab.phone().run("settings put global device_name 'Pixel 9'");
  await lab.lease(id, { tenant: "t-1" });
  await expect.poll(() => read(lab), { timeout: 10_000 }).toMatchObject({ 0: LAB_LABEL });
}, 60_000);

test.each([
  ["", undefined],
  ["local 127.0.0.0/8 dev lo table local proto kernel", []],
  ["default via 192.168.1.1 dev wlan0 table 1014 proto static\nlocal 127.0.0.0/8 dev lo table local", ["wlan0"]],
  [
    "default dev rmnet_data0 table 1021 proto static\ndefault via fe80::1 dev wlan0 table 1014\nunreachable default dev lo table 0",
    ["rmnet_data0", "wlan0"],
  ],
  ["default dev dummy0 table dummy0 proto static\n10.0.0.0/8 dev eth0 proto kernel", []],
  // Two halves of everything are everything: what a VPN adds.
  ["0.0.0.0/1 dev tun0 table 1022\n128.0.0.0/1 dev tun0 table 1022", ["tun0"]],
  ["Error: no such command", undefined],
])("the ways out of %j are %j", (printed, ways) => {
  expect(waysOut(printed)).toEqual(ways);
});

test("labels that were not all told are not taken for wrong ones", () => {
  expect(wrongLabels([LAB_LABEL])).toBeUndefined();
  expect(wrongLabels([LAB_LABEL, LAB_LABEL, "1"])).toEqual([]);
  expect(wrongLabels([LAB_LABEL, "null", "1"])).toMatchObject([{ key: "lock_screen_owner_info" }]);
});
