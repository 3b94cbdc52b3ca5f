/** An APK's way from a terminal onto many phones: into the lab once, to the host once, and what a job and the phones say of it. */
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { demoApk, newKey } from "../../packages/control/test/upload-apk.js";
import { run, startUp, takeDevices, type Up, untilDevices } from "./phonerack.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const NAME = "com.example.mine";
const key = newKey("mine");
let up: Up;
let names: string;
beforeAll(async () => {
  up = await startUp({ virtual: 3 });
  const devices = await untilDevices(up, (all) => all.length === 3 && all.every(({ state }) => state === "ready"));
  await takeDevices(
    up,
    devices.map(({ id }) => id),
  );
  names = devices.map(({ name }) => name).join(",");
});
afterAll(() => up?.stop());

const phonerack = (...words: string[]) => run(...words, "--data", up.data);

async function apkFile(name: string, plan: Parameters<typeof demoApk>[0]): Promise<string> {
  const path = join(up.data, name);
  await writeFile(path, demoApk({ package: NAME, versionCode: 4, ...plan }, key));
  return path;
}

test("an owned app is installed on all, with its splits, and files lie in the lab and on the host once", async () => {
  const [base, split] = [await apkFile("base.apk", {}), await apkFile("fr.apk", { split: "config.fr", activities: [] })];
  const strange = await phonerack("install", base, split, "--devices", names);
  expect([strange.code, strange.stdout]).toEqual([1, expect.stringContaining(`${NAME} is not yours`)]);
  const pem = join(up.data, "key.pem");
  await writeFile(pem, key.privateKey.export({ type: "pkcs8", format: "pem" }));
  expect((await phonerack("apps", "prove", base, "--key", pem)).code).toBe(0);
  const done = await phonerack("install", base, split, "--devices", names, "--json");
  const { job, outcomes } = JSON.parse(done.stdout);
  expect([done.code, job.state, job.counts.done]).toEqual([0, "ended", 3]);
  expect(outcomes).toMatchObject([{ state: "done", result: { versionCode: 4 } }]);
  const onHost = (await readdir(join(up.data, "agent", "blobs"))).filter((name) => name !== "incoming").sort();
  expect(onHost).toHaveLength(2);
  expect((await readdir(join(up.data, "objects", "blobs"))).sort()).toEqual(onHost);
  expect(await readdir(join(up.data, "agent", "blobs", "incoming"))).toEqual([]);
  const detail = JSON.parse((await phonerack("packages", names.split(",")[0] ?? "", NAME, "--json")).stdout);
  expect(detail).toMatchObject({ versionCode: 4, standing: "owned", splits: ["config.fr"] });
});

test("what Android refuses is said in words, and what is no APK at the door", async () => {
  const older = await phonerack("install", await apkFile("older.apk", { versionCode: 3 }), "--devices", names);
  expect([older.code, older.stdout]).toEqual([
    1,
    expect.stringMatching(/3 devices failed.*\n.*a newer version is on the device/),
  ]);
  const bundle = join(up.data, "app.aab");
  await writeFile(bundle, "PK");
  const refused = await phonerack("install", bundle, "--devices", names);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("bundletool build-apks")]);
  expect(await readdir(join(up.data, "incoming"))).toEqual([]);
});
