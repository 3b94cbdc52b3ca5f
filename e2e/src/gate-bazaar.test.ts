/**
 * What the lawful half of this machine must not do, tried by every route on 20 phones: likes, comments and orders in somebody else's app. And its
 * twin: the same on one's own app works on all 20. Control, agent and phones are processes of `phonerack up`; what the phones say is asked by
 * the machine's own adb. The phones only feign to disable apps, so that Bazaar can be in front at all and the gate is all there is.
 */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type AdbCli, startAdbCli } from "./adb-cli.js";
import { type DeviceView, startUp, takeDevices, type Up, untilDevices } from "./phonerack.js";
import { dumpUi, type UiNode } from "./ui-dump.js";

const PHONES = 20;
const [BAZAAR, NOTES] = ["com.example.bazaar", "dev.phonerack.notes"];
const NOT_YOURS = /com\.example\.bazaar is not yours/;

interface StepRecord {
  readonly counts: Readonly<Record<string, number>>;
  readonly waiting: number;
  readonly answers: readonly {
    readonly outcome: string;
    readonly error?: { readonly detail?: string; readonly message: string };
  }[];
}

let up: Up;
let adb: AdbCli;
let devices: DeviceView[];
let lease: string;
let running: string | undefined;

beforeAll(async () => {
  adb = await startAdbCli();
  up = await startUp({ virtual: PHONES, words: ["--fault", "*:feigned-disabling"] });
  devices = await untilDevices(up, (all) => all.length === PHONES && all.every(({ state }) => state === "ready"), 120_000);
  await Promise.all(devices.map(({ address }) => adb.run(["connect", serialOf(address)])));
  lease = await takeDevices(
    up,
    devices.map(({ id }) => id),
  );
}, 240_000);

afterAll(async () => {
  await up?.stop();
  await adb?.stop();
});

afterEach(async () => {
  if (running !== undefined) await call("DELETE", `/groups/${running}`);
  running = undefined;
});

const serialOf = (address: string) => address.replace(/^tcp:/, "");

/** On every phone, by plain adb. */
async function everywhere(command: string): Promise<string[]> {
  const shells = devices.map(({ address }) => adb.run(["-s", serialOf(address), "shell", command]));
  return (await Promise.all(shells)).map(({ stdout }) => stdout);
}

async function call<T>(method: string, path: string, body?: unknown, token = up.token): Promise<T> {
  const response = await fetch(`${up.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as T;
  if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer;
}

/** A group of all phones, aimed by point, whose members are ready. */
async function startGroup(aim: "point" | "element" = "point"): Promise<string> {
  const ids = devices.map(({ id }) => id);
  const { id } = await call<{ id: string }>("POST", "/groups", { devices: ids, aim, stepsPerSecond: 30 });
  running = id;
  const settled = async () => {
    const { members } = await call<{ members: { state: string; fence: string }[] }>("GET", `/groups/${id}`);
    return members.filter(({ fence, state }) => /closed|leaky/.test(fence) && state !== "preparing").length;
  };
  await expect.poll(settled, { timeout: 60_000, interval: 200 }).toBe(PHONES);
  return id;
}

const wordsOf = ({ error }: StepRecord["answers"][number]) => `${error?.detail ?? error?.message}`;

const step = (group: string, wanted: unknown) =>
  call<StepRecord>("POST", `/groups/${group}/steps`, { step: wanted, wait: 20_000 });

/** Each phone denied it, or could not even try, and said why. */
function expectRefused(record: StepRecord, reason: RegExp): void {
  expect({ ...record.counts, words: record.answers.map(wordsOf) }).toMatchObject({ denied: PHONES });
  expect(record.answers).toHaveLength(PHONES);
  for (const answer of record.answers) expect(wordsOf(answer)).toMatch(reason);
}

async function node(id: string): Promise<UiNode["middle"]> {
  const found = (await dumpUi(adb, serialOf(devices[0]?.address ?? ""))).find((one) => one.id.endsWith(`:id/${id}`));
  if (!found) throw new Error(`nothing is called ${id}`);
  return found.middle;
}

/** A place on the leader's screen. */
async function placeOf(id: string): Promise<{ x: number; y: number; width: number; height: number }> {
  const { width = 0, height = 0 } = devices[0]?.screen ?? {};
  return { ...(await node(id)), width, height };
}

async function inFront(name: string): Promise<void> {
  const seen = async () => (await call<{ items: DeviceView[] }>("GET", "/devices?limit=100")).items;
  await expect
    .poll(async () => (await seen()).filter(({ foreground }) => foreground?.package === name).length, { timeout: 10_000 })
    .toBe(PHONES);
}

const counters = () => everywhere("dumpsys phonerack_bazaar");
const UNTOUCHED = Array.from({ length: PHONES }, () =>
  expect.stringContaining('{"likes":0,"comments":0,"follows":0,"orders":0}'),
);
/** Bazaar's line in each phone's own record of what reached it. */
const reached = async () => (await everywhere(`dumpsys phonerack_input | grep '^package.*${BAZAAR}'`)).join("");

test("no like, comment or order comes about by any route, and every attempt is denied with the reason", async () => {
  const group = await startGroup();
  expectRefused(await step(group, { type: "launch", package: BAZAAR }), NOT_YOURS);
  // What the fence has disabled opens no links.
  expectRefused(await step(group, { type: "link", url: "bazaar://product/3" }), /No app of your own opens this/);
  // Somebody at the phones, with adb, opens it; the group must still do nothing in it.
  await everywhere(`am start -n ${BAZAAR}/.MainActivity`);
  await inFront(BAZAAR);
  const like = await placeOf("like");
  for (const type of ["tap", "doubleTap", "longPress"]) expectRefused(await step(group, { type, at: like }), NOT_YOURS);
  await everywhere(`am start -a android.intent.action.VIEW -d bazaar://post/1`);
  await inFront(BAZAAR);
  const field = await placeOf("comment_input");
  for (const wanted of [
    { type: "tap", at: field },
    { type: "text", text: "so nice" },
    { type: "paste", text: "so nice" },
    { type: "key", key: "SPACE" },
    { type: "key", key: "ENTER" },
    { type: "swipe", from: like, to: field },
  ])
    expectRefused(await step(group, wanted), NOT_YOURS);
  await everywhere("am start -a android.intent.action.VIEW -d bazaar://product/3");
  await inFront(BAZAAR);
  expectRefused(await step(group, { type: "tap", at: await placeOf("buy") }), NOT_YOURS);
  expect(await counters()).toEqual(UNTOUCHED);
  expect(await reached()).toBe("");
}, 240_000);

