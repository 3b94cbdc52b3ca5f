/**
 * Puts inputs into one phone, in the order they came: checked for time and epoch, decided by the gate at the moment of injection, journalled,
 * written. What waits while the phone accepts goes in one write. A finger that somebody left on the screen is taken off. When the phone
 * changes hands, nothing of the old hand's is left: not in the queue, not in the middle of a swipe.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Input, type InputOrder, type InputOutcome, PhonerackError } from "@phonerack/contract/bus";
import type { Asked, Look, PhoneGate } from "../gate/phone-gate.js";
import { FRESH_MS, type Held, lateness } from "../hold/held.js";
import { PASTE_TIMEOUT_MS } from "./control-session.js";
import { actionOf, cancelTouch, isTypeable, messagesOf, type ScreenSize, SWIPE_POINTER, swipeSteps } from "./messages.js";

const MOST_WAITING = 1_000;
/** A finger that has not moved for so long is left behind, not held. */
const HELD_MS = 30_000;

/** Where inputs go: a control session. */
export interface Hands {
  /** Resolves when the phone's ADB has accepted the bytes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when the phone has confirmed the text. */
  paste(text: string): Promise<void>;
}

export interface InjectorParts {
  readonly gate: Pick<PhoneGate, "ask" | "weigh" | "needsLook" | "look">;
  /** Whose the phone is at this moment. */
  held(): Held;
  /** null while it is not known. */
  screen(): ScreenSize | null;
  /** A live session, started when there is none. Fails with the reason why the phone takes no input. */
  session(): Promise<Hands>;
}

interface Item {
  readonly input: Input;
  readonly order: InputOrder;
  readonly deadline: number;
  settle(outcome: InputOutcome): void;
}

interface Finger {
  x: number;
  y: number;
  touched: number;
}

export class Injector {
  readonly #parts: InjectorParts;
  readonly #queue: Item[] = [];
  readonly #fingers = new Map<bigint, Finger>();
  #working = false;
  /** How often the phone has changed hands. */
  #cuts = 0;

  constructor(parts: InjectorParts) {
    this.#parts = parts;
  }

