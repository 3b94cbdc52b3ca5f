import { describe, expect, it } from "vitest";
import { modelById } from "../models/models.js";
import { ManualClock } from "../phone/clock.js";
import { centreOf, findNode, type HierarchyNode, walkHierarchy } from "../phone/hierarchy.js";
import { Phone } from "../phone/phone.js";
import type { Damage } from "../screen/screen.js";

class Hand {
  readonly clock = new ManualClock();
  readonly phone: Phone;

  constructor(model = "v3") {
    const found = modelById(model);
    if (!found) throw new Error(`no model ${model}`);
    this.phone = new Phone({ model: found, serial: "HAND", clock: this.clock });
  }

  node(name: string): HierarchyNode {
    const found = findNode(
      this.phone.hierarchy(),
      (node) => node.resourceId.endsWith(`/${name}`) || node.text === name || node.contentDescription === name,
    );
    if (!found) throw new Error(`nothing on the screen is called ${name}`);
    return found;
  }
  sees(name: string): boolean {
    return [...walkHierarchy(this.phone.hierarchy().root)].some(
      ({ resourceId, text }) => resourceId.endsWith(`/${name}`) || text === name,
    );
  }
  tap(name: string): void {
    this.tapAt(centreOf(this.node(name).bounds));
  }
  tapAt(at: { x: number; y: number }): void {
    this.phone.input.touch("down", 0, at);
    this.clock.advance(30);
    this.phone.input.touch("up", 0, at);
  }
  /** A straight line in ten steps. */
  swipe(from: { x: number; y: number }, to: { x: number; y: number }, options: { ms?: number; holdMs?: number } = {}): void {
    this.phone.input.touch("down", 0, from);
    for (let i = 1; i <= 10; i++) {
      this.clock.advance((options.ms ?? 200) / 10);
      this.phone.input.touch("move", 0, { x: from.x + ((to.x - from.x) * i) / 10, y: from.y + ((to.y - from.y) * i) / 10 });
    }
    this.clock.advance(options.holdMs ?? 0);
    this.phone.input.touch("up", 0, to);
  }
  get front(): string | undefined {
    return this.phone.foreground?.component.package;
  }
}

describe("touching", () => {
  it("opens the app whose icon is tapped, and nothing beside it", () => {
    const hand = new Hand();
    hand.tapAt({ x: 540, y: 900 });
    expect(hand.front).toBe("dev.phonerack.launcher");
    hand.tap("Notes");
    expect(hand.front).toBe("dev.phonerack.notes");
  });

  it("does not press what a finger left before it was lifted", () => {
    const hand = new Hand();
    const at = centreOf(hand.node("Notes").bounds);
    hand.swipe(at, { x: at.x, y: at.y - 300 });
    expect(hand.front).toBe("dev.phonerack.launcher");
  });

  it("cancelled presses nothing", () => {
    const hand = new Hand();
    const at = centreOf(hand.node("Notes").bounds);
    hand.phone.input.touch("down", 0, at);
    hand.phone.input.touch("cancel", 0, at);
    expect(hand.front).toBe("dev.phonerack.launcher");
  });

  it("scrolls a list with the finger, flings on, and comes to rest without timers", () => {
    const hand = new Hand("v1");
    hand.phone.activities.start({ component: "com.example.bazaar/.MainActivity" });
    const before = hand.node("post_text").bounds.top;
    hand.swipe({ x: 360, y: 900 }, { x: 360, y: 700 }, { ms: 100 });
    expect(hand.clock.pending).toBe(1);
    hand.clock.advance(5000);
    expect(hand.clock.pending).toBe(0);
    expect(hand.sees("Sourdough, day four. It finally rose!") ? hand.node("post_text").bounds.top : -1).toBeLessThan(
      before - 200,
    );
  });

  it("scrolls with the wheel", () => {
    const hand = new Hand();
    hand.phone.activities.start({ component: "com.example.bazaar/.MainActivity" });
    const before = hand.node("post").bounds.bottom;
    hand.phone.input.scroll(500, 1200, { horizontal: 0, vertical: -1 });
    expect(hand.node("post").bounds.bottom).toBe(before - 168);
  });

  it("enlarges a picture with two fingers", () => {
    const hand = new Hand();
    hand.phone.activities.start({ component: "com.example.bazaar/.ProductActivity" });
    const view = hand.phone.ui.focusedWindow?.root.find("photo");
    const { input } = hand.phone;
    input.touch("down", 0, { x: 500, y: 1000 });
    input.touch("down", 1, { x: 600, y: 1000 });
    input.touch("move", 0, { x: 400, y: 1000 });
    input.touch("move", 1, { x: 700, y: 1000 });
    expect(view && "zoom" in view ? view.zoom : 0).toBeCloseTo(3, 1);
    input.touch("up", 0, { x: 400, y: 1000 });
    input.touch("up", 1, { x: 700, y: 1000 });
  });

  it("is refused, and says so, when the phone forbids injection", () => {
    const hand = new Hand();
    hand.phone.input.refusal = "Injecting to another application requires INJECT_EVENTS permission";
    expect(hand.phone.input.touch("down", 0, centreOf(hand.node("Notes").bounds))).toBe(false);
    expect(hand.phone.input.press(3)).toBe(false);
    expect(hand.phone.input.text("a")).toBe(false);
  });

  it("ignores coordinates that are no numbers or outside the screen", () => {
    const hand = new Hand();
    expect(hand.phone.input.touch("down", 0, { x: Number.NaN, y: 1 })).toBe(false);
    expect(hand.phone.input.touch("down", 0, { x: 99_999, y: 99_999 })).toBe(false);
    expect(hand.phone.input.touch("up", 7, { x: 1, y: 1 })).toBe(false);
  });
});

