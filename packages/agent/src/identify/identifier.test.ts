/** Finding a phone in the rack, with real virtual phones: asked only what any Android is asked. */
import { decodeMessage, encodeMessage, IdentifyOrder, IdentifyReply, subjects } from "@phonerack/contract/bus";
import { afterEach, expect, test } from "vitest";
import { at, closeLabs, type Lab, openLab, SOON_MS } from "../../test/agent-lab.js";
import { readRawScreen } from "../screenshot/raw-screen.js";
import { VIEWER } from "./screen-text.js";

afterEach(closeLabs);

async function identify(lab: Lab, id: string, change: Partial<IdentifyOrder> = {}): Promise<boolean> {
  const order = { epoch: lab.epochOf(id), notAfter: Date.now() + 2_000, text: "7", seconds: 1, ...change };
  const request = lab.bus.request(subjects.identify(at(id)), encodeMessage(IdentifyOrder, order), { timeoutMs: SOON_MS });
  return decodeMessage(IdentifyReply, await request).shown;
}

/** Looks again and again: nothing tells of it. */
async function soon(check: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + SOON_MS; !(await check()); ) {
    if (Date.now() > end) throw new Error(`it did not come: ${check.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const notes = (lab: Lab) => lab.phone().phone.activities.start({ component: "dev.phonerack.notes/.MainActivity" }, 2000);
const inFront = (lab: Lab) => lab.phone().phone.foreground?.component.package;
const inverted = (lab: Lab) => lab.phone().phone.settings.get("secure", "accessibility_display_inversion_enabled");
const pages = (lab: Lab) => [...lab.phone().files.list("/data/user_de/0/com.android.shell/files/bugreports").keys()];

test.each(["v1", "v5"])(
  "a phone (%s) shows its slot's number as large as it can, and then what was there before",
  async (model) => {
    const lab = await openLab({ models: [model] });
    const { id } = await lab.state("ready");
    notes(lab);
    await soon(() => lab.report()?.foreground?.package === "dev.phonerack.notes");
    expect(await identify(lab, id, { seconds: 2 })).toBe(true);
    expect(inFront(lab)).toBe(VIEWER);
    const { phone } = lab.phone();
    await soon(() => JSON.stringify(phone.hierarchy()).includes('"7"'));
    const yellow = await shareOf(lab, [0xff, 0xd4, 0x00]);
    const black = await shareOf(lab, [0x11, 0x11, 0x11]);
    expect(yellow).toBeGreaterThan(0.5);
    expect(black).toBeGreaterThan(0.03);
    await soon(() => inFront(lab) === "dev.phonerack.notes");
    await soon(() => pages(lab).length === 0);
  },
);

/** The share of the screen that has this colour. */
async function shareOf(lab: Lab, [red, green, blue]: [number, number, number]): Promise<number> {
  await lab.phone().run("screencap /data/local/tmp/screen");
  const chunks: Uint8Array[] = [];
  for await (const chunk of lab.phone().files.open("/data/local/tmp/screen")) chunks.push(chunk);
  const { rgba } = readRawScreen(Buffer.concat(chunks));
  let same = 0;
  for (let at = 0; at < rgba.length; at += 4) if (rgba[at] === red && rgba[at + 1] === green && rgba[at + 2] === blue) same++;
  return same / (rgba.length / 4);
}

test("any text is shown as it is", async () => {
  const lab = await openLab();
  const { id } = await lab.state("ready");
  const text = `B's <7> & "8" 号`;
  expect(await identify(lab, id, { text, seconds: 30 })).toBe(true);
  await soon(() => JSON.stringify(lab.phone().phone.hierarchy()).includes(JSON.stringify(text)));
});

test("a phone that changes hands meanwhile shows it no more", async () => {
  const lab = await openLab();
  const { id } = await lab.state("ready");
  expect(await identify(lab, id, { seconds: 60 })).toBe(true);
  await lab.lease(id);
  await soon(() => inFront(lab) !== VIEWER);
});

test("an order of another epoch, or a late one, shows nothing", async () => {
  const lab = await openLab();
  const { id, hold } = await lab.state("ready");
  await expect(identify(lab, id, { epoch: hold.epoch + 1 })).rejects.toMatchObject({ code: "epoch_stale" });
  await expect(identify(lab, id, { notAfter: Date.now() - 1 })).rejects.toMatchObject({ code: "too_late" });
  expect(inFront(lab)).not.toBe(VIEWER);
});

test("a phone without a viewer blinks instead, and is as it was after", async () => {
  const lab = await openLab();
  const { id } = await lab.state("ready");
  const { packages, settings } = lab.phone().phone;
  packages.setEnabled(VIEWER, "disabled-user");
  settings.put("secure", "accessibility_display_inversion_enabled", "0");
  const said: (string | null)[] = [];
  settings.changes.add(({ key, value }) => {
    if (key === "accessibility_display_inversion_enabled") said.push(value);
  });
  expect(await identify(lab, id, { seconds: 4 })).toBe(false);
  await soon(() => said.join() === "1,0,1,0");
  await soon(() => !lab.phone().files.exists("/data/local/tmp/phonerack-blink"));
  expect(inverted(lab)).toBe("0");
});
