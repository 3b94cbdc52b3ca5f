/** The phone's screen as the encoder and screenshots see it. Costs nothing until somebody listens or draws. */

import { stockTraits } from "../apps/registry.js";
import type { Cancel } from "../phone/clock.js";
import { Listeners } from "../phone/listeners.js";
import type { Phone } from "../phone/phone.js";
import type { Canvas } from "../screen/canvas.js";
import type { Rect, Size } from "../screen/geometry.js";
import type { Damage, Screen } from "../screen/screen.js";

export class UiScreen implements Screen {
  readonly #phone: Phone;
  readonly #listeners = new Listeners<Damage>();
  #minute: Cancel | undefined;
  #forcedSecure = false;
  /** Asks again for damage to be told while set: the frozen-picture fault. */
  frozen = false;

  constructor(phone: Phone) {
    this.#phone = phone;
  }

  /** A window that forbids capture is in sight. Agents ask it of every phone, so it makes no windows. */
  get secure(): boolean {
    if (this.#forcedSecure) return true;
    const { existingUi, activities, power } = this.#phone;
    if (existingUi) return existingUi.secure;
    return power.interactive && !power.locked && activities.visibleStack.some(({ component }) => stockTraits(component).secure);
  }
  get on(): boolean {
    return this.#phone.power.interactive;
  }
  /** Somebody wants to know of changes. */
  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  /** The secure-window fault: pictures are black whatever the window in front says. */
  forceSecure(on: boolean): void {
    if (on === this.#forcedSecure) return;
    this.#forcedSecure = on;
    this.resized();
  }

  size(): Size {
    const { width, height } = this.#phone.display;
    return { width, height };
  }

  draw(canvas: Canvas, dirty: Rect): void {
    this.#phone.ui.draw(canvas, dirty);
  }

  onDamage(listener: (damage: Damage) => void): () => void {
    // From now on changes count: the windows must exist, laid out, to tell them.
    this.#phone.ui.layout();
    const remove = this.#listeners.add(listener);
    this.#schedule();
    return () => {
      remove();
      if (this.watched) return;
      this.#minute?.();
      this.#minute = undefined;
    };
  }

  emit(damage: Damage): void {
    if (!this.frozen) this.#listeners.emit(damage);
  }

  /** Size, rotation, or what a picture may show at all changed. */
  resized(): void {
    this.emit({ kind: "resize" });
  }

  /** Everything is new: after a reboot. */
  replaced(): void {
    this.resized();
  }

  /** The clock on the status bar moves only while somebody watches. */
  #schedule(): void {
    if (this.#minute || !this.watched) return;
    const left = 60_000 - (this.#phone.clock.now() % 60_000);
    this.#minute = this.#phone.clock.after(left, () => {
      this.#minute = undefined;
      if (this.on) this.#phone.ui.minuteTick();
      this.#schedule();
    });
  }
}
