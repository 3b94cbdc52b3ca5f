/**
 * Phones that attack, lie or hang, beside two good ones that somebody looks at and taps all the while: each says in words what is wrong with
 * it and costs only itself. The attackers are written here from the protocol's text, or sit between the lab and a real virtual phone.
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adbHeader, adbPacket, greeting } from "./adb-bytes.js";
import {
  askForKey,
  BANNER,
  dribbleBanner,
  exaggerate,
  forEver,
  hugeFrame,
  NOISE,
  okayOnly,
  openStreams,
  shellOutput,
  strays,
} from "./hostile-behaviours.js";
import { type Behaviour, type HostileListener, listenHostile, pour, type Tampering, tamperWith } from "./hostile-listener.js";
import { LiveViewer } from "./live-viewer.js";
import { type DeviceView, devicesOf, takeDevices, type Up, untilDevices } from "./phonerack.js";
import { residentMiB, startLabWith, startVirtualChassis, type VirtualChassis } from "./virtual-chassis.js";

/** The longest a phone may keep people without words is 10 s; the rest is for a machine under load. */
const IN_WORDS_MS = 25_000;
const GOOD = 2;

/** Ports with no phone behind, and what people read of them. */
const IMPOSTORS: Readonly<Record<string, readonly [says: RegExp, behave: Behaviour]>> = {
  "random bytes": [/^lost .*no ADB packet/, (socket) => pour(socket, () => randomBytes(64 * 1024))],
  "another program's greeting": [/^lost .*no ADB packet/, (socket) => say(socket, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")],
  "half a packet": [/^lost .*said nothing/, (socket) => say(socket, greeting().subarray(0, 11))],
  "a packet of 4 GiB": [/^lost .*4294967295 bytes/, (socket) => say(socket, adbHeader({ command: "CNXN", length: 0xffff_ffff }))],
  "a wrong magic": [/^lost .*magic is wrong/, (socket) => say(socket, adbHeader({ command: "CNXN", magic: 0x1234_5678 }))],
  "an unknown command": [/^lost .*no command/, (socket) => say(socket, adbHeader({ command: "EVIL" }))],
  "an endless banner": [/^lost .*greeting has no end/, (socket) => pour(socket, () => BANNER)],
  "a banner drop by drop": [/^lost .*said nothing/, dribbleBanner],
  "silence after accept": [/^lost .*said nothing/, (socket) => socket.resume()],
  "silence after CNXN": [/^lost .*no answer within/, (socket) => say(socket, greeting())],
  "an OKAY and nothing more": [/^lost .*no answer within/, okayOnly],
  "payloads of 16 bytes at most": [/^lost .*no more than 16 bytes/, (socket) => say(socket, greeting(0x0100_0001, 16))],
  "a question for our key, for ever": [/^lost .*again and again/, askForKey],
  "a wish for TLS": [/^lost .*TLS/, (socket) => say(socket, adbPacket({ command: "STLS", arg0: 0x0100_0000 }))],
  "flapping every 100 ms": [/^lost .*closed the connection/, (socket) => setTimeout(() => socket.destroy(), 100)],
};

const answer = (begin: string, bytes: () => Iterator<Buffer>): Tampering => ({
  answers: (service) => (service.startsWith(begin) ? bytes() : undefined),
});

/** Real phones with a liar before them. */
const LIARS: Readonly<Record<string, readonly [says: RegExp, tampering: Tampering]>> = {
  "a version and payloads beyond all measure": [/^ready/, { fromPhone: exaggerate }],
  "10,000 streams opened by the phone": [/^lost .*nobody opened/, { greeted: (host) => openStreams(host, 10_000) }],
  "a flood for unknown streams": [/^lost .*nobody opened/, { greeted: (host) => pour(host, strays("WRTE")) }],
  "a flood of OKAYs for unknown streams": [/^lost .*nobody opened/, { greeted: (host) => pour(host, strays("OKAY")) }],
  "an endless shell answer": [/^lost .*printed more than/, answer("shell,", () => forEver(shellOutput))],
  "garbage in the event log": [/^lost .*event log/, answer("exec:logcat", () => forEver(() => randomBytes(16 * 1024)))],
  "a frame of 100 MB": [/^ready .*100000000 bytes/, answer("localabstract:scrcpy", hugeFrame)],
  "garbage for pictures": [/^ready .*No (picture|tile)/, answer("localabstract:scrcpy", () => forEver(() => NOISE))],
};

/** Virtual phones with a fault, as their own switches make it. */
const FAULTS: Readonly<Record<string, RegExp>> = {
  asleep: /^ready .*screen stays off/i,
  locked: /^ready .*lock screen asks for a PIN/i,
  "refuses-injection": /^preparing .*USB debugging \(Security settings\)/,
  "second-encoder-refused": /^ready .*one picture at a time/,
  "secure-window": /^ready .*forbids capture/,
  "never-boots": /^preparing .*still starting/,
};
/** Their words come from what somebody sees. */
const LOOKED_AT: ReadonlySet<string> = new Set([
  "a frame of 100 MB",
  "garbage for pictures",
  "second-encoder-refused",
  "secure-window",
]);

const NAMES = [...Object.keys(IMPOSTORS), ...Object.keys(LIARS), ...Object.keys(FAULTS)];
const FAULTY_FROM = GOOD + Object.keys(LIARS).length + 1;
const slotOf = (name: string) => GOOD + NAMES.indexOf(name) + 1;

let phones: VirtualChassis;
let listeners: HostileListener[];
let up: Up;
let viewer: LiveViewer;
/** What became of each tap on a good phone. */
let taps: readonly string[];

/** What was started, to be ended in reverse order even if the start fails half-way. */
const started: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  const faults = Object.keys(FAULTS).flatMap((fault, at) => ["--fault", `${FAULTY_FROM + at}:${fault}`]);
  phones = await startVirtualChassis(FAULTY_FROM + Object.keys(FAULTS).length - 1, ...faults);
  started.push(() => phones.stop());
  const liars = Object.values(LIARS).map(([, tampering], at) => tamperWith(phones.addresses[GOOD + at] ?? "", tampering));
  listeners = await Promise.all([...Object.values(IMPOSTORS).map(([, behave]) => behave), ...liars].map(listenHostile));
  started.push(...listeners.map((listener) => () => listener.stop()));
  const good = phones.addresses.slice(0, GOOD);
  const faulty = phones.addresses.slice(FAULTY_FROM - 1);
  up = await startLabWith([...good, ...listeners.map(({ address }) => address), ...faulty]);
  started.push(() => up.stop());
  await lookAtGoodPhones();
}, 180_000);
afterAll(async () => {
  for (const stop of started.reverse()) await stop();
});

