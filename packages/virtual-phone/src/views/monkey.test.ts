import { describe, expect, it } from "vitest";
import { MODELS } from "../models/models.js";
import { thrownBy } from "../phone/app-errors.js";
import { ManualClock } from "../phone/clock.js";
import type { HierarchyNode } from "../phone/hierarchy.js";
import { Phone } from "../phone/phone.js";
import { Random } from "../phone/random.js";
import { Canvas } from "../screen/canvas.js";
import { rectOf } from "../screen/geometry.js";
import { createRaster } from "../screen/raster.js";

const KEYS = [3, 4, 4, 4, 19, 20, 21, 22, 24, 25, 26, 61, 66, 67, 82, 83, 111, 164, 187, 223, 224, 279, 29, 47];
const STARTS = [
  "dev.phonerack.notes/.EditActivity",
  "dev.phonerack.blocks/.GameActivity",
  "com.example.bazaar/.ProductActivity",
  "com.android.settings/.Settings",
];

/** One thing a wild hand, a shell or an owner might do. */
function act(phone: Phone, random: Random): void {
  const x = random.between(-20, phone.display.width + 20);
  const y = random.between(-20, phone.display.height + 20);
  const pointer = random.between(0, 3);
  const actions: (() => unknown)[] = [
    () => phone.input.touch("down", pointer, { x, y }),
    () => phone.input.touch("down", pointer, { x, y }) && phone.input.touch("up", pointer, { x, y }),
    () => phone.input.touch("move", pointer, { x, y }),
    () => phone.input.touch("up", pointer, { x, y }),
    () => phone.input.touch("cancel", pointer, { x, y }),
    () => phone.input.scroll(x, y, { horizontal: random.between(-2, 2), vertical: random.between(-5, 5) }),
    () => phone.input.press(KEYS[random.between(0, KEYS.length - 1)] ?? 4, random.between(0, 1)),
    () => phone.input.text("abc 123"),
    () => phone.activities.start({ component: STARTS[random.between(0, STARTS.length - 1)] ?? "" }),
    () => phone.display.setUserRotation(random.between(0, 3) as 0 | 1 | 2 | 3),
    () => phone.settings.put("secure", "ui_night_mode", String(random.between(1, 2))),
    () => phone.properties.set("persist.sys.locale", ["en-US", "zh-CN", "fr-FR", "xx", "-", "a_b"][random.between(0, 5)] ?? ""),
    () => phone.shade.set(random.between(0, 1) ? "notifications" : "closed"),
    () => phone.power.dismissKeyguard(),
    () => phone.packages.setEnabled("com.example.bazaar", random.between(0, 1) ? "disabled-user" : "enabled"),
    () => phone.activities.forceStop("dev.phonerack.notes"),
    () => phone.activities.crash("dev.phonerack.notes", thrownBy("dev.phonerack.notes", "E", "m")),
    () =>
      phone.display.setSize(
        random.between(0, 2) ? undefined : { width: random.between(200, 900), height: random.between(200, 900) },
      ),
    () => phone.display.setDensity(random.between(0, 2) ? undefined : random.between(72, 700)),
    () => phone.input.touch("up", 0, { x, y }),
  ];
  actions[random.between(0, actions.length - 1)]?.();
}

function expectInside(node: HierarchyNode): void {
  for (const child of node.children) {
    const inside =
      child.bounds.left >= node.bounds.left && child.bounds.right <= node.bounds.right && child.bounds.top >= node.bounds.top;
    expect(inside && child.bounds.bottom <= node.bounds.bottom, `${child.className} ${child.resourceId}`).toBe(true);
    expectInside(child);
  }
}

describe("a monkey at the phone", () => {
  it.each(MODELS.map(({ id }) => id))("does not break %s: it still draws, dumps, and comes to rest at home", (id) => {
    const model = MODELS.find((one) => one.id === id);
    if (!model) throw new Error(`no model ${id}`);
    const clock = new ManualClock();
    const phone = new Phone({ model, serial: `MONKEY-${id}`, clock });
    const random = new Random(20_261_124);
    const stop = phone.screen.onDamage(() => {});
    for (let step = 0; step < 240; step++) {
      act(phone, random);
      // Dark and locked screens hide everything else: they do not last.
      if (step % 8 === 0) phone.power.wakeUp();
      if (step % 8 === 0) phone.power.dismissKeyguard();
      clock.advance(random.between(0, 120));
      expect(clock.pending).toBeLessThan(8);
      if (step % 25) continue;
      expectInside(phone.hierarchy().root);
      phone.screen.draw(new Canvas(createRaster(45, 100), phone.screen.size()), rectOf(phone.screen.size()));
    }
    stop();
    for (let pointer = 0; pointer < 4; pointer++) phone.input.touch("cancel", pointer, { x: 0, y: 0 });
    phone.dialogs.clear();
    phone.display.setSize(undefined);
    phone.power.wakeUp();
    phone.power.dismissKeyguard();
    phone.input.press(3);
    clock.advance(10_000);
    expect(phone.foreground?.component.package).toBe("dev.phonerack.launcher");
    expect(clock.pending).toBe(0);
  });
});
