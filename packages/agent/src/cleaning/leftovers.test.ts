/** What cannot be cleaned by a shell, what only looks like a leftover, and phones that hang, lie, flood or go away under the cloth. */
import { randomUUID } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { CleaningBench, detailOf, ID, results } from "../../test/cleaning-bench.js";
import { install } from "../../test/install.js";
import { openEventStream } from "../foreground/event-stream.js";
import { ControlSession } from "../input/control-session.js";
import { loadServerJar } from "../mirror/server-jar.js";

const benches: CleaningBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.stop();
});

/** A bench whose baseline is taken. */
async function open(options: Parameters<typeof CleaningBench.open>[0] = {}): Promise<CleaningBench> {
  const bench = await CleaningBench.open(options);
  benches.push(bench);
  await bench.cleaner.takeBaseline(ID);
  return bench;
}

test.each(["v1", "v2", "v3", "v6"])(
  "keeps back a %s with an account, a PIN or a device admin until they are removed by hand",
  async (model) => {
    const bench = await open({ models: [model] });
    await install(bench.virtual, { package: "com.example.boss" });
    await bench.byHand("accounts", { name: "ann@example.org", type: "com.example.mail" });
    await bench.byHand("pin", { pin: "4711" });
    await bench.byHand("admins", { component: "com.example.boss/.Admin" });
    const record = await bench.clean();
    expect(record.clean).toBe(false);
    expect(results(record)).toMatchObject({
      accounts: "failed",
      "screen-lock": "failed",
      "device-admin": "failed",
      packages: "failed",
      settings: "verified",
    });
    expect(detailOf(record, "accounts")).toContain("com.example.mail");
    // The record is kept for ever: whose account it was is nobody's business.
    expect(JSON.stringify(record)).not.toContain("ann@");
    for (const word of ["accounts", "screen-lock", "device-admin", "com.example.boss"]) expect(record.reason).toContain(word);
    await bench.byHand("accounts", { name: "ann@example.org", type: "com.example.mail", remove: true });
    await bench.byHand("pin", { pin: null });
    await bench.byHand("admins", { component: "com.example.boss/.Admin", remove: true });
    expect(await bench.clean()).toMatchObject({ clean: true, reason: null });
    expect(await bench.ask("pm list packages com.example.boss")).toBe("");
  },
  60_000,
);

test("removes a test-only admin and an app with its account, which go together", async () => {
  const bench = await open();
  await install(bench.virtual, { package: "com.example.boss", testOnly: true });
  await install(bench.virtual, { package: "com.example.mail" });
  await bench.ask("dpm set-active-admin com.example.boss/.Admin");
  await bench.byHand("accounts", { name: "ann@example.org", type: "com.example.mail", package: "com.example.mail" });
  const record = await bench.clean();
  expect(record).toMatchObject({ clean: true, reason: null });
  expect(detailOf(record, "device-admin")).toContain("removed com.example.boss/.Admin");
  expect(await bench.ask("dumpsys device_policy; dumpsys account")).not.toContain("com.example");
});

test("keeps what belongs there, and says what is not as it was", async () => {
  const bench = await CleaningBench.open();
  benches.push(bench);
  await install(bench.virtual, { package: "com.example.kept", versionCode: 1 });
  await install(bench.virtual, { package: "com.example.gone" });
  await bench.ask(
    "mkdir /sdcard/lab; echo one > /sdcard/lab/kept; echo two > /sdcard/lab/changed; echo three > /sdcard/lab/gone",
  );
  await bench.byHand("accounts", { name: "lab@example.org" });
  await bench.cleaner.takeBaseline(ID);
  expect(await bench.clean()).toMatchObject({ clean: true });
  await install(bench.virtual, { package: "com.example.kept", versionCode: 2 });
  await bench.ask(
    "pm uninstall com.example.gone; echo longer > /sdcard/lab/changed; rm /sdcard/lab/gone; echo x > /sdcard/lab/new",
  );
  const record = await bench.clean();
  expect(record.clean).toBe(false);
  expect(detailOf(record, "packages")).toMatch(/com.example.kept is version 2, not 1, com.example.gone is missing/);
  expect(detailOf(record, "files")).toContain("changed since the baseline: /sdcard/lab/changed; missing: /sdcard/lab/gone");
  expect(await bench.ask("ls /sdcard/lab")).toBe("changed\nkept\n");
  expect(results(record)).toMatchObject({ accounts: "verified" });
});

test("spares what the agent itself runs there, and mends its own file", async () => {
  const bench = await open();
  await bench.clean();
  const [link, jar] = [bench.link(), await loadServerJar()];
  if (!link) return expect.unreachable();
  const events = await openEventStream(link, () => undefined);
  const hands = await ControlSession.start(link, jar);
  await bench.ask(`nohup logcat >/dev/null 2>&1 & echo forged > ${jar.remotePath}`);
  const record = await bench.clean();
  expect(record).toMatchObject({ clean: true, reason: null });
  expect(detailOf(record, "processes")).toContain("logcat");
  const running = await bench.ask("ps -A -o ARGS");
  expect(running.match(/logcat -b events -v uid -T 1/g)?.length).toBeGreaterThan(0);
  expect(running).not.toMatch(/^logcat$/m);
  expect(hands.ended).toBe(false);
  expect(await bench.ask(`sha256sum ${jar.remotePath}`)).toContain(jar.sha256);
  hands.stop();
  events.stop();
});

/** Any text that can be a file's name, and what trips shells most. */
const names = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
  fc.constantFrom(
    "-rf",
    "--",
    " ",
    "\n",
    "a\nb",
    "'",
    '"',
    "$(id)",
    "`id`",
    "\\000",
    "%s",
    "*",
    "~",
    "…",
    "@0: 8180 1 1 /sdcard/DCIM\n",
    "\u202e",
  ),
);

