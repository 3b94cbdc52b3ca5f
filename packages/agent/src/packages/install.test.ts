/** Apps put on real virtual phones by an agent, as jobs have it done. */
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type ApkPlan, buildApk, selfSigned } from "@phonerack/apk";
import {
  AskOrder,
  AskReply,
  type DeviceAction,
  decodeMessage,
  encodeMessage,
  GroundsOrder,
  subjects,
} from "@phonerack/contract/bus";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AGENT, at, closeLabs, type Lab, openLab } from "../../test/agent-lab.js";
import { type Brought, bring } from "../../test/blob-lab.js";
import { TaskLab } from "../../test/task-lab.js";

const MIB = 1024 * 1024;
const key = generateKeyPairSync("rsa", { modulusLength: 2048 });
const foreign = generateKeyPairSync("ec", { namedCurve: "P-256" });
const NAME = "com.example.demo";
const plan: ApkPlan = {
  package: NAME,
  versionCode: 7,
  versionName: "1.2",
  label: "Demo",
  permissions: ["android.permission.CAMERA", "android.permission.INTERNET"],
};

let lab: Lab;
let tasks: TaskLab;
let id: string;
beforeAll(async () => {
  lab = await openLab({ capacity: 40 * MIB });
  tasks = new TaskLab(lab);
  id = (await lab.leased()).id;
});
afterAll(closeLabs);

const apk = (change: Partial<ApkPlan> = {}, by: Parameters<typeof buildApk>[1] = key) => buildApk({ ...plan, ...change }, by);
const installOf = (files: readonly Brought[], change: Partial<Extract<DeviceAction, { type: "install" }>> = {}) =>
  ({
    type: "install",
    package: NAME,
    files: files.map(({ name, sha256, size }) => ({ name, sha256, size })),
    grant: false,
    downgrade: false,
    ...change,
  }) as const;
/** On a phone that this person freely tries apps on. */
const BY_HAND = { trial: true, agreed: true } as const;
const done = (device: string, action: DeviceAction, change: Parameters<TaskLab["do"]>[2] = {}) =>
  tasks.do(device, action, { ...BY_HAND, ...change });
const put = async (bytes: Buffer, change: Partial<Extract<DeviceAction, { type: "install" }>> = {}) =>
  done(id, installOf([await bring(lab, bytes)], change));
const onPhone = async () => (await lab.phone().run(`pm list packages -3 --show-versioncode ${NAME}`)).stdout.trim();
const ask = async (question: AskOrder["question"]) => {
  const order = { epoch: lab.epochOf(id), notAfter: Date.now() + 2_000, question };
  return decodeMessage(
    AskReply,
    await lab.bus.request(subjects.ask(at(id)), encodeMessage(AskOrder, order), { timeoutMs: 15_000 }),
  );
};
/** What is stored on the phone beside what came with it. */
const used = () => lab.phone().files.storage.used;

