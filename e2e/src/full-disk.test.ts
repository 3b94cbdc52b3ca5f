/**
 * Disks that are really full: the one that an agent writes its decisions to, the one where the log's tiles lie, and the one that films grow on. What cannot be written down
 * is not done; what was done stands in the log, also after a kill in the middle; and all goes on when there is room again.
 */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AdbCli, startAdbCli } from "./adb-cli.js";
import { type DeviceView, dataFolder, run, startUp, takeDevices, temporaryFolder, type Up, untilDevices } from "./phonerack.js";
import { type SmallDisk, smallDisk } from "./small-disk.js";

/** Sites that are made and taken away again: changes enough for a full bundle of entries. */
const SITES = 100;

let up: Up;
let adb: AdbCli;
let data: string;
let folder: string;
let device: DeviceView;
let decisions: SmallDisk;
let objects: SmallDisk;
let films: SmallDisk;
let tapped = 0;

beforeAll(async () => {
  adb = await startAdbCli();
  folder = await temporaryFolder();
  data = await dataFolder();
  decisions = await smallDisk(join(folder, "decisions"), 16 * 1024 * 1024);
  objects = await smallDisk(join(folder, "objects"), 1024 * 1024);
  films = await smallDisk(join(folder, "films"), 384 * 1024);
  await mkdir(join(data, "agent"), { recursive: true });
  await symlink(decisions.folder, join(data, "agent/decisions"));
  await symlink(objects.folder, join(data, "objects"));
  await symlink(films.folder, join(data, "recordings"));
  await start();
}, 120_000);
afterAll(async () => {
  await up.stop();
  await adb.stop();
  await decisions.stop();
  await objects.stop();
  await films.stop();
  for (const made of [data, folder]) await rm(made, { recursive: true });
});

async function start(): Promise<void> {
  up = await startUp({ virtual: 1, data });
  const [found] = await untilDevices(up, (all) => all.length === 1 && all.every(({ state }) => state === "ready"));
  device = found ?? expect.unreachable();
  await adb.run(["connect", serial()]);
}

const serial = () => device.address.replace(/^tcp:/, "");

