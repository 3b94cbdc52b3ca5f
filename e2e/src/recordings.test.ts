/**
 * Recordings of phones as they are used: a game that moves and plays, turned in the middle; the last seconds of what was watched by nobody; a control that is killed. What
 * comes of it is read by ffprobe and played by Chromium.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AdbCli, startAdbCli } from "./adb-cli.js";
import { newPage, startChromium } from "./chromium.js";
import { dataFolder, run, startUp, takeDevices, type Up, untilDevices } from "./phonerack.js";

interface Artifact {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly size: number;
  readonly ms: number;
}

interface Recording {
  readonly running: { readonly artifact: string; readonly bytes: number; readonly sound: boolean } | null;
  readonly keeping: { readonly seconds: number; readonly haveMs: number } | null;
}

let data: string;
let folder: string;
let up: Up;
let adb: AdbCli;
let browser: Browser;
/** With sound. */
let phone: { id: string; serial: string };
let lease: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-e2e-films-"));
  data = await dataFolder();
  [up, adb, browser] = await Promise.all([startUp({ virtual: 3, data }), startAdbCli(), startChromium()]);
  phone = await readyPhone();
  lease = await takeDevices(up, [phone.id]);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await Promise.all([up?.stop(), adb?.stop()]);
  for (const path of [data, folder]) await rm(path, { recursive: true, force: true });
});

async function readyPhone(): Promise<{ id: string; serial: string }> {
  const devices = await untilDevices(up, (all) => all.length === 3 && all.every(({ state }) => state === "ready"), 60_000);
  const device = devices.find((one) => (one as unknown as { audio: boolean }).audio);
  if (!device) throw new Error("no phone with sound");
  const serial = device.address.replace(/^tcp:/, "");
  await adb.run(["connect", serial]);
  return { id: device.id, serial };
}

