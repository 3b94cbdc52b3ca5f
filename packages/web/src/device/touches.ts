/**
 * The fingers on one phone: turns pointer events into touches, gathers moves until the next frame of the screen, and never leaves a finger
 * behind when the hand is gone.
 */
import type { HandEvent } from "@phonerack/contract/api";
import { type Extent, mirrored, type Spot } from "./pointer.js";

type Touch = Extract<HandEvent, { type: "touch" }>;

export interface TouchParts {
  send(touch: Touch): void;
  /** Asks to be called before the next picture: requestAnimationFrame. */
  nextFrame(work: () => void): void;
}

interface Finger {
  readonly pointer: number;
  /** A pinch with one mouse: this finger has a mirror image. */
  readonly twin: number | undefined;
  readonly screen: Extent;
  at: Spot;
  moved: boolean;
}

const MOST_FINGERS = 10;

export class Touches {
  readonly #parts: TouchParts;
  /** By the browser's pointer id. */
  readonly #fingers = new Map<number, Finger>();
  #scheduled = false;

  constructor(parts: TouchParts) {
    this.#parts = parts;
  }

  /** The fingers down, for showing them: device pixels. */
  get spots(): readonly Spot[] {
    return [...this.#fingers.values()].flatMap(({ at, twin, screen }) => (twin === undefined ? [] : [at, mirrored(at, screen)]));
  }

  down(id: number, at: Spot, { screen, pinch }: { screen: Extent; pinch: boolean }): void {
    if (this.#fingers.has(id)) this.up(id, at);
    const pointer = this.#freePointer();
    if (pointer === undefined) return;
    const finger: Finger = { pointer, twin: undefined, screen, at, moved: false };
    this.#fingers.set(id, finger);
    const twin = pinch ? this.#freePointer() : undefined;
    if (twin !== undefined) this.#fingers.set(id, { ...finger, twin });
    this.#send("down", this.#fingers.get(id) ?? finger);
  }

  move(id: number, at: Spot): void {
    const finger = this.#fingers.get(id);
    if (!finger || (finger.at.x === at.x && finger.at.y === at.y)) return;
    finger.at = at;
    finger.moved = true;
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#parts.nextFrame(() => this.#flush());
  }

  up(id: number, at: Spot): void {
    const finger = this.#fingers.get(id);
    if (!finger) return;
    this.move(id, at);
    // Before the finger is lifted it must have been where it is lifted: flings are measured from the last moves.
    this.#flush();
    this.#fingers.delete(id);
    this.#send("up", finger);
  }

  /** The window lost the hand: nothing was meant by it. */
  cancel(): void {
    for (const finger of this.#fingers.values()) this.#send("cancel", finger);
    this.#fingers.clear();
  }

  #flush(): void {
    this.#scheduled = false;
    for (const finger of this.#fingers.values()) {
      if (finger.moved) this.#send("move", finger);
      finger.moved = false;
    }
  }

  #send(phase: Touch["phase"], { pointer, twin, at, screen }: Finger): void {
    this.#parts.send({ type: "touch", phase, pointer, ...at, ...screen });
    if (twin !== undefined) this.#parts.send({ type: "touch", phase, pointer: twin, ...mirrored(at, screen), ...screen });
  }

  #freePointer(): number | undefined {
    const taken = new Set([...this.#fingers.values()].flatMap(({ pointer, twin }) => [pointer, twin]));
    for (let pointer = 0; pointer < MOST_FINGERS; pointer++) if (!taken.has(pointer)) return pointer;
    return undefined;
  }
}