async function ask(method: string, path: string, body?: unknown) {
  const response = await fetch(`${up.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${up.token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

/** @returns why it was not done; undefined: it was */
async function tap(): Promise<string | undefined> {
  const { body } = await ask("POST", `/devices/${device.id}/input`, { actions: [{ type: "tap", x: 200, y: 300 }] });
  const [{ outcome, error }] = body.results;
  if (outcome === "delivered") tapped++;
  return error?.code;
}

/** By the phone's own record. */
async function touches(): Promise<number> {
  const { stdout } = await adb.run(["-s", serial(), "shell", "dumpsys phonerack_input"]);
  return [...stdout.matchAll(/^package .*?"touches":(\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

const log = async () => (await ask("GET", "/log")).body;

test("what an agent cannot write down is denied, and what it did before is not lost", async () => {
  await objects.fill();
  for (const round of [1, 2, 3]) {
    const sites = Array.from({ length: SITES }, (_, at) => ({ name: `site-${round}-${at}` }));
    expect((await ask("PUT", "/lab", { lab: { version: 1, sites } })).status).toBe(200);
  }
  await takeDevices(up, [device.id]);
  for (let done = 0; done < 3; done++) expect(await tap()).toBeUndefined();
  await decisions.fill();
  await expect.poll(tap, { timeout: 5_000, interval: 20 }).toBe("unrecorded");
  const landed = await touches();
  expect(landed).toBe(tapped);
  for (let tried = 0; tried < 10; tried++) expect(await tap()).toBe("unrecorded");
  expect(await touches()).toBe(landed);
  await expect.poll(async () => (await log()).behind, { timeout: 5_000 }).toMatchObject([{ writes: false }]);
  // Nothing of what landed waits in memory: the second test finds it in the log.
  up.child.kill("SIGKILL");
  await up.exited;
  await decisions.free();
  await start();
  const before = tapped;
  await expect.poll(tap, { timeout: 5_000 }).toBeUndefined();
  // A phone that was begun anew counts from nothing.
  expect(await touches()).toBe(tapped - before);
  await expect.poll(async () => (await log()).behind, { timeout: 8_000 }).toEqual([]);
}, 90_000);

test("where tiles cannot be stored no checkpoint promises them; killed and begun again, all stands in the log", async () => {
  await expect.poll(async () => (await log()).size, { timeout: 10_000 }).toBeGreaterThan(300);
  await expect.poll(() => up.stderr(), { timeout: 15_000 }).toContain("the log has no new checkpoint");
  const { size, checkpoint } = await log();
  expect(checkpoint?.size ?? 0).toBeLessThan(256);
  up.child.kill("SIGKILL");
  await up.exited;
  await start();
  expect(await log()).toMatchObject({ appends: true, reason: null });
  expect((await log()).size).toBeGreaterThanOrEqual(size);
  const files = (await readdir(objects.folder, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  expect(files.map(({ name }) => name)).toEqual(["filler"]);
  await objects.free();
  await expect.poll(async () => (await log()).checkpoint?.size ?? 0, { timeout: 15_000 }).toBeGreaterThanOrEqual(size);
  const taken = join(folder, "taken");
  /** Taps by hand, in the bulks that leaves commit to. */
  const logged = async () => {
    await rm(taken, { recursive: true, force: true });
    expect((await run("audit", "export", taken, "--bulks", "--data", data)).code).toBe(0);
    const names = await readdir(join(taken, "bulks")).catch(() => []);
    const bulks = await Promise.all(names.map((name) => readFile(join(taken, "bulks", name), "utf8")));
    return bulks.flatMap((text) => (JSON.parse(text) as { bulk: string }).bulk.match(/"action":"tap"/g) ?? []).length;
  };
  await expect.poll(logged, { timeout: 30_000, interval: 1_000 }).toBe(tapped);
  const { code, stdout } = await run("audit", "verify", taken, "--replay", "--json");
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, findings: [], unreplayable: 0 });
}, 90_000);

test("a recording that fills the disk ends in words; what came until then plays, and the next one begins", async () => {
  const recording = `/devices/${device.id}/recording`;
  const newest = async () => (await ask("GET", `/artifacts?device=${device.id}&kind=recording`)).body.items[0];
  await adb.run(["-s", serial(), "shell", "am start -n dev.phonerack.blocks/.GameActivity"]);
  expect(await ask("PUT", recording, { record: true })).toMatchObject({ status: 200 });
  await expect
    .poll(async () => (await ask("GET", recording)).body, { timeout: 30_000 })
    .toMatchObject({ running: null, stopped: { why: expect.stringContaining("disk is full") } });
  await expect.poll(async () => (await newest()).state, { timeout: 5_000 }).toBe("cut");
  expect(await readdir(films.folder)).toEqual([]);
  const { id, ms } = await newest();
  expect(ms).toBeGreaterThan(500);
  const path = join(folder, "cut.mp4");
  const content = await fetch(`${up.url}/api/v1/artifacts/${id}/content`, { headers: { authorization: `Bearer ${up.token}` } });
  await writeFile(path, Buffer.from(await content.arrayBuffer()));
  const words = [
    "-v",
    "error",
    "-count_frames",
    "-select_streams",
    "v",
    "-show_entries",
    "stream=nb_read_frames",
    "-of",
    "csv=p=0",
    path,
  ];
  const { stdout, stderr } = await promisify(execFile)("ffprobe", words);
  expect(stderr).toBe("");
  expect(Number.parseInt(stdout, 10)).toBeGreaterThan(10);
  expect(await ask("PUT", recording, { record: true })).toMatchObject({ status: 200, body: { stopped: null } });
  await expect.poll(async () => (await ask("GET", recording)).body.running?.bytes, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(await ask("DELETE", recording)).toMatchObject({ status: 200, body: { state: "kept" } });
}, 90_000);
