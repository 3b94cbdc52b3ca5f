/**
 * The hand on a group's leader: what would be touches, keys and letters on one phone become steps for all. Aimed by element, a gesture is one
 * step when it ends; aimed by point, whatever is more than a tap follows the finger live. Letters and wheel notches are gathered, so that a
 * word is one line of the ledger and the group's budget of steps holds.
 */
import type { GroupAim, GroupStep, HandEvent, Input, StepPoint } from "@phonerack/contract/api";
import { MOST_TEXT } from "../device/keyboard.js";
import type { Extent } from "../device/pointer.js";
import { moved, stepOfGesture, stepOfWheel } from "./gesture.js";

export interface LeaderHandParts {
  step(step: GroupStep): void;
  aim(): GroupAim;
  /** As the person sees it, in device pixels. */
  screen(): Extent;
  now(): number;
  /** Does the work after so many milliseconds; gives what takes it back. */
  later(ms: number, work: () => void): () => void;
}

type Touch = Extract<HandEvent, { type: "touch" }>;
type Scroll = Extract<HandEvent, { type: "scroll" }>;

interface Finger {
  readonly from: StepPoint;
  to: StepPoint;
  /** Its way is followed live. */
  live: boolean;
  down: boolean;
}

const LONG_PRESS_MS = 550;
/** By point, a finger that is still down after this is held and not tapped. */
const HELD_MS = 150;
const TYPING_MS = 300;
const WHEEL_MS = 120;

export class LeaderHand {
  readonly #parts: LeaderHandParts;
  readonly #fingers = new Map<number, Finger>();
  #since = 0;
  /** The gesture was told already, as a long press; what still comes of it means nothing. */
  #told = false;
  #held: (() => void) | undefined;
  #text = "";
  #typing: (() => void) | undefined;
  #wheel: { at: { x: number; y: number }; dx: number; dy: number } | undefined;
  #turning: (() => void) | undefined;

  constructor(parts: LeaderHandParts) {
    this.#parts = parts;
  }

  readonly input = (input: Input): void => {
    switch (input.type) {
      case "touch":
        return this.#touch(input);
      case "scroll":
        return this.#scroll(input);
      case "text":
        return this.#type(input.text);
      case "keyPress":
        // Android's meta keys have no step: what a group types, it types by its letters.
        if (input.phase === "down" && input.meta < CTRL) this.step({ type: "key", key: input.key });
        return;
      case "tap":
      case "swipe":
      case "key":
      case "rotate":
        return;
    }
  };

  readonly paste = (text: string): void => this.step({ type: "paste", text: text.slice(0, MOST_TEXT) });

  /** Whatever was gathered goes first: steps keep the order in which they were meant. */
  readonly step = (step: GroupStep): void => {
    this.flush();
    this.#parts.step(step);
  };

  flush(): void {
    this.#flushText();
    this.#flushWheel();
  }

  /** The hand is gone: what it typed still counts, what it held does not. */
  stop(): void {
    this.flush();
    this.#cancel();
  }

  #touch({ phase, pointer, x, y, width, height }: Touch): void {
    const at = { x, y, width, height };
    if (phase === "down") return this.#down(pointer, at);
    const finger = this.#fingers.get(pointer);
    if (!finger?.down) return;
    if (phase === "cancel") return this.#cancel();
    finger.to = at;
    if (phase === "move") this.#move(pointer, finger);
    else this.#up(pointer, finger);
  }

  #down(pointer: number, at: StepPoint): void {
    this.flush();
    if (this.#fingers.size === 0) {
      this.#since = this.#parts.now();
      this.#told = false;
      const byPoint = this.#parts.aim() === "point";
      this.#held = this.#parts.later(byPoint ? HELD_MS : LONG_PRESS_MS, () => (byPoint ? this.#goLive() : this.#longPress()));
    }
    const live = [...this.#fingers.values()].some((finger) => finger.live);
    this.#fingers.set(pointer, { from: at, to: at, live, down: true });
    if (live) this.#sendTouch("down", pointer, at);
  }

  #move(pointer: number, finger: Finger): void {
    if (finger.live) return this.#sendTouch("move", pointer, finger.to);
    if (this.#parts.aim() === "point" && moved(finger)) this.#goLive();
  }

  #up(pointer: number, finger: Finger): void {
    finger.down = false;
    if (finger.live) this.#sendTouch("up", pointer, finger.to);
    if ([...this.#fingers.values()].some(({ down }) => down)) return;
    const traces = [...this.#fingers.values()];
    this.#end();
    if (this.#told || traces.some(({ live }) => live)) return;
    const step = stepOfGesture(traces, this.#parts.now() - this.#since);
    if (step) this.#parts.step(step);
  }

  /** While the finger is still down, as on a phone: one sees that it was long enough. */
  #longPress(): void {
    const [finger, other] = this.#fingers.values();
    if (!finger || other || moved(finger)) return;
    this.#told = true;
    this.#parts.step({ type: "longPress", at: finger.from, ms: 800 });
  }

  #goLive(): void {
    this.#held?.();
    for (const [pointer, finger] of this.#fingers) {
      if (finger.live || !finger.down) continue;
      finger.live = true;
      this.#sendTouch("down", pointer, finger.from);
      if (finger.to !== finger.from) this.#sendTouch("move", pointer, finger.to);
    }
  }

  #cancel(): void {
    for (const [pointer, finger] of this.#fingers) if (finger.live && finger.down) this.#sendTouch("cancel", pointer, finger.to);
    this.#end();
  }

  #end(): void {
    this.#held?.();
    this.#held = undefined;
    this.#fingers.clear();
  }

  #sendTouch(phase: Touch["phase"], pointer: number, at: StepPoint): void {
    this.#parts.step({ type: "touch", phase, pointer, at });
  }

  #type(text: string): void {
    this.#flushWheel();
    if (this.#text.length + text.length > MOST_TEXT) this.#flushText();
    this.#text += text;
    this.#typing?.();
    this.#typing = this.#parts.later(TYPING_MS, () => this.#flushText());
  }

  #flushText(): void {
    this.#typing?.();
    this.#typing = undefined;
    const text = this.#text;
    this.#text = "";
    if (text) this.#parts.step({ type: "text", text });
  }

  #scroll({ x, y, dx, dy }: Scroll): void {
    this.#flushText();
    this.#wheel ??= { at: { x, y }, dx: 0, dy: 0 };
    this.#wheel.dx += dx;
    this.#wheel.dy += dy;
    this.#turning ??= this.#parts.later(WHEEL_MS, () => this.#flushWheel());
  }

  #flushWheel(): void {
    this.#turning?.();
    this.#turning = undefined;
    const wheel = this.#wheel;
    this.#wheel = undefined;
    const step = wheel && stepOfWheel(wheel.at, wheel, this.#parts.screen());
    if (step) this.#parts.step(step);
  }
}

/** android.view.KeyEvent.META_CTRL_ON; shift and alt are below it. */
const CTRL = 4096;