async function ask<T>(path: string, method = "GET", body?: unknown): Promise<T> {
  const response = await fetch(`${up.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${up.token}`, ...(body ? { "content-type": "application/json" } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer = (await response.json()) as T;
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

const shell = (command: string) => adb.run(["-s", phone.serial, "shell", command]);
const artifacts = async () => (await ask<{ items: Artifact[] }>(`/artifacts?device=${phone.id}&kind=recording`)).items;

interface Probed {
  readonly streams: readonly {
    readonly codec_name: string;
    readonly width?: number;
    readonly height?: number;
    readonly nb_read_frames: string;
    readonly start_time: string;
  }[];
  readonly format: { readonly duration: string };
}

/** What ffprobe finds when it decodes the whole of it, and what it says against it. */
async function probe(id: string): Promise<Probed & { complaints: string }> {
  const path = join(folder, `${id}.mp4`);
  const response = await fetch(`${up.url}/api/v1/artifacts/${id}/content`, {
    headers: { authorization: `Bearer ${up.token}` },
  });
  expect(response.headers.get("content-type")).toBe("video/mp4");
  await writeFile(path, Buffer.from(await response.arrayBuffer()));
  const words = ["-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", path];
  const { stdout, stderr } = await promisify(execFile)("ffprobe", words);
  return { ...(JSON.parse(stdout) as Probed), complaints: stderr };
}

const pictureOf = ({ streams }: Probed) => streams.find(({ codec_name }) => codec_name === "h264");
const soundOf = ({ streams }: Probed) => streams.find(({ codec_name }) => codec_name === "opus");

/** Plays it from the middle on, as the console does. */
async function plays(id: string): Promise<{ duration: number; width: number; from: number; to: number }> {
  const { link } = await ask<{ link: string }>("/session/link", "POST");
  const { page } = await newPage(browser, link);
  try {
    return await page.evaluate(async (source) => {
      const video = document.createElement("video");
      video.muted = true;
      video.src = source;
      document.body.append(video);
      const heard = (name: string) =>
        new Promise((resolve, reject) => {
          video.addEventListener(name, resolve, { once: true });
          video.addEventListener("error", () => reject(new Error(video.error?.message)), { once: true });
        });
      await heard("loadedmetadata");
      video.currentTime = 0.5;
      await heard("seeked");
      const from = video.currentTime;
      await video.play();
      while (video.currentTime < from + 0.3) await heard("timeupdate");
      return { duration: video.duration, width: video.videoWidth, from, to: video.currentTime };
    }, `/api/v1/artifacts/${id}/content`);
  } finally {
    await page.context().close();
  }
}

describe("a recording", () => {
  test("is a film of what was to be seen and heard; a new one when the phone turns", async () => {
    await shell("am start -n dev.phonerack.blocks/.GameActivity");
    const begun = await ask<Recording>(`/devices/${phone.id}/recording`, "PUT", { record: true });
    expect(begun.running).toMatchObject({ sound: true });
    await expect(ask(`/devices/${phone.id}/recording`, "PUT", { record: true })).rejects.toThrow("recording_running");
    expect(await ask(`/devices/${phone.id}`)).toMatchObject({ recording: true, watchers: 0 });
    await sleep(3_000);
    // The game stays upright.
    await shell("input keyevent HOME; wm user-rotation lock 1");
    await sleep(1_500);
    const last = await ask<Artifact>(`/devices/${phone.id}/recording`, "DELETE");
    await shell("wm user-rotation lock 0");
    const [second, first] = await artifacts();
    expect(second).toEqual(last);
    expect(last.name).toMatch(/ \(2\)\.mp4$/);
    expect(await ask(`/devices/${phone.id}`)).toMatchObject({ recording: false });
    const upright = await probe(first?.id ?? "");
    expect(upright.complaints).toBe("");
    expect(pictureOf(upright)?.height).toBeGreaterThan(pictureOf(upright)?.width ?? 0);
    // The game makes some twenty frames a second.
    expect(Number(pictureOf(upright)?.nb_read_frames)).toBeGreaterThan(25);
    expect(Number(soundOf(upright)?.nb_read_frames)).toBeGreaterThan(50);
    expect(Number(upright.format.duration)).toBeGreaterThan(2.5);
    expect(Number(upright.format.duration)).toBeLessThan(6);
    expect(Math.abs(Number(upright.format.duration) * 1_000 - (first?.ms ?? 0))).toBeLessThan(150);
    const turned = await probe(last.id);
    expect(turned.complaints).toBe("");
    expect(pictureOf(turned)?.width).toBeGreaterThan(pictureOf(turned)?.height ?? 0);
    const seen = await plays(first?.id ?? "");
    expect(seen.width).toBe(pictureOf(upright)?.width);
    expect(seen.to).toBeGreaterThan(seen.from);
  });

  test("of a still screen lasts as long as it was recorded", async () => {
    await shell("input keyevent HOME");
    await ask(`/devices/${phone.id}/recording`, "PUT", { record: true, sound: false });
    await sleep(2_500);
    const { id, ms } = await ask<Artifact>(`/devices/${phone.id}/recording`, "DELETE");
    expect(ms).toBeGreaterThan(2_000);
    const still = await probe(id);
    expect(soundOf(still)).toBeUndefined();
    expect(Math.abs(Number(still.format.duration) * 1_000 - ms)).toBeLessThan(100);
  });

  test("can be of what has been already, where it was kept", async () => {
    await expect(ask(`/devices/${phone.id}/recording`, "DELETE")).rejects.toThrow("recording_not_running");
    await ask(`/devices/${phone.id}/recording`, "PUT", { keepSeconds: 2 });
    await shell("am start -n dev.phonerack.blocks/.GameActivity");
    await sleep(4_500);
    const { keeping } = await ask<Recording>(`/devices/${phone.id}/recording`);
    // Also to those who only see it.
    expect(await ask(`/devices/${phone.id}`)).toMatchObject({ recording: false, keeping: true });
    expect(keeping?.seconds).toBe(2);
    const { id, ms } = await ask<Artifact>(`/devices/${phone.id}/recording/last`, "POST", { seconds: 2 });
    expect(ms).toBeGreaterThan(1_700);
    expect(ms).toBeLessThan(2_300);
    const last = await probe(id);
    expect(last.complaints).toBe("");
    expect(Number(pictureOf(last)?.nb_read_frames)).toBeGreaterThan(20);
    // As when an app crashes on all phones of a group: more than are saved at a time.
    const save = () => ask<Artifact>(`/devices/${phone.id}/recording/last`, "POST", { seconds: 1 });
    expect(new Set((await Promise.all(Array.from({ length: 9 }, save))).map((one) => one.id)).size).toBe(9);
    await ask(`/devices/${phone.id}/recording`, "PUT", { keepSeconds: 0 });
    expect((await ask<Recording>(`/devices/${phone.id}/recording`)).keeping).toBeNull();
    expect(await ask(`/devices/${phone.id}`)).toMatchObject({ keeping: false });
  });

  test("is begun and ended beside the phone, and plays among its records", async () => {
    const { link } = await ask<{ link: string }>("/session/link", "POST");
    const { page, problems } = await newPage(browser, link);
    await page.goto(`${up.url}/devices/${phone.id}?side=records`);
    await page.getByRole("button", { name: "Record", exact: true }).click();
    const stop = page.getByRole("button", { name: "Stop the recording" });
    await stop.waitFor();
    await page.getByText("Recording now").waitFor();
    await sleep(2_000);
    await stop.click();
    await page.getByRole("button", { name: "Record", exact: true }).waitFor();
    const [film] = await artifacts();
    await page.getByRole("button", { name: `Show ${film?.name}` }).click();
    const video = page.locator("video");
    await video.waitFor();
    await expect.poll(() => video.evaluate((one: HTMLVideoElement) => one.duration)).toBeGreaterThan(1.5);
    await video.evaluate(async (one: HTMLVideoElement) => {
      one.muted = true;
      await one.play();
    });
    await expect.poll(() => video.evaluate((one: HTMLVideoElement) => one.currentTime)).toBeGreaterThan(0.2);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test("of many is a job, and so is its end; each film is one of its phone's artifacts", async () => {
    const record = async (...words: string[]) => {
      const { code, stdout } = await run("record", ...words, "--all", "--agree", "--json", "--data", data);
      return { code, ...(JSON.parse(stdout) as { job: { counts: object }; outcomes: { result?: { note?: string } }[] }) };
    };
    const second = (await untilDevices(up, (all) => all.length === 3)).find(({ id }) => id !== phone.id);
    const both = await takeDevices(up, [second?.id ?? ""]);
    const done = { code: 0, job: { counts: { done: 2 } } };
    expect(await record("start")).toMatchObject(done);
    expect(await record("start")).toMatchObject({ ...done, outcomes: [{ result: { note: "it was being recorded already" } }] });
    await sleep(1_500);
    expect(await record("stop")).toMatchObject(done);
    expect(await record("stop")).toMatchObject({ ...done, outcomes: [{ result: { note: "it was not being recorded" } }] });
    const { items } = await ask<{ items: Artifact[] }>(`/artifacts?device=${second?.id}&kind=recording`);
    expect(items).toMatchObject([{ state: "kept" }]);
    await ask(`/leases/${both}/release`, "POST", {});
  }, 30_000);

  test("ends with its lease", async () => {
    await ask(`/devices/${phone.id}/recording`, "PUT", { record: true });
    await sleep(1_500);
    const before = (await artifacts())[0];
    expect(before?.state).toBe("writing");
    await ask(`/leases/${lease}/release`, "POST", {});
    await expect.poll(async () => (await artifacts())[0]?.state).toBe("kept");
    expect((await artifacts())[0]?.id).toBe(before?.id);
    await untilDevices(up, (all) => all.every((device) => (device as unknown as { lease: string }).lease === "free"), 60_000);
    lease = await takeDevices(up, [phone.id]);
  });

  test("of a control that is killed is kept up to the last second or two", async () => {
    await shell("am start -n dev.phonerack.blocks/.GameActivity");
    const { running } = await ask<Recording>(`/devices/${phone.id}/recording`, "PUT", { record: true });
    // On a busy machine the phone's pictures come late.
    const bytes = async () => (await ask<Recording>(`/devices/${phone.id}/recording`)).running?.bytes;
    await expect.poll(bytes, { timeout: 15_000 }).toBeGreaterThan(0);
    await sleep(4_000);
    up.child.kill("SIGKILL");
    await up.exited;
    up = await startUp({ virtual: 3, data });
    await expect.poll(async () => (await artifacts())[0]?.state, { timeout: 15_000 }).toBe("cut");
    const [cut] = await artifacts();
    expect(cut?.id).toBe(running?.artifact);
    expect(cut?.ms).toBeGreaterThan(2_000);
    const film = await probe(cut?.id ?? "");
    expect(film.complaints).toBe("");
    expect(Number(pictureOf(film)?.nb_read_frames)).toBeGreaterThan(20);
    expect((await plays(cut?.id ?? "")).width).toBeGreaterThan(0);
  }, 60_000);
});