const FLOWS = ['- tapOn:\n    id: "like"\n', '- inputText: "so nice"\n', "- pressKey: enter\n", `- launchApp: "${BAZAAR}"\n`];

test("a flow that is replayed does not get there", async () => {
  const group = await startGroup("element");
  await everywhere(`am start -n ${BAZAAR}/.MainActivity`);
  await inFront(BAZAAR);
  for (const commands of FLOWS) {
    await call("POST", `/groups/${group}/replay`, { yaml: `appId: "${BAZAAR}"\n---\n${commands}` });
    const now = () => call<{ mode: string; steps: StepRecord[] }>("GET", `/groups/${group}`);
    await expect.poll(async () => (await now()).mode, { timeout: 30_000 }).toBe("hand");
    const last = (await now()).steps.at(-1);
    if (!last) return expect.unreachable();
    expectRefused(last, NOT_YOURS);
  }
  expect(await counters()).toEqual(UNTOUCHED);
  expect(await reached()).toBe("");
}, 240_000);

test("the same on an app of one's own is done on all of them", async () => {
  const group = await startGroup();
  const all = (record: StepRecord) => (record.counts.applied ?? 0) + (record.counts.delivered ?? 0);
  expect(all(await step(group, { type: "launch", package: NOTES }))).toBe(PHONES);
  await inFront(NOTES);
  expect(all(await step(group, { type: "link", url: "notes://new" }))).toBe(PHONES);
  const edits = async () => (await everywhere("dumpsys window | grep mCurrentFocus")).filter((line) => line.includes("Edit"));
  await expect.poll(async () => (await edits()).length).toBe(PHONES);
  expect(all(await step(group, { type: "tap", at: await placeOf("body") }))).toBe(PHONES);
  expect(all(await step(group, { type: "text", text: "milk and bread" }))).toBe(PHONES);
  expect(all(await step(group, { type: "key", key: "SPACE" }))).toBe(PHONES);
  expect(all(await step(group, { type: "paste", text: "and salt" }))).toBe(PHONES);
  const texts = await everywhere(`dumpsys phonerack_input | grep '"kind":"text"'`);
  expect(texts.filter((lines) => lines.includes("milk and bread")).length).toBe(PHONES);
}, 120_000);

test("a program that drives each phone by itself does not get there either", async () => {
  const { key } = await call<{ key: string }>("POST", "/keys", { name: "bot", scopes: ["read", "drive"] });
  await call("POST", `/leases/${lease}/release`, {});
  await untilDevices(up, (all) => all.every((one) => "lease" in one && one.lease === "free"), 90_000);
  await takeDevices(
    { url: up.url, token: key },
    devices.map(({ id }) => id),
  );
  await everywhere(`am start -n ${BAZAAR}/.MainActivity`);
  await inFront(BAZAAR);
  const actions = [
    { type: "tap", x: 300, y: 700 },
    { type: "text", text: "so nice" },
  ];
  const sent = devices.map(({ id }) =>
    call<{ results: { outcome: string }[] }>("POST", `/devices/${id}/input`, { actions }, key),
  );
  for (const { results } of await Promise.all(sent)) expect(results.map(({ outcome }) => outcome)).toEqual(["denied", "denied"]);
  expect(await counters()).toEqual(UNTOUCHED);
  expect(await reached()).toBe("");
}, 240_000);