describe("the hierarchy", () => {
  it("has real class names, resource ids and bounds inside the screen and inside parents", () => {
    const hand = new Hand("v4");
    hand.phone.activities.start({ component: "dev.phonerack.notes/.EditActivity" });
    const title = hand.node("dev.phonerack.notes:id/title".split("/")[1] ?? "");
    expect(title).toMatchObject({
      className: "android.widget.EditText",
      resourceId: "dev.phonerack.notes:id/title",
      clickable: true,
      hint: "Titre",
    });
    expect(hand.node("save").className).toBe("android.widget.Button");
    const check = (node: HierarchyNode): void => {
      for (const child of node.children) {
        expect(child.bounds.left).toBeGreaterThanOrEqual(node.bounds.left);
        expect(child.bounds.bottom).toBeLessThanOrEqual(node.bounds.bottom);
        check(child);
      }
    };
    check(hand.phone.hierarchy().root);
    expect(hand.phone.hierarchy().root.bounds).toEqual({ left: 0, top: 0, right: 1440, bottom: 3120 });
  });

  it("leaves out what is scrolled away", () => {
    const hand = new Hand("v1");
    hand.phone.activities.start({ component: "com.example.bazaar/.MainActivity" });
    expect(hand.sees("nightgarden")).toBe(false);
    hand.phone.input.scroll(300, 600, { horizontal: 0, vertical: -30 });
    expect(hand.sees("nightgarden")).toBe(true);
    expect(hand.sees("mira.bakes")).toBe(false);
  });

  it("speaks the model's language", () => {
    expect(new Hand("v3").sees("Settings")).toBe(true);
    expect(new Hand("v2").sees("设置")).toBe(true);
    expect(new Hand("v4").sees("Paramètres")).toBe(true);
  });
});

describe("system gestures and keys", () => {
  it("go home, back and to the overview from the screen's edges", () => {
    const hand = new Hand("v3");
    hand.tap("Notes");
    hand.swipe({ x: 540, y: 2390 }, { x: 540, y: 1500 });
    expect(hand.front).toBe("dev.phonerack.launcher");
    hand.tap("Notes");
    hand.swipe({ x: 3, y: 1000 }, { x: 400, y: 1000 });
    expect(hand.front).toBe("dev.phonerack.launcher");
    hand.tap("Notes");
    hand.swipe({ x: 540, y: 2390 }, { x: 540, y: 1500 }, { holdMs: 400 });
    expect(hand.sees("clear_all")).toBe(true);
    hand.tap("clear_all");
    expect(hand.front).toBe("dev.phonerack.launcher");
    expect(hand.phone.activities.recents()).toEqual([]);
  });

  it("the three buttons do the same on a model that has them", () => {
    const hand = new Hand("v1");
    hand.tap("Notes");
    hand.tapAt({ x: 360, y: 1240 });
    expect(hand.front).toBe("dev.phonerack.launcher");
    hand.tap("Notes");
    hand.tapAt({ x: 150, y: 1240 });
    expect(hand.front).toBe("dev.phonerack.launcher");
  });

  it("pull the shade down and push it up again", () => {
    const hand = new Hand();
    hand.swipe({ x: 540, y: 10 }, { x: 540, y: 900 });
    expect(hand.phone.shade.state).toBe("notifications");
    expect(hand.phone.hierarchy().packageName).toBe("com.android.systemui");
    hand.swipe({ x: 540, y: 1900 }, { x: 540, y: 1000 });
    expect(hand.phone.shade.state).toBe("closed");
  });

  it("volume keys show a panel that goes by itself", () => {
    const hand = new Hand();
    const before = hand.phone.sound.volume;
    hand.phone.input.press(24);
    expect(hand.phone.sound.volume).toBe(before + 1);
    expect(hand.clock.pending).toBe(1);
    hand.clock.advance(3000);
    expect(hand.clock.pending).toBe(0);
  });
});

