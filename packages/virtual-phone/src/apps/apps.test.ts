import { describe, expect, it } from "vitest";
import { modelById } from "../models/models.js";
import { ManualClock } from "../phone/clock.js";
import { centreOf, findNode, type HierarchyNode, walkHierarchy } from "../phone/hierarchy.js";
import { Phone } from "../phone/phone.js";
import { BAZAAR_DATA } from "./bazaar/store.js";
import { BLOCKS_DATA } from "./blocks/game-activity.js";
import { NOTES_DATA } from "./notes/store.js";

function phone(model = "v3"): { p: Phone; clock: ManualClock } {
  const found = modelById(model);
  if (!found) throw new Error(`no model ${model}`);
  const clock = new ManualClock();
  return { p: new Phone({ model: found, serial: "APPS", clock }), clock };
}

function node(p: Phone, name: string): HierarchyNode {
  const found = findNode(
    p.hierarchy(),
    ({ resourceId, text, contentDescription }) => resourceId.endsWith(`/${name}`) || text === name || contentDescription === name,
  );
  if (!found) throw new Error(`nothing on the screen is called ${name}`);
  return found;
}

function tap(p: Phone, name: string): void {
  const at = centreOf(node(p, name).bounds);
  p.input.touch("down", 0, at);
  p.input.touch("up", 0, at);
}

describe("Notes", () => {
  it("keeps Chinese and emoji that were pasted, and shows them in the hierarchy", () => {
    const { p } = phone("v2");
    tap(p, "便签");
    tap(p, "add");
    tap(p, "title");
    expect(p.input.text("Groceries")).toBe(true);
    tap(p, "body");
    const text = "买牛奶、面包 🥛🍞\n还有 👩‍👩‍👧 的票";
    p.clipboard.set(text);
    p.input.press(279);
    expect(node(p, "body").text).toBe(text);
    tap(p, "save");
    expect(node(p, "note_body").text).toBe(text);
    expect(p.data.get(NOTES_DATA).notes[0]).toMatchObject({ title: "Groceries", body: text });
  });

  it("cannot be typed into with what no key types: nothing of it arrives", () => {
    const { p } = phone();
    p.activities.start({ component: "dev.phonerack.notes/.EditActivity" });
    tap(p, "title");
    expect(p.input.text("abc 中文")).toBe(false);
    expect(p.input.text("😀")).toBe(false);
    expect(node(p, "title").text).toBe("Title");
    expect(p.input.text("déjà vu")).toBe(true);
    expect(node(p, "title").text).toBe("déjà vu");
  });

  it("edits as a keyboard does: cursor, erase by grapheme, select all, cut, copy, paste", () => {
    const { p } = phone();
    p.activities.start({ component: "dev.phonerack.notes/.EditActivity" });
    tap(p, "body");
    p.clipboard.set("ab👨‍👩‍👧");
    p.input.press(50, 0x1000);
    p.input.press(67);
    expect(node(p, "body").text).toBe("ab");
    p.input.press(21);
    p.input.text("-");
    expect(node(p, "body").text).toBe("a-b");
    p.input.press(29, 0x1000);
    p.input.press(52, 0x1000);
    expect(node(p, "body").text).toBe("Write something");
    expect(p.clipboard.get()).toBe("a-b");
    p.input.press(47, 1);
    expect(node(p, "body").text).toBe("S");
  });

  it("types from the on-screen keyboard, which shows on focus and hides with Back", () => {
    const { p } = phone();
    p.activities.start({ component: "dev.phonerack.notes/.EditActivity" });
    expect(p.ime.shown).toBe(false);
    tap(p, "title");
    expect(p.ime.state).toEqual({ shown: true, field: "dev.phonerack.notes:id/title" });
    p.hierarchy();
    const keyboard = p.ui.layers.find(({ package: name }) => name === "com.android.inputmethod.latin");
    for (const key of ["Shift", "h", "i"]) {
      const view = [...(keyboard?.root.walk() ?? [])].find(({ description }) => description === key);
      const at = view?.windowRect();
      if (!at || !keyboard) throw new Error(`no key ${key}`);
      const point = { x: keyboard.rect.x + at.x + at.width / 2, y: keyboard.rect.y + at.y + at.height / 2 };
      p.input.touch("down", 0, point);
      p.input.touch("up", 0, point);
    }
    expect(node(p, "title").text).toBe("Hi");
    p.input.press(4);
    expect(p.ime.shown).toBe(false);
    expect(p.foreground?.component.activity).toBe("dev.phonerack.notes.EditActivity");
  });

  it("asks for the permission to notify once, and notifies when allowed", async () => {
    const { p } = phone("v4");
    p.activities.start({ component: "dev.phonerack.notes/.EditActivity" });
    tap(p, "remind");
    expect(p.foreground?.component.package).toBe("com.android.permissioncontroller");
    expect(node(p, "permission_message").text).toContain("Notes");
    tap(p, "permission_allow_button");
    await new Promise((resolve) => setImmediate(resolve));
    expect(p.packages.get("dev.phonerack.notes")?.granted.has("android.permission.POST_NOTIFICATIONS")).toBe(true);
    expect(p.shade.notifications).toHaveLength(1);
    expect(p.foreground?.component.package).toBe("dev.phonerack.notes");
  });

  it("forgets everything when its data is cleared", () => {
    const { p } = phone();
    p.data.get(NOTES_DATA).save({ title: "a", body: "", changed: 0 });
    p.packages.clear("dev.phonerack.notes");
    expect(p.data.get(NOTES_DATA).notes).toEqual([]);
  });
});