async function lookAtGoodPhones(): Promise<void> {
  const ready = await untilDevices(up, (all) => goodOnes(all).filter(({ state }) => state === "ready").length === GOOD, 60_000);
  await takeDevices(
    up,
    goodOnes(ready).map(({ id }) => id),
  );
  viewer = await LiveViewer.open(up);
  started.push(() => viewer.close());
  viewer.say({ type: "devices" });
  for (const { slot, id } of goodOnes(ready)) {
    await phones.post(slot ?? 0, "foreground", { package: "dev.phonerack.blocks" });
    viewer.watch(slot ?? 0, id);
  }
  await expectPictures();
  const tapping = viewer.keepTapping(goodOnes(ready).map(({ id }) => id));
  taps = tapping.outcomes;
  started.push(() => tapping.stop());
}

test("each says in words what is wrong with it, the good ones stay in view and in hand, and memory is bounded", async () => {
  const before = await residentMiB(up.pid);
  let most = before;
  const missing = new Set(NAMES);
  const unseen = new Set(LOOKED_AT);
  for (const listener of listeners) listener.release();
  const deadline = Date.now() + IN_WORDS_MS;
  let devices = await devicesOf(up);
  for (; missing.size > 0 && Date.now() < deadline; await sleep(200)) {
    devices = await devicesOf(up);
    for (const name of unseen) if (lookAt(devices, slotOf(name))) unseen.delete(name);
    for (const name of missing) if (saysOf(name).test(wordsOf(devices, slotOf(name)))) missing.delete(name);
    most = Math.max(most, await residentMiB(up.pid));
  }
  expect([...missing].map((name) => `${name}: ${wordsOf(devices, slotOf(name))}`)).toEqual([]);
  await expectPictures();
  for (let second = 0; second < 5; second++, await sleep(1_000)) most = Math.max(most, await residentMiB(up.pid));
  expect(goodOnes(devices).map(({ state }) => state)).toEqual(["ready", "ready"]);
  for (const { id } of goodOnes(devices)) expect(new Set(viewer.statesOf(id))).toEqual(new Set(["ready"]));
  expect(taps.length).toBeGreaterThan(20);
  expect(new Set(taps)).toEqual(new Set(["delivered"]));
  expect(most - before).toBeLessThan(64);
}, 90_000);

test("an attacker that comes back at once is asked ever more seldom", () => {
  const flapping = listeners[NAMES.indexOf("flapping every 100 ms")]?.connections() ?? 0;
  expect(flapping).toBeGreaterThan(1);
  expect(flapping).toBeLessThan(20);
});

function goodOnes(devices: readonly DeviceView[]): DeviceView[] {
  return devices.filter(({ slot }) => slot !== null && slot <= GOOD);
}

async function expectPictures(): Promise<void> {
  for (let slot = 1; slot <= GOOD; slot++) await viewer.moreFrames(slot);
}

/** Watches tile and picture of the phone in this slot, once it is ready. @returns whether it is. */
function lookAt(devices: readonly DeviceView[], slot: number): boolean {
  const device = devices.find((candidate) => candidate.slot === slot);
  if (device?.state !== "ready") return false;
  viewer.watch(1_000 + slot, device.id, "tile");
  viewer.watch(slot, device.id, "full");
  return true;
}

function saysOf(name: string): RegExp {
  return IMPOSTORS[name]?.[0] ?? LIARS[name]?.[0] ?? FAULTS[name] ?? /^$/;
}

function wordsOf(devices: readonly DeviceView[], slot: number): string {
  const device = devices.find((candidate) => candidate.slot === slot);
  if (!device) return "no device";
  const failed = device.steps.flatMap(({ state, reason }) => (state === "failed" ? [reason ?? ""] : []));
  return [device.state, device.reason ?? "", ...failed, ...device.notices.map(({ message }) => message)].join(" ");
}

/** Sends once and then only reads. */
function say(socket: Socket, bytes: Buffer | string): void {
  socket.resume().write(bytes);
}