describe("an installation", () => {
  test("is streamed, granted, seen on the phone, described, launched, stopped, cleared and taken away", async () => {
    const before = used();
    expect(await put(apk(), { grant: true })).toMatchObject({
      state: "done",
      progress: 1,
      result: { versionName: "1.2", versionCode: 7 },
    });
    expect(await onPhone()).toBe(`package:${NAME} versionCode:7`);
    const listed = await ask({ type: "packages" });
    const one = listed.type === "packages" ? listed.packages.find((app) => app.package === NAME) : undefined;
    expect(one).toMatchObject({
      versionName: "1.2",
      versionCode: 7,
      system: false,
      enabled: true,
      fenced: false,
      standing: "other",
    });
    expect(await ask({ type: "package", package: NAME })).toMatchObject({
      package: {
        versionCode: 7,
        minSdk: 21,
        targetSdk: 33,
        debuggable: false,
        splits: [],
        signer: expect.stringMatching(/^[0-9a-f]{64}$/),
        launcher: `${NAME}/.MainActivity`,
        permissions: [{ name: "android.permission.CAMERA", granted: true }],
      },
    });
    const revoke = { type: "permission", package: NAME, permission: "android.permission.CAMERA", granted: false } as const;
    expect(await done(id, revoke)).toMatchObject({ state: "done" });
    expect(await ask({ type: "package", package: NAME })).toMatchObject({
      package: { permissions: [{ name: "android.permission.CAMERA", granted: false }] },
    });
    expect(await done(id, { type: "launch", package: NAME })).toMatchObject({ state: "done", result: {} });
    expect(lab.report()?.foreground?.package).toBe(NAME);
    expect(await done(id, { type: "stop", package: NAME })).toMatchObject({ state: "done", result: {} });
    expect(await done(id, { type: "clear", package: NAME })).toMatchObject({ state: "done" });
    expect(await done(id, { type: "uninstall", package: NAME, keepData: false })).toMatchObject({ state: "done", result: {} });
    expect([await onPhone(), used()]).toEqual(["", before]);
    expect(await done(id, { type: "launch", package: NAME })).toMatchObject({ error: { code: "package_not_found" } });
    await expect(ask({ type: "package", package: NAME })).rejects.toMatchObject({ code: "package_not_found" });
  });

  test("of splits is one session, all or nothing", async () => {
    const before = used();
    const base = await bring(lab, apk());
    const split = await bring(lab, apk({ split: "config.fr", activities: [] }), "config.fr.apk");
    const other = await bring(lab, apk({ split: "config.de", activities: [], versionCode: 8 }), "config.de.apk");
    expect(await done(id, installOf([base, split]))).toMatchObject({ state: "done", result: { versionCode: 7 } });
    expect(await ask({ type: "package", package: NAME })).toMatchObject({ package: { splits: ["config.fr"] } });
    expect(await done(id, installOf([base, other]))).toMatchObject({
      state: "failed",
      error: { code: "install_refused", detail: expect.stringContaining("do not belong together") },
    });
    await done(id, { type: "uninstall", package: NAME, keepData: false });
    expect(used()).toBe(before);
  });

  test.each([
    ["another signer", apk({ versionCode: 9 }, foreign), /signed by another key.*UPDATE_INCOMPATIBLE/],
    ["an older version", apk({ versionCode: 3 }), /a newer version is on the device.*VERSION_DOWNGRADE/],
    ["a newer Android", apk({ minSdk: 99 }), /needs a newer Android.*OLDER_SDK/],
    ["tests only", apk({ testOnly: true }), /for tests only.*TEST_ONLY/],
    ["another processor", apk({ files: { "lib/x86_64/libdemo.so": Buffer.from("elf") } }), /processor.*NO_MATCHING_ABIS/],
  ])("for %s is refused in plain words, and what was there stays", async (_, bytes, words) => {
    if ((await onPhone()) === "") await put(apk());
    const before = used();
    expect(await put(bytes)).toMatchObject({
      state: "failed",
      error: { code: "install_refused", detail: expect.stringMatching(words) },
    });
    expect([await onPhone(), used()]).toEqual([`package:${NAME} versionCode:7`, before]);
  });

  test("over a newer version is done when that is asked for", async () => {
    expect(await put(apk({ versionCode: 3 }), { downgrade: true })).toMatchObject({ state: "done", result: { versionCode: 3 } });
    await done(id, { type: "uninstall", package: NAME, keepData: false });
  });

  test("of what is no app's own file, or another app's, does not reach the phone", async () => {
    const file = await bring(lab, randomBytes(1_000));
    expect(await done(id, installOf([file]))).toMatchObject({ error: { code: "apk_invalid" } });
    const stranger = await bring(lab, apk({ package: "com.example.stranger" }));
    expect(await done(id, installOf([stranger]))).toMatchObject({ error: { code: "apk_invalid" } });
    const absent = { name: "x", sha256: "0".repeat(64), size: 1 };
    expect(await done(id, installOf([absent]))).toMatchObject({ error: { code: "blob_not_found" } });
    expect(await onPhone()).toBe("");
  });

  test("by a script asks for ownership, by the file's own signer", async () => {
    const files = [await bring(lab, apk())];
    const denied = await done(id, installOf(files), { mode: "script", trial: false });
    expect(denied).toMatchObject({ state: "failed", error: { code: "denied", detail: expect.stringContaining("not yours") } });
    const hand = await done(id, installOf(files), { trial: false });
    expect(hand).toMatchObject({ state: "failed", error: { code: "denied" } });
    expect(await onPhone()).toBe("");
  });
});