describe("the keyguard", () => {
  it("hides apps, and a swipe up takes it away", () => {
    const hand = new Hand();
    hand.tap("Notes");
    hand.phone.input.press(26);
    expect(hand.phone.screen.on).toBe(false);
    hand.phone.input.press(224);
    expect(hand.phone.power.locked).toBe(true);
    expect(hand.phone.hierarchy().packageName).toBe("com.android.systemui");
    hand.swipe({ x: 540, y: 1800 }, { x: 540, y: 600 });
    expect(hand.phone.power.locked).toBe(false);
    expect(hand.front).toBe("dev.phonerack.notes");
  });

  it("with a PIN asks for it, refuses a wrong one and takes the right one", () => {
    const hand = new Hand();
    hand.phone.power.setPin("2468");
    hand.phone.power.sleep();
    hand.phone.power.wakeUp();
    expect(hand.phone.power.dismissKeyguard()).toBe(false);
    hand.swipe({ x: 540, y: 1800 }, { x: 540, y: 600 });
    for (const digit of "1111") hand.tap(`key${digit}`);
    hand.tap("key_enter");
    expect(hand.node("keyguard_message_area").text).toBe("Wrong PIN");
    hand.phone.input.text("2468");
    hand.phone.input.press(66);
    expect(hand.phone.power.locked).toBe(false);
  });
});

describe("rotation", () => {
  it("turns size and views, keeps what was typed, and tells it as resize and configuration_changed", () => {
    const hand = new Hand();
    const damage: Damage[] = [];
    hand.phone.screen.onDamage((event) => damage.push(event));
    hand.phone.activities.start({ component: "dev.phonerack.notes/.EditActivity" });
    hand.tap("title");
    hand.phone.input.text("half done");
    hand.phone.display.rotate();
    expect(hand.phone.screen.size()).toEqual({ width: 2400, height: 1080 });
    expect(hand.phone.hierarchy().rotation).toBe(1);
    expect(hand.node("title")).toMatchObject({ text: "half done", focused: true });
    expect(damage.some(({ kind }) => kind === "resize")).toBe(true);
    expect(hand.phone.logcat.read(["events"]).some(({ tag }) => tag === "configuration_changed")).toBe(true);
  });

  it("follows the hand only while auto-rotate is on", () => {
    const hand = new Hand();
    hand.phone.display.hold(1);
    expect(hand.phone.display.rotation).toBe(0);
    hand.phone.display.setUserRotation("free");
    expect(hand.phone.display.rotation).toBe(1);
    expect(hand.phone.display.width).toBe(2400);
  });

  it("is held back by an app that wants to stand upright", () => {
    const hand = new Hand();
    hand.phone.display.setUserRotation(1);
    hand.phone.activities.start({ component: "dev.phonerack.blocks/.GameActivity" });
    expect(hand.phone.display.rotation % 2).toBe(0);
    hand.phone.activities.home();
    expect(hand.phone.display.rotation).toBe(1);
  });
});

describe("damage", () => {
  it("of a scroll names the moved area, how far, and everything that did not move with it", () => {
    const hand = new Hand();
    hand.phone.activities.start({ component: "com.example.bazaar/.MainActivity" });
    hand.phone.hierarchy();
    const damage: Damage[] = [];
    hand.phone.screen.onDamage((event) => damage.push(event));
    hand.phone.input.scroll(500, 1200, { horizontal: 0, vertical: -1 });
    const scroll = damage.find((event) => event.kind === "scroll");
    if (scroll?.kind !== "scroll") throw new Error("no scroll was told");
    expect(scroll.dy).toBe(-168);
    const bottom = scroll.rect.y + scroll.rect.height;
    expect(scroll.exposed).toContainEqual({ ...scroll.rect, y: bottom - 168, height: 168 });
  });

  it("of a pressed key is small", async () => {
    const hand = new Hand();
    hand.phone.activities.start({ component: "dev.phonerack.notes/.EditActivity" });
    hand.tap("title");
    const damage: Damage[] = [];
    hand.phone.screen.onDamage((event) => damage.push(event));
    await Promise.resolve();
    damage.length = 0;
    hand.phone.input.text("x");
    await Promise.resolve();
    const area = damage
      .flatMap((event) => (event.kind === "rects" ? event.rects : []))
      .reduce((sum, rect) => sum + rect.width * rect.height, 0);
    expect(area).toBeGreaterThan(0);
    expect(area).toBeLessThan(1080 * 300);
  });

  it("is told when a window that forbids capture comes and goes", () => {
    const hand = new Hand();
    const damage: Damage[] = [];
    hand.phone.screen.onDamage((event) => damage.push(event));
    hand.phone.activities.start({ component: "dev.phonerack.vault/.MainActivity" });
    expect(hand.phone.screen.secure).toBe(true);
    expect(damage.pop()?.kind).toBeDefined();
    expect(damage.some(({ kind }) => kind === "resize")).toBe(true);
    hand.phone.activities.home();
    expect(hand.phone.screen.secure).toBe(false);
  });
});
