/** Turns our inputs into scrcpy's control messages, in device pixels. Knows nothing of gates, queues or sessions. */
import {
  type ControlMessage,
  controlMaxText,
  encodeControlMessage,
  keyAction,
  motionAction,
  pointerId,
} from "@phonerack/android-wire/scrcpy";
import { type Input, KEYS, type KeyName, type Screen } from "@phonerack/contract/bus";
import type { GateAction } from "@phonerack/policy";

export type ScreenSize = Pick<ReturnType<typeof Screen.parse>, "width" | "height">;
export type SwipeInput = Extract<Input, { type: "swipe" }>;

/** What the gate is told an input is. */
export function actionOf(input: Input): GateAction {
  switch (input.type) {
    case "tap":
    case "swipe":
    case "scroll":
    case "text":
      return input.type;
    case "touch":
      return input.phase === "down" ? "tap" : "drag";
    case "key":
    case "keyPress":
      return NAVIGATION.has(input.key) ? "navigate" : WRITING.has(input.key) ? "text" : "key";
    case "rotate":
      return "navigate";
  }
}

/** Keys of the phone itself: they lead out of an app and write nothing into one. */
const NAVIGATION: ReadonlySet<KeyName> = new Set([
  "HOME",
  "BACK",
  "APP_SWITCH",
  "POWER",
  "SLEEP",
  "WAKEUP",
  "VOLUME_UP",
  "VOLUME_DOWN",
  "VOLUME_MUTE",
]);

/** Keys that write, alone or with Ctrl (V pastes). */
const WRITING: ReadonlySet<KeyName> = new Set(["A", "C", "V", "X", "Z", "SPACE"]);

/** Characters that Android's virtual keyboard can type on every phone (KeyCharacterMap): all others need the clipboard. */
export function isTypeable(text: string): boolean {
  return /^[\n\x20-\x7e]*$/.test(text);
}

/** The messages of an input that happens at once. A swipe is not one (`swipeSteps`), nor is text that is not typeable. */
export function messagesOf(input: Exclude<Input, SwipeInput>, screen: ScreenSize): Uint8Array {
  return Buffer.concat(instant(input, screen).map(encodeControlMessage));
}

function instant(input: Exclude<Input, SwipeInput>, screen: ScreenSize): ControlMessage[] {
  switch (input.type) {
    case "tap":
      return [motionAction.down, motionAction.up].map((action) =>
        touch({ pointer: SWIPE_POINTER, action, point: input, screen }),
      );
    case "touch":
      return input.phase === "cancel"
        ? cancelled(BigInt(input.pointer), input, screen)
        : [touch({ pointer: BigInt(input.pointer), action: motionAction[input.phase], point: input, screen })];
    case "scroll":
      return [{ type: "inject-scroll", position: at(input, screen), hScroll: input.dx, vScroll: input.dy, buttons: 0 }];
    case "key":
      return [key(keyAction.down, KEYS[input.key]), key(keyAction.up, KEYS[input.key])];
    case "keyPress":
      return [key(keyAction[input.phase], KEYS[input.key], input.meta)];
    case "text":
      return pieces(input.text).map((text) => ({ type: "inject-text", text }));
    case "rotate":
      return [{ type: "rotate-device" }];
  }
}

/** Takes a finger off without a click. scrcpy keeps a cancelled pointer as down, so an up follows, which Android then ignores. */
export function cancelTouch(pointer: bigint, point: { x: number; y: number }, screen: ScreenSize): Uint8Array {
  return Buffer.concat(cancelled(pointer, point, screen).map(encodeControlMessage));
}

/** One message of a swipe, when it is due in milliseconds from the swipe's beginning, and where the finger then is. */
export interface SwipeStep {
  readonly at: number;
  readonly x: number;
  readonly y: number;
  readonly bytes: Uint8Array;
}

/** The finger that taps and swipes; hands have fingers of their own. */
export const SWIPE_POINTER = pointerId.genericFinger;

export function swipeSteps(swipe: SwipeInput, screen: ScreenSize): SwipeStep[] {
  const FRAME_MS = 16;
  const moves = Math.max(1, Math.round(swipe.ms / FRAME_MS));
  const step = (action: number, part: number) => {
    const point = { x: swipe.x + (swipe.toX - swipe.x) * part, y: swipe.y + (swipe.toY - swipe.y) * part };
    const bytes = encodeControlMessage(touch({ pointer: SWIPE_POINTER, action, point, screen }));
    return { at: swipe.ms * part, ...point, bytes };
  };
  return [
    step(motionAction.down, 0),
    ...Array.from({ length: moves }, (_, index) => step(motionAction.move, (index + 1) / moves)),
    step(motionAction.up, 1),
  ];
}

function cancelled(pointer: bigint, point: { x: number; y: number }, screen: ScreenSize): ControlMessage[] {
  return [motionAction.cancel, motionAction.up].map((action) => touch({ pointer, action, point, screen }));
}

function touch(of: { pointer: bigint; action: number; point: { x: number; y: number }; screen: ScreenSize }): ControlMessage {
  const { pointer, action, point, screen } = of;
  const pressure = action === motionAction.down || action === motionAction.move ? 1 : 0;
  return { type: "inject-touch", action, pointerId: pointer, position: at(point, screen), pressure, actionButton: 0, buttons: 0 };
}

/** A finger dragged off the screen stays on its edge. */
function at(
  point: { x: number; y: number },
  { width, height }: ScreenSize,
): { x: number; y: number; width: number; height: number } {
  const clamp = (value: number, most: number) => Math.max(0, Math.min(most - 1, Math.round(value)));
  return { x: clamp(point.x, width), y: clamp(point.y, height), width, height };
}

function key(action: number, keycode: number, metaState = 0): ControlMessage {
  return { type: "inject-keycode", action, keycode, repeat: 0, metaState };
}

/** Typeable text is one byte a character. */
function pieces(text: string): string[] {
  const found: string[] = [];
  for (let start = 0; start < text.length; start += controlMaxText) found.push(text.slice(start, start + controlMaxText));
  return found;
}
