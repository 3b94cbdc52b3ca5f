import { z } from "zod";

/** Android's key names without `KEYCODE_`, with their numbers (android.view.KeyEvent). */
export const KEYS = {
  HOME: 3,
  BACK: 4,
  DPAD_UP: 19,
  DPAD_DOWN: 20,
  DPAD_LEFT: 21,
  DPAD_RIGHT: 22,
  VOLUME_UP: 24,
  VOLUME_DOWN: 25,
  POWER: 26,
  A: 29,
  C: 31,
  V: 50,
  X: 52,
  Z: 54,
  TAB: 61,
  SPACE: 62,
  ENTER: 66,
  DEL: 67,
  PAGE_UP: 92,
  PAGE_DOWN: 93,
  ESCAPE: 111,
  FORWARD_DEL: 112,
  MOVE_HOME: 122,
  MOVE_END: 123,
  VOLUME_MUTE: 164,
  APP_SWITCH: 187,
  MENU: 82,
  SLEEP: 223,
  WAKEUP: 224,
} as const;
export type KeyName = keyof typeof KEYS;
const KEY_NAMES = Object.keys(KEYS) as [KeyName, ...KeyName[]];

export const Key = z.preprocess((v) => (typeof v === "string" ? v.toUpperCase().replace(/^KEYCODE_/, "") : v), z.enum(KEY_NAMES));

const Coordinate = z.number().min(-1).max(100_000);
const Point = { x: Coordinate, y: Coordinate };

/** A whole action, in device pixels of the current rotation: what scripts and the API send. */
export const Action = z.discriminatedUnion("type", [
  z.object({ type: z.literal("tap"), ...Point }),
  z.object({ type: z.literal("swipe"), ...Point, toX: Coordinate, toY: Coordinate, ms: z.int().min(0).max(10_000).default(300) }),
  z.object({ type: z.literal("key"), key: Key }),
  z.object({ type: z.literal("text"), text: z.string().min(1).max(10_000) }),
]);
export type Action = z.infer<typeof Action>;

/** What a hand does, event by event: only on the live socket. `meta` is Android's meta state (1 shift, 2 alt, 4096 ctrl). */
export const HandEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("touch"),
    phase: z.enum(["down", "move", "up", "cancel"]),
    pointer: z.int().min(0).max(9),
    ...Point,
    /** The size of the screen the hand saw; a touch aimed at another rotation is dropped. */
    width: z.int().positive(),
    height: z.int().positive(),
  }),
  z.object({ type: z.literal("scroll"), ...Point, dx: z.number().min(-16).max(16), dy: z.number().min(-16).max(16) }),
  z.object({
    type: z.literal("keyPress"),
    key: Key,
    phase: z.enum(["down", "up"]),
    meta: z.int().min(0).max(0x7fff_ffff).default(0),
  }),
  z.object({ type: z.literal("rotate") }),
]);
export type HandEvent = z.infer<typeof HandEvent>;

export const Input = z.union([Action, HandEvent]);
export type Input = z.infer<typeof Input>;

/** delivered: bytes accepted by the phone's ADB. denied: the gate said no. late: past `notAfter`. failed: `error` says why. */
export const InputOutcome = z.object({
  outcome: z.enum(["delivered", "denied", "late", "failed"]),
  error: z.object({ code: z.string(), message: z.string(), detail: z.string().optional() }).optional(),
});
export type InputOutcome = z.infer<typeof InputOutcome>;
