/** Element mode on six models, four languages and two rotations: what is touched on the leader is touched on all, and nothing else ever. */
import type { GroupStep, StepAnswer } from "@phonerack/contract/bus";
import { NOTES, type VirtualPhone } from "@phonerack/virtual-phone";
import { afterEach, expect, test, vi } from "vitest";
import { closeLabs, openLab } from "../../test/agent-lab.js";
import { GroupLab } from "../../test/group-lab.js";

vi.setConfig({ testTimeout: 120_000 });
afterEach(closeLabs);

const SETTINGS = "com.android.settings";
const LOCALES = ["en-US", "zh-CN", "de-DE", "fr-FR", "en-US", "zh-CN"];
const LANDSCAPE = [5, 6];
type Node = ReturnType<VirtualPhone["phone"]["hierarchy"]>["root"];

/** What is touched, by its text, id or description on the leader; keys in capitals. Texts as they are in Chinese, German and French. */
const TITLES: Readonly<Record<string, readonly string[]>> = {
  Display: ["显示", "Display", "Écran"],
  "Dark theme": ["深色主题", "Dunkles Design", "Thème sombre"],
  Sound: ["声音", "Ton", "Son"],
  Battery: ["电池", "Akku", "Batterie"],
  "About phone": ["关于手机", "Über das Telefon", "À propos du téléphone"],
  "Developer options": ["开发者选项", "Entwickleroptionen", "Options pour les développeurs"],
  "Show taps": ["显示点按操作反馈", "Fingertipps anzeigen", "Afficher les appuis"],
};
const IN_SETTINGS = ["settings", "Display", "Dark theme", "BACK", "Sound", "BACK", "Battery", "BACK", "About phone", "BACK"];
const DEEPER = ["Developer options", "Show taps", "BACK"];
const IN_NOTES = ["notes", "#add", "#title", "text:Milk", "#body", "text:2 l", "#save"];
const STEPS = [...IN_SETTINGS, ...DEEPER, ...IN_NOTES];
const ROUNDS = 3;

test("touches on all what is touched on one, and nothing else", async () => {
  const group = new GroupLab(await openLab({ count: 6, models: ["v1", "v2", "v3", "v4", "v5", "v6"] }));
  const { lab } = group;
  await group.lend();
  for (const [at, locale] of LOCALES.entries()) await lab.phone(at + 1).run(`setprop persist.sys.locale ${locale}`);
  for (const slot of LANDSCAPE) {
    await lab.phone(slot).run("settings put system accelerometer_rotation 0; settings put system user_rotation 1");
    await lab.until(() => lab.report(slot)?.screen?.rotation === 1);
  }
  // As people do who find that points are not enough.
  await group.start({ aim: "point" }, 60_000);
  await group.start({ aim: "element" }, 60_000);
  await lab.until(() => [...group.members.values()].every(({ engine }) => engine), 60_000);
  const answers: StepAnswer[] = [];
  const wrong: unknown[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of STEPS) {
      const found = await run(group, name);
      answers.push(...found.values());
      wrong.push(...(await wrongTouches(group, name)));
    }
  }
  const others = answers.filter(({ outcome }) => outcome !== "applied");
  expect(wrong).toEqual([]);
  expect(answers.length).toBe(6 * 60);
  expect(others.length, JSON.stringify(others)).toBeLessThanOrEqual(3);
  for (const { phone } of lab.virtual.phones) {
    expect(phone.settings.get("secure", "ui_night_mode")).toBe("2");
    expect(phone.settings.get("system", "show_touches")).toBe("1");
  }
});

/** Leads the group through one step, as a person at the leader does. */
async function run(group: GroupLab, name: string): Promise<ReadonlyMap<string, StepAnswer>> {
  const aim = "element";
  if (name === "settings") return group.step({ type: "launch", package: SETTINGS }, { aim });
  if (name === "notes") return group.step({ type: "launch", package: NOTES }, { aim });
  if (name === "BACK") return group.step({ type: "key", key: "BACK" }, { aim });
  if (name.startsWith("text:")) return group.step({ type: "text", text: name.slice(5) }, { aim });
  const id = name.startsWith("#") ? `${NOTES}:id/${name.slice(1)}` : undefined;
  const leader = group.lab.phone(1);
  await vi.waitFor(() => placeOf(leader, (node) => (id ? node.resourceId === id : node.text === name)));
  const at = placeOf(leader, (node) => (id ? node.resourceId === id : node.text === name));
  const step: GroupStep = { type: "tap", at };
  const element = await group.aim(step);
  expect(element, name).not.toBeNull();
  return group.step(step, { aim, element });
}

/** What each phone's own record says was touched since the last step, as far as it is not what was meant. */
async function wrongTouches(group: GroupLab, name: string): Promise<unknown[]> {
  const wrong: unknown[] = [];
  for (const phone of group.lab.virtual.phones) {
    const { stdout } = await phone.run("dumpsys phonerack_input; dumpsys phonerack_input reset");
    const touches = stdout
      .split("\n")
      .filter((line) => line.startsWith("event "))
      .map((line) => JSON.parse(line.slice(6)));
    // What scrolls goes elsewhere than it came down.
    const taps = touches.filter(({ kind, x, y, toX, toY }) => kind === "touch" && Math.hypot(toX - x, toY - y) < 8);
    wrong.push(...taps.filter((tap) => !isMeant(tap.view, name)).map(({ view }) => ({ slot: phone.slot, name, view })));
    if (taps.length > 1) wrong.push({ slot: phone.slot, name, taps: taps.length });
  }
  return wrong;
}

function isMeant(view: { id: string; text: string } | null, name: string): boolean {
  if (name.startsWith("#")) return view?.id === `${NOTES}:id/${name.slice(1)}`;
  return view === null || [name, ...(TITLES[name] ?? [])].includes(view.text);
}

function placeOf({ phone }: VirtualPhone, wanted: (node: Node) => boolean) {
  const find = (node: Node): Node | undefined => (wanted(node) ? node : node.children.map(find).find(Boolean));
  const node = find(phone.hierarchy().root);
  if (!node) throw new Error("the leader does not show it");
  const { left, top, right, bottom } = node.bounds;
  return { x: (left + right) / 2, y: (top + bottom) / 2, width: phone.display.width, height: phone.display.height };
}
