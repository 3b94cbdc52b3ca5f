/**
 * Input as InputManager injects it: from `input`, scrcpy's control socket and UiAutomator2 alike. Checks what the real one
 * checks and hands the rest to the window system. Coordinates are device pixels of the current rotation.
 */
import { canType, KEYCODE } from "./key-characters.js";
import type { Power } from "./power.js";

export type TouchPhase = "down" | "move" | "up" | "cancel";

/** What takes the events: the window system. Each answers whether the event was taken. */
export interface InputTarget {
  touch(event: { readonly phase: TouchPhase; readonly pointer: number; readonly x: number; readonly y: number }): boolean;
  hover(x: number, y: number): boolean;
  /** Wheel steps; positive is right and up, as MotionEvent's axes. */
  scroll(event: { readonly x: number; readonly y: number; readonly horizontal: number; readonly vertical: number }): boolean;
  key(event: { readonly phase: "down" | "up"; readonly code: number; readonly meta: number }): boolean;
  text(text: string): boolean;
}

export class Input {
  readonly #target: () => InputTarget;
  readonly #power: Power;
  /** Some vendors refuse injection until told otherwise: then this is the SecurityException's text, and all answers are false. */
  refusal: string | null = null;

  /** @param target made only when the first event comes. */
  constructor(target: () => InputTarget, power: Power) {
    this.#target = target;
    this.#power = power;
  }

  /** One pointer's event. @param pointer any id; each id is its own finger until up or cancel. */
  touch(phase: TouchPhase, pointer: number, point: { readonly x: number; readonly y: number }): boolean {
    if (this.refusal !== null || !Number.isFinite(point.x) || !Number.isFinite(point.y)) return false;
    return this.#target().touch({ phase, pointer, x: point.x, y: point.y });
  }

  hover(x: number, y: number): boolean {
    return this.refusal === null && this.#target().hover(x, y);
  }

  scroll(x: number, y: number, steps: { readonly horizontal: number; readonly vertical: number }): boolean {
    return this.refusal === null && this.#target().scroll({ x, y, ...steps });
  }

  /** @param code android.view.KeyEvent.KEYCODE_*; @param meta KeyEvent.META_* bits. */
  key(phase: "down" | "up", code: number, meta = 0): boolean {
    if (this.refusal !== null || !Number.isInteger(code) || code < 0) return false;
    // These need no windows: an agent wakes a thousand phones with them.
    if (code === KEYCODE.unknown || this.#powerKey(phase, code) || !this.#power.interactive) return true;
    return this.#target().key({ phase, code, meta });
  }

  /** Down and up. */
  press(code: number, meta = 0): boolean {
    return this.key("down", code, meta) && this.key("up", code, meta);
  }

  /**
   * Types characters as KeyCharacterMap.getEvents does: what a US keyboard and its dead keys cannot type makes all of it fail,
   * nothing is typed then. Other scripts go by clipboard and paste.
   */
  text(text: string): boolean {
    if (this.refusal !== null || !canType(text)) return false;
    return this.#target().text(text);
  }

  #powerKey(phase: "down" | "up", code: number): boolean {
    const power = this.#power;
    if (code !== KEYCODE.power && code !== KEYCODE.wakeUp && code !== KEYCODE.sleep) return false;
    if (phase === "up") return true;
    if (code === KEYCODE.wakeUp) power.wakeUp("WAKE_REASON_WAKE_KEY");
    else if (code === KEYCODE.sleep) power.sleep("sleep_button");
    else if (power.interactive) power.sleep();
    else power.wakeUp("WAKE_REASON_POWER_BUTTON");
    return true;
  }
}