describe("nothing is left", () => {
  const big = (change: Partial<ApkPlan> = {}) => apk({ files: { "assets/payload": randomBytes(14 * MIB) }, ...change });
  /** Bytes have come to the phone, and not all: looked at in each turn of the event loop, since all have come some milliseconds later. */
  const underWay = async (before: number) => {
    while (used() === before) await new Promise(setImmediate);
  };

  test("on a phone that is full", async () => {
    const before = used();
    const bytes = apk({ files: { "assets/payload": randomBytes(44 * MIB) } });
    expect(await put(bytes)).toMatchObject({ state: "failed", error: { code: "device_full" } });
    expect([await onPhone(), used()]).toEqual(["", before]);
  });

  test("of splits when the lease ends in the middle", async () => {
    const before = used();
    const files = [await bring(lab, big()), await bring(lab, big({ split: "config.fr", activities: [] }), "fr.apk")];
    tasks.news.length = 0;
    const task = await tasks.begin(id, installOf(files), BY_HAND);
    await underWay(before);
    await lab.lease(id);
    expect(await tasks.ended(task)).toMatchObject({ state: "failed", error: { code: "epoch_stale" } });
    await expect.poll(used, { timeout: 5_000 }).toBe(before);
    expect(await onPhone()).toBe("");
    expect((await lab.phone().run("pm install-create")).stdout).toContain("Success");
  });

  test("of splits when the phone vanishes in the middle, nor of one file", async () => {
    const before = used();
    const split = await bring(lab, big({ split: "config.fr", activities: [] }), "fr.apk");
    for (const files of [[await bring(lab, big()), split], [await bring(lab, big({ versionCode: 8 }))]]) {
      await lab.leased();
      tasks.news.length = 0;
      const task = await tasks.begin(id, installOf(files), BY_HAND);
      await underWay(before);
      lab.phone().setFault("refuse", true);
      expect(await tasks.ended(task)).toMatchObject({ state: "failed", error: { code: "device_not_ready" } });
      await expect.poll(used, { timeout: 5_000 }).toBe(before);
      lab.phone().setFault("refuse", false);
    }
    await lab.state("ready");
    expect(await onPhone()).toBe("");
    expect(await readdir(join(lab.options.dataDir, "blobs", "incoming"))).toEqual([]);
  });
});

test("of an app that acts in others is refused, in its base and in its splits, unless an operator has approved it", async () => {
  const own = await openLab();
  const mine = new TaskLab(own);
  const device = (await own.leased()).id;
  await own.lease(device, { tenant: "t-reach" });
  const install = (files: readonly Brought[]) => mine.do(device, installOf(files), BY_HAND);
  const robot = {
    parts: [{ kind: "service" as const, name: ".Eye", permission: "android.permission.BIND_ACCESSIBILITY_SERVICE" }],
  };
  const refused = { state: "failed", error: { code: "app_reaches", detail: expect.stringContaining("accessibility service") } };
  expect(await install([await bring(own, apk(robot))])).toMatchObject(refused);
  const files = [await bring(own, apk()), await bring(own, apk({ split: "robot", activities: [], ...robot }), "robot.apk")];
  expect(await install(files)).toMatchObject(refused);
  expect((await own.phone().run(`pm list packages -3 ${NAME}`)).stdout).toBe("");
  const signing = { ...key, certificate: selfSigned(key) };
  const signer = createHash("sha256").update(signing.certificate).digest("hex");
  let version = 0;
  const tell = (approval: object, others: readonly object[] = []) => {
    const owned = [{ id: "a-demo", package: NAME, signer, ...approval }, ...others];
    const grounds = [{ tenant: "t-reach", version: ++version, owned, permits: [] }];
    const order = GroundsOrder.parse({ grounds });
    return own.bus.request(subjects.grounds(AGENT), encodeMessage(GroundsOrder, order), { timeoutMs: 5_000 });
  };
  await tell({});
  expect(await install([await bring(own, apk(robot, signing))])).toMatchObject(refused);
  await tell({ approved: ["keyboard"] });
  expect(await install([await bring(own, apk(robot, signing))])).toMatchObject(refused);
  await tell({ approved: ["keyboard", "accessibility"] });
  expect(await install([await bring(own, apk(robot, signing))])).toMatchObject({ state: "done" });

  // A test of another app: of one that is as much theirs, or of the one that was approved.
  const testOf = async (target: string) => install([await bring(own, apk({ instruments: [target], versionCode: 20 }, signing))]);
  const strange = { state: "failed", error: { code: "app_reaches", detail: expect.stringContaining("com.example.shop") } };
  await tell({ approved: ["foreign-instrumentation com.example.bank"] });
  expect(await testOf("com.example.shop")).toMatchObject(strange);
  expect(await testOf("com.example.bank")).toMatchObject({ state: "done" });
  const shop = { id: "a-shop", package: "com.example.shop" };
  await tell({}, [{ ...shop, signer: signer.replace(/^./, (first) => (first === "0" ? "1" : "0")) }]);
  expect(await testOf("com.example.shop")).toMatchObject(strange);
  await tell({}, [{ ...shop, signer }]);
  expect(await testOf("com.example.shop")).toMatchObject({ state: "done" });
});
