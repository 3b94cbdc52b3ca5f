/** A phone's own settings and its clipboard, on virtual phones of different Androids: set, read back, undone by cleaning. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeviceSettings } from "@phonerack/contract/bus";
import { afterEach, expect, test } from "vitest";
import { closeLabs, type LabOptions, openLab } from "../../test/agent-lab.js";
import { TaskLab } from "../../test/task-lab.js";

afterEach(closeLabs);

const NOTES = "am start -n dev.phonerack.notes/.MainActivity";

async function open(model: string, options: LabOptions = {}): Promise<{ tasks: TaskLab; id: string }> {
  const lab = await openLab({ models: [model], ...options });
  const { id } = await lab.leased();
  return { tasks: new TaskLab(lab), id };
}
const set = (settings: DeviceSettings) => ({ type: "settings", settings }) as const;
const ALL: DeviceSettings = {
  rotation: 1,
  locale: "de-DE",
  timeZone: "Asia/Tokyo",
  fontScale: 1.3,
  night: "on",
  airplane: true,
  stayAwake: false,
  location: { latitude: 48.8584, longitude: 2.2945 },
};
/** Everything of it that a shell can ask. */
const STATE =
  "settings get system accelerometer_rotation; settings get system user_rotation; getprop persist.sys.locale; getprop persist.sys.timezone; settings get system font_scale; cmd uimode night; settings get global airplane_mode_on; settings get global stay_on_while_plugged_in; settings get global auto_time_zone; settings get secure location_mode; dumpsys location; appops get com.android.shell android:mock_location";

test("sets all of them where Android has the commands, and cleaning undoes each", async () => {
  const { tasks, id } = await open("v6");
  const { lab } = tasks;
  await lab.until(() => lab.report()?.state === "ready");
  const before = (await lab.phone().run(STATE)).stdout;
  expect(await tasks.do(id, set(ALL))).toMatchObject({ state: "done" });
  expect((await tasks.ask(id, "settings")).settings).toEqual({ ...ALL, unsupported: [] });
  expect((await lab.phone().run("dumpsys location")).stdout).toContain("gps 48.858400,2.294500");
  await lab.term(id, { phase: "clean" });
  await lab.until(() => lab.report()?.hold.phase === "free");
  expect((await lab.phone().run(STATE)).stdout).toBe(before);
});

test("on an older Android says what it cannot be told, before anything is changed", async () => {
  const { tasks, id } = await open("v1");
  const refused = await tasks.do(id, set({ fontScale: 1.5, airplane: true, location: { latitude: 1, longitude: 2 } }));
  expect(refused).toMatchObject({ state: "failed", error: { code: "setting_unsupported" } });
  expect(refused.error?.detail).toMatch(/airplane: .*Android 11; location: .*Android 12/);
  const { settings } = await tasks.ask(id, "settings");
  expect(settings).toMatchObject({ fontScale: 1, airplane: false, location: null, unsupported: ["airplane", "location"] });
  expect(await tasks.do(id, set({ timeZone: "Asia/Tokyo", rotation: 3, night: "on" }))).toMatchObject({ state: "done" });
  expect((await tasks.ask(id, "settings")).settings).toMatchObject({ timeZone: "Asia/Tokyo", rotation: 3, night: "on" });
});

test("undoes the rest when the phone does not take one", async () => {
  const { tasks, id } = await open("v6");
  const before = (await tasks.ask(id, "settings")).settings;
  const refused = await tasks.do(id, set({ fontScale: 1.7, timeZone: "Nowhere/Land" }));
  expect(refused).toMatchObject({ state: "failed", error: { code: "setting_unsupported" } });
  expect(refused.error?.detail).toContain("timeZone: it stays");
  expect((await tasks.ask(id, "settings")).settings).toEqual(before);
});

test("takes the made-up location away while another app is in front", async () => {
  const { tasks, id } = await open("v6");
  const { lab } = tasks;
  const mocked = async () => (await lab.phone().run("dumpsys location")).stdout.includes("[mock]");
  const within = async (wanted: boolean) => {
    for (const end = Date.now() + 5_000; (await mocked()) !== wanted; ) {
      if (Date.now() > end) throw new Error(`still ${wanted ? "gone" : "there"}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const location = { latitude: -33.8568, longitude: 151.2153 };
  expect(await tasks.do(id, set({ location }))).toMatchObject({ state: "done" });
  expect(await mocked()).toBe(true);
  await lab.phone().run("am start -n com.example.bazaar/.MainActivity");
  await within(false);
  expect(await tasks.do(id, set({ location }))).toMatchObject({ state: "failed", error: { code: "denied" } });
  await lab.phone().run("input keyevent HOME");
  expect(await tasks.do(id, set({ location }))).toMatchObject({ state: "done" });
  await lab.phone().run(NOTES);
  await lab.phone().run("input keyevent HOME");
  await within(true);
  expect(await tasks.do(id, set({ location: null }))).toMatchObject({ state: "done" });
  expect(await mocked()).toBe(false);
});

test("takes away what an agent that was killed left there, since nobody watches the front then", async () => {
  const { tasks, id } = await open("v6");
  const { lab } = tasks;
  await lab.agent.stop();
  const allow = "appops set com.android.shell android:mock_location allow";
  await lab.phone().run(`${allow}; cmd location providers add-test-provider gps`);
  await writeFile(join(lab.options.dataDir, "locations.json"), JSON.stringify([id, "d-gonegone"]));
  await lab.restart();
  await lab.state("ready");
  for (const end = Date.now() + 5_000; (await lab.phone().run("dumpsys location")).stdout.includes("[mock]"); ) {
    if (Date.now() > end) throw new Error("it is still there");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

test("puts any text into the clipboard and reads it back", async () => {
  const { tasks, id } = await open("v3");
  const text = "hello, 世界 🎉\nand a line";
  expect(await tasks.do(id, { type: "clipboard", text })).toMatchObject({ state: "done" });
  expect(tasks.lab.phone().phone.clipboard.get()).toBe(text);
  tasks.lab.phone().phone.clipboard.set("copied there");
  expect((await tasks.ask(id, "clipboard")).text).toBe("copied there");
});