test("removes files whatever their names are, and nothing else", async () => {
  const bench = await open();
  const { files } = bench.virtual;
  await bench.ask("echo kept > '/sdcard/Music/ kept'; ln -s /sdcard/Music /data/local/tmp/kept");
  await bench.cleaner.takeBaseline(ID);
  const before = await bench.ask("find /sdcard/ /data/local/tmp");
  const usable = (name: string) =>
    !/[/\0]/.test(name) && name !== "." && name !== ".." && !/\p{Surrogate}/u.test(name) && Buffer.byteLength(name) < 250;
  await fc.assert(
    fc.asyncProperty(fc.array(names.filter(usable), { minLength: 1, maxLength: 40 }), fc.boolean(), async (some, deep) => {
      for (const [index, name] of some.entries()) {
        const folder = index % 2 === 0 ? "/sdcard/Download" : "/data/local/tmp";
        const inside = deep ? `${folder}/${randomUUID()}` : folder;
        if (deep) files.mkdir(inside);
        if (files.exists(`${inside}/${name}`)) continue;
        if (index % 5 === 1) files.symlink("/sdcard/Music", `${inside}/${name}`);
        else if (index % 5 === 2) files.mkdir(`${inside}/${name}`);
        else await files.writeAll(`${inside}/${name}`, Buffer.from("x"));
      }
      expect(await bench.clean()).toMatchObject({ clean: true, reason: null });
      expect((await bench.ask("find /sdcard/ /data/local/tmp")).replace(/.*phonerack-scrcpy-.*\n/, "")).toBe(before);
    }),
    { numRuns: 8, examples: [[["x", "%s", "%%", "%d%n"], false]] },
  );
  expect(await bench.ask("cat '/sdcard/Music/ kept'")).toBe("kept\n");
}, 120_000);

test("goes on where it can when one question hangs, and does not take silence for cleanliness", async () => {
  const bench = await open();
  bench.disguise = (service) => service.replace("dumpsys account", "sleep 1000");
  await bench.ask("settings put global http_proxy 10.0.0.1:8080");
  const record = await bench.clean();
  expect(record.clean).toBe(false);
  expect(results(record)).toMatchObject({ accounts: "failed", settings: "verified", files: "verified", packages: "verified" });
  expect(detailOf(record, "accounts")).toContain("does not tell it now");
}, 60_000);

test("calls unverifiable what a phone never tells", async () => {
  const bench = await CleaningBench.open();
  benches.push(bench);
  bench.disguise = (service) =>
    service.replaceAll(
      /dumpsys (account|device_policy|activity recents|lock_settings|window policy)|locksettings \S+|app_process/g,
      "nonsense",
    );
  await bench.cleaner.takeBaseline(ID);
  const record = await bench.clean();
  expect(record).toMatchObject({ clean: true, reason: null });
  expect(results(record)).toMatchObject({
    accounts: "unverifiable",
    "device-admin": "unverifiable",
    "recent-tasks": "unverifiable",
    "screen-lock": "unverifiable",
    clipboard: "unverifiable",
    files: "verified",
  });
}, 60_000);

test("believes its own eyes, not a phone that says Success", async () => {
  const bench = await open();
  await install(bench.virtual, { package: "com.example.sticky" });
  bench.disguise = (service) =>
    service
      .replaceAll(/(cmd package|pm) uninstall/g, "echo Success")
      .replaceAll(/settings put/g, "true")
      .replaceAll("rm -rf", "true");
  await bench.ask("settings put global http_proxy 10.0.0.1:8080; echo x > /sdcard/sticky");
  const record = await bench.clean();
  expect(results(record)).toMatchObject({ packages: "failed", files: "failed", settings: "verified" });
  expect(record.reason).toContain("com.example.sticky is installed");
  expect(record.reason).toContain("/sdcard/sticky");
}, 60_000);

test("ends with the reason when the phone floods or falls silent", async () => {
  const bench = await open();
  bench.disguise = (service) => service.replace("dumpsys account", "yes");
  expect(await bench.clean()).toMatchObject({ clean: false, reason: expect.stringContaining("more than") });
  bench.disguise = (service) => service;
  bench.virtual.setFault("hang", true);
  expect(await bench.clean()).toMatchObject({ clean: false, reason: expect.stringContaining("no answer") });
}, 60_000);

test("goes on when the connection is lost on the way, and gives up at once when told to", async () => {
  const bench = await open();
  await bench.ask("settings put global http_proxy 10.0.0.1:8080; echo x > /sdcard/left");
  let drops = 0;
  const onProgress = (note: string) => {
    if (!/looking|putting/.test(note) || ++drops > 2) return;
    bench.virtual.setFault("drop", true);
    bench.virtual.setFault("drop", false);
  };
  expect(await bench.clean({ onProgress })).toMatchObject({ clean: true, reason: null });
  expect(drops).toBeGreaterThan(1);
  const control = new AbortController();
  const reason = new PhonerackError("epoch_stale");
  const giveUp = () => control.abort(reason);
  await expect(bench.clean({ signal: control.signal, onProgress: giveUp })).rejects.toBe(reason);
}, 60_000);

test("does not clean by a baseline that is none", async () => {
  const bench = await open();
  const folder = join(bench.dataDir, "baselines");
  expect(await readdir(folder)).toEqual([`${ID}.json`]);
  await writeFile(join(folder, `${ID}.json`), '{"version":1}');
  expect(await bench.clean()).toMatchObject({ clean: false, reason: expect.stringContaining("no baseline") });
});
