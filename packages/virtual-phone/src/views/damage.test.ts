import { describe, expect, it } from "vitest";
import { modelById } from "../models/models.js";
import { ManualClock } from "../phone/clock.js";
import { Phone } from "../phone/phone.js";
import { Random } from "../phone/random.js";
import { Canvas } from "../screen/canvas.js";
import { type Rect, rectOf } from "../screen/geometry.js";
import { createRaster, type Raster } from "../screen/raster.js";
import type { Damage } from "../screen/screen.js";

/** Keeps a picture right by nothing but what the screen tells, as an encoder may. */
class Follower {
  raster: Raster;
  #pending: Damage[] = [];

  constructor(readonly phone: Phone) {
    this.raster = this.full();
    phone.screen.onDamage((damage) => this.#pending.push(damage));
  }

  full(): Raster {
    const size = this.phone.screen.size();
    const raster = createRaster(size.width, size.height);
    if (this.phone.screen.on) this.phone.screen.draw(new Canvas(raster, size), rectOf(size));
    return raster;
  }

  /** Areas, drawn after all moves are applied in order: what moves later moves the stale areas with it. */
  update(): void {
    let stale: Rect[] = [];
    for (const damage of this.#pending.splice(0)) {
      if (damage.kind === "resize") {
        this.raster = this.full();
        stale = [];
      } else if (damage.kind === "rects") stale.push(...damage.rects);
      else {
        this.#move(damage.rect, damage.dx, damage.dy);
        const moved = stale.map((rect) => ({ ...rect, x: rect.x + damage.dx, y: rect.y + damage.dy }));
        stale = [...stale, ...moved, ...damage.exposed];
      }
    }
    for (const rect of stale) this.#draw(rect);
  }

  #draw(rect: Rect): void {
    const size = this.phone.screen.size();
    const canvas = new Canvas(this.raster, size);
    const x = Math.floor(rect.x);
    const y = Math.floor(rect.y);
    const whole = { x, y, width: Math.ceil(rect.x + rect.width) - x, height: Math.ceil(rect.y + rect.height) - y };
    canvas.clip(whole, () => {
      if (this.phone.screen.on) this.phone.screen.draw(canvas, whole);
      else canvas.fillRect(whole, 0xff000000);
    });
  }

  #move(rect: Rect, dx: number, dy: number): void {
    const { width, pixels } = this.raster;
    const old = pixels.slice();
    const { x: left, y: top } = rect;
    for (let y = Math.max(top, top + dy); y < Math.min(top, top + dy) + rect.height; y++) {
      const x = Math.max(left, left + dx);
      const length = rect.width - Math.abs(dx);
      pixels.set(old.subarray((y - dy) * width + x - dx, (y - dy) * width + x - dx + length), y * width + x);
    }
  }
}

/** How many pixels differ. */
function differing(a: Raster, b: Raster): number {
  let count = 0;
  for (let i = 0; i < a.pixels.length; i++) if (a.pixels[i] !== b.pixels[i]) count++;
  return a.pixels.length === b.pixels.length ? count : -1;
}

const STARTS = [
  "dev.phonerack.notes/.EditActivity",
  "dev.phonerack.notes/.MainActivity",
  "dev.phonerack.blocks/.GameActivity",
  "com.example.bazaar/.MainActivity",
  "com.example.bazaar/.PostActivity",
  "com.android.settings/.Settings",
];

function act(phone: Phone, random: Random, clock: ManualClock): string {
  const { width, height } = phone.display;
  const at = { x: random.between(0, width - 1), y: random.between(0, height - 1) };
  const actions: readonly [string, () => unknown][] = [
    ["tap", () => phone.input.touch("down", 0, at) && phone.input.touch("up", 0, at)],
    ["press", () => phone.input.touch("down", 0, at)],
    ["drag", () => phone.input.touch("move", 0, at)],
    ["lift", () => phone.input.touch("up", 0, at)],
    ["wheel", () => phone.input.scroll(at.x, at.y, { horizontal: 0, vertical: random.between(-2, 2) })],
    ["type", () => phone.input.text("ab c")],
    ["erase", () => phone.input.press(67)],
    ["back", () => phone.input.press(4)],
    ["volume", () => phone.input.press(24)],
    ["tab", () => phone.input.press(61)],
    ["power", () => phone.input.press(26)],
    ["tap", () => phone.input.touch("down", 0, at) && phone.input.touch("up", 0, at)],
    ["overview", () => phone.input.press(187)],
    ["shade", () => phone.shade.set(phone.shade.open ? "closed" : "notifications")],
    ["start", () => phone.activities.start({ component: STARTS[random.between(0, STARTS.length - 1)] ?? "" })],
    ["start", () => phone.activities.start({ component: STARTS[random.between(0, STARTS.length - 1)] ?? "" })],
    ["wait", () => clock.advance(random.between(10, 900))],
    ["battery", () => phone.battery.override({ level: random.between(1, 99) })],
  ];
  // Dark and locked screens hide everything else: they do not last.
  if (random.between(0, 2) && !(phone.power.interactive && !phone.power.locked)) {
    phone.power.wakeUp();
    phone.power.dismissKeyguard();
    return "unlock";
  }
  const [name, run] = actions[random.between(0, actions.length - 1)] ?? ["", () => {}];
  run();
  return name;
}

describe("what the screen tells of changes", () => {
  it.each(["v1", "v6"])("is all that is needed to keep a picture right, on %s", async (id) => {
    const model = modelById(id);
    if (!model) throw new Error(`no model ${id}`);
    const clock = new ManualClock();
    const phone = new Phone({ model, serial: `DAMAGE-${id}`, clock });
    phone.display.setSize({ width: 270, height: 560 });
    phone.display.setDensity(120);
    const follower = new Follower(phone);
    const random = new Random(7);
    const done: string[] = [];
    for (let step = 0; step < 220; step++) {
      done.push(act(phone, random, clock));
      await Promise.resolve();
      await Promise.resolve();
      follower.update();
      const wrong = differing(follower.raster, follower.full());
      expect(wrong, `after ${done.slice(-6).join(", ")} (step ${step})`).toBe(0);
    }
  });
});
