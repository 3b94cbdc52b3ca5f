/**
 * The lab's log, from a denied tap to whoever verifies it: real processes, a witness beside them, killed in the middle; and a log that was changed by hand.
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type DeviceView,
  firstLine,
  launch,
  type Running,
  run,
  startUp,
  takeDevices,
  temporaryFolder,
  type Up,
  untilDevices,
} from "./phonerack.js";

const PHONES = 3;
const BAZAAR = "com.example.bazaar";
const NOTES = "dev.phonerack.notes";

let up: Up;
let folder: string;
let devices: DeviceView[];
let witness: Running;
let witnessAt: { url: string; vkey: string };

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${up.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${up.token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as T;
  if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer;
}

interface Verified {
  readonly exit: number;
  readonly size: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly denials: number;
  readonly replayed: number;
  readonly unreplayable: number;
  readonly findings: readonly { weight: string; what: string; leaf: number | null }[];
  readonly witnesses: Readonly<Record<string, number | null>>;
}

async function verify(...words: string[]): Promise<Verified> {
  const { code, stdout, stderr } = await run("audit", "verify", ...words, "--json");
  expect(stderr).toBe("");
  const result = JSON.parse(stdout) as Verified;
  expect(code).toBe(result.exit);
  return result;
}

const here = () => ["--data", up.data];
/** By the second line of the checkpoint. */
const size = async () => Number((await (await fetch(`${up.url}/log/checkpoint`)).text()).split("\n")[1]);
const entries = async () => {
  const at = await size();
  const bytes = await (await fetch(`${up.url}/log/entries/000.p/${at}`)).arrayBuffer();
  return Buffer.from(bytes).toString("utf8");
};

beforeAll(async () => {
  folder = await temporaryFolder();
  up = await startUp({ virtual: PHONES });
  devices = await untilDevices(up, (all) => all.length === PHONES && all.every(({ state }) => state === "ready"));
  const { vkey } = await call<{ vkey: string }>("GET", "/log");
  witness = launch([
    "witness",
    "--data",
    join(folder, "witness"),
    "--log",
    vkey,
    "--name",
    "witness.example",
    "--port",
    "0",
    "--json",
  ]);
  witnessAt = JSON.parse(await firstLine(witness)) as typeof witnessAt;
  const policy = `log ${vkey}\nwitness w ${witnessAt.vkey}\nquorum w\n`;
  await writeFile(join(folder, "trust.txt"), policy);
});
afterAll(async () => {
  witness.child.kill("SIGTERM");
  await witness.exited;
  await up.stop();
  await rm(folder, { recursive: true });
});

test("holds what a group was denied and allowed, and is clean to whoever replays it", async () => {
  expect((await run("audit", "witnesses", `${witnessAt.url}=${witnessAt.vkey}`, ...here())).code).toBe(0);
  const lease = {
    id: await takeDevices(
      up,
      devices.map(({ id }) => id),
    ),
  };
  const group = await call<{ id: string }>("POST", "/groups", {
    devices: devices.map(({ id }) => id),
    aim: "point",
    stepsPerSecond: 30,
  });
  const members = async () => (await call<{ members: { fence: string; state: string }[] }>("GET", `/groups/${group.id}`)).members;
  await expect
    .poll(async () => (await members()).filter(({ fence, state }) => fence === "closed" && state !== "preparing").length, {
      timeout: 30_000,
    })
    .toBe(PHONES);
  const step = (wanted: unknown) => call("POST", `/groups/${group.id}/steps`, { step: wanted, wait: 10_000 });
  await step({ type: "launch", package: BAZAAR });
  await step({ type: "launch", package: NOTES });
  await step({ type: "text", text: "nobody's business" });
  await call("POST", `/devices/${devices[0]?.id}/input`, { actions: [{ type: "tap", x: 300, y: 700 }] }).catch(() => undefined);
  await call("DELETE", `/groups/${group.id}`);
  await call("POST", `/leases/${lease.id}/release`, {});
  await expect.poll(async () => (await entries()).match(/"rule":"many-target"/g)?.length, { timeout: 20_000 }).toBe(PHONES);
  // A lease's end is signed within a second, and the witness has seen it.
  await expect
    .poll(async () => (await verify(...here(), "--policy", join(folder, "trust.txt"))).exit, { timeout: 20_000 })
    .toBe(0);
  const result = await verify(...here(), "--replay", "--policy", join(folder, "trust.txt"));
  expect(result).toMatchObject({ exit: 0, findings: [], denials: PHONES, unreplayable: 0 });
  expect(result.replayed).toBeGreaterThan(PHONES * 2);
  expect(result.witnesses.w).toBeGreaterThan(1_700_000_000);
  const text = await entries();
  expect(text).not.toContain("nobody's business");
  expect(text).not.toMatch(/"actor":"(?!p-|"|phonerack|lab)[^"]*"/);
  expect(text).toContain('"kind":"change","op":"insert","row":{"actor":"p-');
  const receipts = join(folder, "receipts");
  expect((await run("audit", "receipts", lease.id, receipts, "--denials", ...here())).code).toBe(0);
  const files = await readdir(receipts);
  expect(files).toHaveLength(PHONES);
  const file = join(receipts, files[0] ?? "");
  expect(await run("audit", "receipt", file, "--policy", join(folder, "trust.txt"))).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(BAZAAR),
  });
  await writeFile(file, (await readFile(file, "utf8")).replace("index ", "index 1"));
  expect((await run("audit", "receipt", file, "--policy", join(folder, "trust.txt"))).code).toBe(2);
}, 120_000);