  /** One outcome per input, in their order. */
  handle(order: InputOrder): Promise<InputOutcome[]> {
    const tooLate = lateness(order.notAfter, Date.now());
    if (tooLate) return Promise.resolve(order.inputs.map(() => ({ outcome: "late", error: tooLate.toJSON() })));
    const open = this.#isHolders(order);
    let deadline = Math.min(order.notAfter, Date.now() + FRESH_MS);
    const outcomes = order.inputs.map((input) => {
      const item = { input, order, deadline };
      // What comes after a gesture in one order is meant to come after it: the gesture's own time makes nothing late.
      deadline += timeOf(input);
      return new Promise<InputOutcome>((settle) => {
        // No session is started for, and nobody waits behind, what is refused whatever the phone shows.
        if (!open) settle(this.#refusal({ ...item, settle }) ?? STALE);
        else if (this.#queue.length >= MOST_WAITING) settle(failed(new PhonerackError("too_many", "inputs wait for this phone")));
        else this.#queue.push({ ...item, settle });
      });
    });
    if (!this.#working) void this.#work();
    return Promise.all(outcomes);
  }

  /** Takes every finger off: its owner has gone. Never fails; resolves when the phone has taken it. */
  async lift(): Promise<void> {
    const screen = this.#parts.screen();
    const fingers = [...this.#fingers];
    this.#fingers.clear();
    if (fingers.length === 0 || !screen) return;
    const bytes = Buffer.concat(fingers.map(([pointer, finger]) => cancelTouch(pointer, finger, screen)));
    try {
      const session = await this.#parts.session();
      await session.write(bytes);
    } catch {
      // The session is gone, and with it every pointer it held.
    }
  }

  /**
   * The phone changes hands: what waits is refused now, what is under way goes no further, and fingers are taken off in the session that holds
   * them. Never fails; resolves when the phone has taken it.
   */
  cut(): Promise<void> {
    this.#cuts++;
    for (const item of this.#queue.splice(0)) item.settle(this.#refusal(item) ?? STALE);
    return this.lift();
  }

  /** Lifts fingers that were left behind. */
  tick(now: number): void {
    for (const finger of this.#fingers.values()) if (now - finger.touched > HELD_MS) return void this.lift();
  }

  /** The phone is gone: so are the fingers, and what waits fails. */
  detach(reason: PhonerackError): void {
    this.#fingers.clear();
    for (const item of this.#queue.splice(0)) item.settle(failed(reason));
  }

  async #work(): Promise<void> {
    this.#working = true;
    try {
      for (let head = this.#queue[0]; head; head = this.#queue[0]) {
        if (takesTime(head.input)) {
          this.#queue.shift();
          await this.#perform(head);
        } else await this.#performWaiting();
      }
    } finally {
      this.#working = false;
    }
  }

  /** Everything at the head of the queue that happens at once, in one write. */
  async #performWaiting(): Promise<void> {
    let session: Hands;
    try {
      session = await this.#parts.session();
    } catch (error) {
      // What waited for these hands would only wait again.
      for (const item of this.#queue.splice(0)) item.settle(failed(error));
      return;
    }
    const look = await this.#lookFor(this.#queue[0]);
    const batch: Item[] = [];
    const bytes: Uint8Array[] = [];
    for (let item = this.#queue[0]; item && !takesTime(item.input); item = this.#queue[0]) {
      // What needs a look of its own gets it in the next round.
      if (batch.length > 0 && this.#needsLook(item)) break;
      this.#queue.shift();
      const refusal = this.#refusal(item, look);
      if (refusal) this.#giveUp(item.input, bytes);
      const outcome = refusal ?? this.#follow(item.input, bytes);
      if (outcome) item.settle(outcome);
      else batch.push(item);
    }
    if (bytes.length === 0) return;
    const outcome = await session.write(Buffer.concat(bytes)).then(() => DELIVERED, failed);
    for (const item of batch) item.settle(outcome);
  }

  async #perform(item: Item): Promise<void> {
    const cuts = this.#cuts;
    try {
      const session = await this.#parts.session();
      const refusal = this.#refusal(item, await this.#lookFor(item));
      if (refusal) return item.settle(refusal);
      const { input } = item;
      if (input.type === "text") await session.paste(input.text);
      else if (input.type === "swipe") await this.#swipe(session, input, item);
      item.settle(DELIVERED);
    } catch (error) {
      item.settle(this.#cuts === cuts ? refused(error) : STALE);
    }
  }

  async #swipe(session: Hands, swipe: Extract<Input, { type: "swipe" }>, item: Item): Promise<void> {
    const screen = this.#screen();
    const began = performance.now();
    const cuts = this.#cuts;
    try {
      for (const { at, x, y, bytes } of swipeSteps(swipe, screen)) {
        const wait = began + at - performance.now();
        if (wait > 1) await sleep(wait);
        // Asking makes a lease end whose time is up.
        this.#parts.held();
        if (this.#cuts !== cuts) throw new PhonerackError("epoch_stale");
        if (at > 0) await this.#goOn(session, item);
        this.#fingers.set(SWIPE_POINTER, { x, y, touched: Date.now() });
        await session.write(bytes);
      }
    } finally {
      this.#fingers.delete(SWIPE_POINTER);
    }
  }

  /** A swipe that is under way ends where the gate would not let it begin: a finger is taken off without a click. */
  async #goOn(session: Hands, item: Item): Promise<void> {
    const { decision, reason } = this.#parts.gate.weigh({ ...askedOf(item), action: "drag" });
    if (decision === "allow") return;
    const finger = this.#fingers.get(SWIPE_POINTER);
    if (finger) await session.write(cancelTouch(SWIPE_POINTER, finger, this.#screen()));
    throw new PhonerackError("denied", reason);
  }

  /** Where the phone does not tell by itself what is in front, it is asked. */
  async #lookFor(item: Item | undefined): Promise<Look | undefined> {
    return item && this.#needsLook(item) ? this.#parts.gate.look() : undefined;
  }

  #needsLook(item: Item): boolean {
    return actionOf(item.input) !== "drag" && this.#parts.gate.needsLook(item.order);
  }

  /** A finger whose move or lifting was denied does not stay on the screen: it is taken off without a click. */
  #giveUp(input: Input, bytes: Uint8Array[]): void {
    if (input.type !== "touch") return;
    const pointer = BigInt(input.pointer);
    const finger = this.#fingers.get(pointer);
    if (!finger || !this.#parts.screen()) return;
    this.#fingers.delete(pointer);
    bytes.push(cancelTouch(pointer, finger, this.#screen()));
  }

  /** The order comes from who holds the phone now. */
  #isHolders({ epoch, actor }: InputOrder): boolean {
    const held = this.#parts.held();
    return epoch === held.epoch && held.phase === "leased" && actor === held.actor;
  }

  /** Why this input must not happen now; asked right before it would. */
  #refusal(item: Item, look?: Look): InputOutcome | undefined {
    if (Date.now() > item.deadline) return late(undefined);
    const { decision, error } = this.#parts.gate.ask(askedOf(item, look));
    if (error?.code === "internal") return failed(error);
    if (decision === "deny") return { outcome: "denied", error: (error ?? new PhonerackError("denied")).toJSON() };
    const { input } = item;
    const screen = this.#parts.screen();
    if (!screen) return failed(new PhonerackError("device_not_ready", "its screen size is not known yet"));
    const aimed = input.type === "touch" && input.phase !== "up" && input.phase !== "cancel" ? input : undefined;
    if (aimed && (aimed.width !== screen.width || aimed.height !== screen.height)) {
      return late(`aimed at a screen of ${aimed.width}x${aimed.height}; it is ${screen.width}x${screen.height} now`);
    }
    return undefined;
  }

  /** Keeps account of fingers and appends the input's bytes. */
  #follow(input: Input, bytes: Uint8Array[]): InputOutcome | undefined {
    const screen = this.#screen();
    if (input.type === "swipe") return undefined;
    if (input.type !== "touch") {
      bytes.push(messagesOf(input, screen));
      return undefined;
    }
    const pointer = BigInt(input.pointer);
    const finger = this.#fingers.get(pointer);
    if (!finger && input.phase !== "down") return late("this finger is not on the screen (any more)");
    // The screen turned under the finger: it is taken off where it last was.
    const turned = input.width !== screen.width || input.height !== screen.height;
    const point = turned && finger ? { ...input, ...finger } : input;
    if (input.phase === "up" || input.phase === "cancel") this.#fingers.delete(pointer);
    else this.#fingers.set(pointer, { x: input.x, y: input.y, touched: Date.now() });
    bytes.push(messagesOf(point, screen));
    return undefined;
  }

  #screen(): ScreenSize {
    const screen = this.#parts.screen();
    if (!screen) throw new PhonerackError("device_not_ready", "its screen size is not known yet");
    return screen;
  }
}

const DELIVERED: InputOutcome = { outcome: "delivered" };
const STALE: InputOutcome = { outcome: "denied", error: new PhonerackError("epoch_stale").toJSON() };

function askedOf({ order, input }: Pick<Item, "order" | "input">, look?: Look): Asked {
  const { mode, actor, epoch, trial = false } = order;
  return { mode, actor, epoch, trial, action: actionOf(input), ...(look && { look }) };
}

function takesTime(input: Input): boolean {
  return input.type === "swipe" || (input.type === "text" && !isTypeable(input.text));
}

/** Milliseconds that an input takes by itself, at most. */
function timeOf(input: Input): number {
  if (!takesTime(input)) return 0;
  return input.type === "swipe" ? input.ms : PASTE_TIMEOUT_MS;
}

function late(detail: string | undefined): InputOutcome {
  return { outcome: "late", error: new PhonerackError("too_late", detail).toJSON() };
}

/** The gate's denial in the middle of an input, or its failure. */
function refused(error: unknown): InputOutcome {
  const denied = error instanceof PhonerackError && error.code === "denied";
  return denied ? { outcome: "denied", error: error.toJSON() } : failed(error);
}

function failed(error: unknown): InputOutcome {
  const known = error instanceof PhonerackError ? error : new PhonerackError("internal", undefined, { cause: error });
  return { outcome: "failed", error: known.toJSON() };
}
