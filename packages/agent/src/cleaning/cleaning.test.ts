/** Cleaning, on real virtual phones through real links; what it says is checked by asking the phone another way. */
import { afterEach, expect, test } from "vitest";
import { CleaningBench, detailOf, ID, results } from "../../test/cleaning-bench.js";
import { install } from "../../test/install.js";

const benches: CleaningBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.stop();
});

async function open(options: Parameters<typeof CleaningBench.open>[0] = {}): Promise<CleaningBench> {
  const bench = await CleaningBench.open(options);
  benches.push(bench);
  return bench;
}

const CLEAN = {
  processes: "verified",
  packages: "verified",
  "app-data": "cleared",
  files: "verified",
  clipboard: "verified",
  accounts: "verified",
  settings: "verified",
  "screen-lock": "verified",
  "device-admin": "verified",
  "recent-tasks": "verified",
};

test("finds a phone that nobody touched as it was, and says when its baseline was taken", async () => {
  const bench = await open();
  expect(bench.cleaner.baselineAt(ID)).toBeNull();
  expect(await bench.clean()).toMatchObject({ clean: false, reason: expect.stringContaining("no baseline"), items: [] });
  const taken = await bench.cleaner.takeBaseline(ID);
  expect(bench.cleaner.baselineAt(ID)).toBe(taken);
  const record = await bench.clean();
  expect(record).toMatchObject({ deviceId: ID, epoch: 7, clean: true, reason: null });
  expect(results(record)).toEqual(CLEAN);
});

/** What a careless or sly tenant leaves behind over ADB. */
const MESS = `
nohup sleep 10000 >/dev/null 2>&1 &
(sh -c 'while true; do sleep 1; done' >/dev/null 2>&1 &)
settings put global http_proxy 10.0.0.1:8080
settings put global private_dns_mode hostname
settings put global private_dns_specifier dns.example
settings put global window_animation_scale 0
settings put global stay_on_while_plugged_in 0
settings put global a_key_of_mine "it's mine; $(id)"
settings put system font_scale 1.3
settings put system accelerometer_rotation 1
settings put system user_rotation 3
settings put secure default_input_method com.example.keys/.Ime
settings put secure enabled_input_methods com.example.keys/.Ime
settings put secure enabled_accessibility_services com.example.keys/.Eye
settings put secure accessibility_enabled 1
settings put secure enabled_notification_listeners com.example.keys/.Ear
settings delete system screen_off_timeout
setprop persist.sys.locale ar-EG
cmd alarm set-timezone Asia/Tokyo || service call alarm 3 s16 Asia/Tokyo
wm size 400x900
wm density 180
cmd uimode night yes
am start -n com.android.settings/.Settings
am start -n dev.phonerack.notes/.MainActivity
input keyevent SLEEP
pm disable-user --user 0 com.android.documentsui
pm uninstall --user 0 com.android.webview
rmdir /sdcard/Music
mkdir -p /sdcard/Android/data/dev.phonerack.notes/files /sdcard/new/deep
echo x > /sdcard/Android/data/dev.phonerack.notes/files/x
echo x > "/sdcard/new/deep/-rf"
echo x > "/sdcard/  two  spaces "
echo x > /sdcard/Download/照片.jpg
ln -s /sdcard/DCIM /data/local/tmp/link
ln -s / /sdcard/Download/root
mkdir /data/local/tmp/shut
echo x > /data/local/tmp/shut/x
chmod 000 /data/local/tmp/shut
`;

test.each(["v1", "v2", "v3", "v4", "v5", "v6"])(
  "makes a phone of model %s again what it was, whatever was left",
  async (model) => {
    const bench = await open({ models: [model] });
    const { phone } = bench.virtual;
    await bench.cleaner.takeBaseline(ID);
    const state =
      "getprop persist.sys.locale; getprop persist.sys.timezone; wm size; wm density; cmd uimode night; for t in global secure system; do settings list $t; done; pm list packages; pm list packages -d; find /sdcard/ /data/local/tmp -type f; find /sdcard/ -type d; dumpsys activity recents";
    const before = await bench.ask(state);
    await install(bench.virtual, { package: "com.example.keys" });
    await bench.ask(MESS);
    phone.clipboard.set("a secret");
    phone.data.get({ owner: "dev.phonerack.notes", create: () => ({}) } as never);
    const messy = await bench.ask(`${state}; ps -A -o ARGS`);
    for (const left of [
      "ar-EG",
      "Asia/Tokyo",
      "Override size: 400x900",
      "com.example.keys",
      "照片",
      "a_key_of_mine",
      "sleep 10000",
    ])
      expect(messy).toContain(left);
    expect(messy).not.toContain("/sdcard/Music");
    const record = await bench.clean();
    expect(record.reason).toBeNull();
    expect(results(record)).toEqual(CLEAN);
    expect(detailOf(record, "processes")).toContain("sleep");
    expect(detailOf(record, "packages")).toContain("removed com.example.keys");
    expect(detailOf(record, "settings")).toContain("put back");
    expect((await bench.ask(state)).replace(/.*phonerack-scrcpy-.*\n/, "")).toBe(before);
    expect(phone.clipboard.get()).toBe("");
    expect(phone.power.state).toEqual({ interactive: true, locked: false });
    expect(phone.foreground?.component.package).toBe("dev.phonerack.launcher");
    expect(phone.data.has("dev.phonerack.notes")).toBe(false);
    expect(await bench.ask("ps -A -o USER,ARGS | grep -E 'shell.*(sleep|while)' | grep -v grep")).toBe("");
  },
);

test("restarts the phone when told to, and looks at it after", async () => {
  const bench = await open();
  await bench.cleaner.takeBaseline(ID);
  const boot = "cat /proc/sys/kernel/random/boot_id";
  const before = await bench.ask(boot);
  await bench.ask(MESS);
  const record = await bench.clean({ reboot: true });
  expect(record).toMatchObject({ clean: true, reason: null });
  expect(results(record)).toEqual({ ...CLEAN, reboot: "verified" });
  expect(await bench.ask(boot)).not.toBe(before);
});

test("takes seconds on a phone as slow as a real one", async () => {
  const bench = await open({ latency: "real" });
  await bench.cleaner.takeBaseline(ID);
  await bench.ask(MESS);
  const began = performance.now();
  expect(await bench.clean()).toMatchObject({ clean: true });
  expect(performance.now() - began).toBeLessThan(10_000);
});