test("loses nothing and has nothing twice when everything is killed in the middle", async () => {
  const before = await size();
  const { kinds } = await verify(...here());
  await writeFile(join(folder, "last.checkpoint"), await (await fetch(`${up.url}/log/checkpoint`)).text());
  await takeDevices(up, [devices[0]?.id ?? ""]);
  const tap = () =>
    call("POST", `/devices/${devices[0]?.id}/input`, { actions: [{ type: "tap", x: 300, y: 700 }] }).catch(() => undefined);
  await Promise.all(Array.from({ length: 40 }, tap));
  up.child.kill("SIGKILL");
  await up.exited;
  up = await startUp({ virtual: PHONES, data: up.data });
  await expect.poll(size, { timeout: 30_000 }).toBeGreaterThan(before);
  // Hands become a leaf when their ten seconds are over.
  await expect.poll(async () => (await entries()).match(/"kind":"hands"/g)?.length ?? 0, { timeout: 40_000 }).toBeGreaterThan(0);
  const words = [...here(), "--replay", "--from", join(folder, "last.checkpoint"), "--policy", join(folder, "trust.txt")];
  let result = await verify(...words);
  const clean = async () => {
    result = await verify(...words);
    return result.exit;
  };
  await expect.poll(clean, { timeout: 30_000, interval: 1_000 }).toBe(0);
  expect(result).toMatchObject({ findings: [], unreplayable: 0 });
  expect(result.kinds.start).toBe((kinds.start ?? 0) + 1);
}, 120_000);

test("is found out when it is changed by hand, cut off, or signed anew", async () => {
  const copy = join(folder, "copy");
  expect((await run("audit", "export", copy, "--bulks", ...here())).code).toBe(0);
  const pinned = ["--policy", join(folder, "trust.txt"), "--from", join(folder, "last.checkpoint")];
  expect(await verify(copy, "--replay", ...pinned)).toMatchObject({ exit: 0, findings: [] });
  const bundle = join(copy, "tile/entries", (await readdir(join(copy, "tile/entries")))[0] ?? "");
  const path = bundle.endsWith(".p") ? join(bundle, (await readdir(bundle))[0] ?? "") : bundle;
  const whole = await readFile(path);
  await writeFile(path, Buffer.from(whole.toString("latin1").replace('"decision":"deny"', '"decision":"deni"'), "latin1"));
  expect((await verify(copy, ...pinned)).exit).toBe(2);
  await writeFile(path, whole.subarray(0, -3));
  expect((await verify(copy, ...pinned)).exit).toBe(2);
  await writeFile(path, whole);
  // Another lab's key under the same name.
  await mkdir(join(folder, "other"), { recursive: true });
  await writeFile(join(folder, "other.txt"), "log phonerack.local/00000000+00000000+AAAA\nquorum none\n");
  expect((await verify(copy, "--policy", join(folder, "other.txt"))).exit).toBe(3);
  await rm(join(copy, "checkpoint"));
  expect((await verify(copy, ...pinned)).exit).toBe(3);
  expect((await run("audit", "verify", join(folder, "nowhere"))).code).toBe(3);
}, 60_000);