describe("Bazaar", () => {
  it("counts likes, comments, follows and orders, shows them, and keeps them over a force-stop", () => {
    const { p } = phone();
    const store = p.data.get(BAZAAR_DATA);
    tap(p, "Bazaar");
    tap(p, "like");
    tap(p, "follow");
    expect(node(p, "likes").text).toBe("1285");
    tap(p, "comment_button");
    tap(p, "comment_input");
    p.input.text("lovely");
    tap(p, "send");
    expect(node(p, "comment_text").text).toBe("lovely");
    p.input.press(4);
    p.activities.start({ component: "com.example.bazaar/.ProductActivity", extras: { product: 3 } });
    tap(p, "buy");
    expect(store.counters).toEqual({ likes: 1, comments: 1, follows: 1, orders: 1 });
    p.activities.forceStop("com.example.bazaar");
    tap(p, "Bazaar");
    expect(node(p, "order_count").text).toBe("1");
    tap(p, "like");
    expect(p.data.get(BAZAAR_DATA).counters.likes).toBe(0);
  });
});

describe("Blocks", () => {
  it("moves by itself while it is in front, and has no timer when it is not", () => {
    const { p, clock } = phone();
    let told = 0;
    tap(p, "Blocks");
    const stop = p.screen.onDamage(() => told++);
    clock.advance(1000);
    expect(told).toBeGreaterThan(20);
    expect(p.sound.playing).toBe(true);
    p.activities.home();
    expect(p.sound.playing).toBe(false);
    stop();
    clock.advance(1000);
    expect(clock.pending).toBe(0);
  });

  it("plays on unseen, row by row, without making frames", () => {
    const { p, clock } = phone();
    p.activities.start({ component: "dev.phonerack.blocks/.GameActivity" });
    expect(p.sound.playing).toBe(true);
    clock.advance(60_000);
    expect(p.data.get(BLOCKS_DATA).score).toBeGreaterThan(0);
  });

  it("obeys the player after the first touch, and ends", () => {
    const { p, clock } = phone();
    tap(p, "Blocks");
    expect(node(p, "banner").text).toBe("Touch to play");
    tap(p, "board");
    expect(node(p, "score").text).toBe("0");
    for (let i = 0; i < 40 && !findNode(p.hierarchy(), ({ resourceId }) => resourceId.endsWith("/again")); i++) tap(p, "drop");
    expect(node(p, "banner").text).toBe("Game over");
    clock.advance(5000);
    expect(clock.pending).toBe(0);
    tap(p, "again");
    expect(node(p, "score").text).toBe("0");
    expect(clock.pending).toBe(1);
  });
});

describe("Settings", () => {
  it("says that this is a virtual phone of phonerack", () => {
    const { p } = phone();
    tap(p, "Settings");
    tap(p, "About phone");
    const all = [...walkHierarchy(p.hierarchy().root)].map(({ text }) => text);
    expect(all).toContain("This is a virtual phone");
    expect(all).toContain("phonerack V3");
  });

  it("changes language and theme for the whole phone, keeping its place", () => {
    const { p } = phone();
    p.activities.start({ action: "android.settings.LOCALE_SETTINGS" });
    tap(p, "Français");
    expect(node(p, "title_bar").text).toBe("Langue");
    p.activities.start({ action: "android.settings.DISPLAY_SETTINGS" });
    tap(p, "Thème sombre");
    expect(p.ui.theme.dark).toBe(true);
    expect(p.settings.get("secure", "ui_night_mode")).toBe("2");
  });
});

describe("a real APK's activity", () => {
  it("is shown by its label and component", () => {
    const { p } = phone();
    const activities = [{ name: "org.x.Main", exported: true, filters: [] }];
    const rest = {
      versionCode: 9,
      versionName: "0.9",
      minSdk: 21,
      targetSdk: 33,
      debuggable: true,
      permissions: [],
      signer: "00",
      size: 1,
    };
    p.packages.install({ package: "org.x", label: "Xylophone", activities, ...rest });
    p.activities.start({ component: "org.x/.Main" });
    expect(node(p, "label").text).toBe("Xylophone");
    expect(node(p, "component").text).toBe("org.x/.Main");
  });
});

describe("German", () => {
  it("is spoken by launcher, apps and dialogs once the locale says so", () => {
    const { p } = phone("v4");
    p.properties.put("persist.sys.locale", "de-DE");
    tap(p, "Notizen");
    tap(p, "Neue Notiz");
    expect(node(p, "save").text).toBe("Speichern");
    tap(p, "Erinnern");
    expect(node(p, "permission_message").text).toBe("Darf Notizen Ihnen Benachrichtigungen senden?");
    tap(p, "Nicht zulassen");
    p.activities.start({ component: "com.android.settings/.Settings" });
    expect(node(p, "Über das Telefon").text).toBe("Über das Telefon");
  });
});
