/**
 * Everything there is to ask a phone at first, in one shell command: a phone in a rack is 1 to 30 ms of round trip away, and there are a
 * thousand of them. The formats are Android's own, 8 to 16; a line that is missing or odd leaves its field null.
 */
import type { Battery, Screen } from "@phonerack/contract/bus";
import { type Foreground, readForeground } from "../foreground/events.js";
import { type Hardware, ID_COMMANDS, readIds } from "../identity/hardware.js";

const PROPERTIES = {
  booted: "sys.boot_completed",
  serial: "ro.serialno",
  manufacturer: "ro.product.manufacturer",
  model: "ro.product.model",
  release: "ro.build.version.release",
  sdk: "ro.build.version.sdk",
} as const;

const LONGEST_NAME = 120;
/** scrcpy sends sizes in 16 bits. */
const LARGEST_SIDE = 0xffff;
const MARK = "@phonerack:";

/** What each part of the answer is called, and the command that prints it. */
const PARTS = {
  ...(Object.fromEntries(Object.entries(PROPERTIES).map(([name, property]) => [name, `getprop ${property}`])) as Record<
    keyof typeof PROPERTIES,
    string
  >),
  boot: "cat /proc/sys/kernel/random/boot_id",
  unit: "settings get secure android_id",
  ...ID_COMMANDS,
  stayOn: "settings get global stay_on_while_plugged_in",
  size: "wm size",
  density: "wm density",
  battery: "dumpsys battery",
  power: "dumpsys power | grep mWakefulness=",
  displays: "dumpsys window displays | grep -E 'init=|otation='",
  focus: "dumpsys window | grep -E 'mCurrentFocus|mFocusedApp'",
  keyguard: "dumpsys window policy | grep -E 'showing=|secure=|mIsShowing=|KeyguardShowing='",
} as const;
type Part = keyof typeof PARTS;

export interface Survey {
  readonly booted: boolean;
  readonly hardware: Hardware;
  readonly release: string | null;
  readonly sdk: number | null;
  /** Changes with each start of the phone; "" when the phone does not say. */
  readonly boot: string;
  readonly stayOn: boolean;
  readonly screen: Screen | null;
  readonly battery: Battery | null;
  /** null: the phone does not say. */
  readonly awake: boolean | null;
  readonly keyguard: { readonly showing: boolean; readonly secure: boolean } | null;
  readonly foreground: Foreground | null;
}

export const SURVEY_COMMAND = script(Object.keys(PARTS) as Part[]);
/** What may have changed since: asked again after waking the phone or turning it. */
export const SCREEN_COMMAND = script(["power", "keyguard", "size", "density", "displays", "focus"]);

function script(parts: readonly Part[]): string {
  return parts.map((part) => `echo ${MARK}${part}; ${PARTS[part]} 2>/dev/null`).join("; ");
}

export function readSurvey(output: string): Survey {
  const parts = split(output);
  const get = (part: Part) => (parts.get(part) ?? "").trim();
  const said = (part: Part) => (get(part) === "null" ? "" : printable(get(part)));
  return {
    booted: get("booted") === "1",
    hardware: {
      serial: said("serial"),
      manufacturer: said("manufacturer"),
      model: said("model"),
      unit: said("unit"),
      ids: readIds(get),
    },
    release: said("release") || null,
    sdk: integer(get("sdk")),
    boot: said("boot"),
    stayOn: ((integer(get("stayOn")) ?? 0) & STAY_ON) === STAY_ON,
    battery: readBattery(get("battery")),
    ...readScreenState(output),
  };
}

/** The screen stays on while charged by AC, USB or wireless: BatteryManager.BATTERY_PLUGGED_*. */
export const STAY_ON = 7;

export type ScreenState = Pick<Survey, "screen" | "awake" | "keyguard" | "foreground">;

export function readScreenState(output: string): ScreenState {
  const parts = split(output);
  const get = (part: Part) => parts.get(part) ?? "";
  const wakefulness = /mWakefulness=(\w+)/.exec(get("power"))?.[1];
  return {
    screen: readScreen(get("displays"), get("size"), get("density")),
    // Dozing with a lit clock is not awake: nothing can be touched.
    awake: wakefulness === undefined ? null : wakefulness === "Awake" || wakefulness === "Dreaming",
    keyguard: readKeyguard(get("keyguard")),
    foreground: readForeground(get("focus")),
  };
}

function split(output: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const piece of output.split(MARK).slice(1)) {
    const end = piece.indexOf("\n");
    if (end >= 0) parts.set(piece.slice(0, end).trim(), piece.slice(end + 1));
  }
  return parts;
}

/** `dumpsys battery`: temperature is in tenths of a degree. */
export function readBattery(text: string): Battery | null {
  const field = (name: string) => new RegExp(`^\\s*${name}: (-?\\w+)`, "m").exec(text)?.[1];
  const level = integer(field("level") ?? "");
  const temperature = integer(field("temperature") ?? "");
  if (level === null || level < 0 || level > 100 || temperature === null) return null;
  const powered = ["AC", "USB", "Wireless", "Dock"].some((source) => field(`${source} powered`) === "true");
  return { level, charging: powered, temperature: temperature / 10 };
}

/** `DisplayContent`: "init=1080x2340 420dpi base=… cur=2340x1080 app=…", of which cur is in the present rotation. Falls back on `wm`. */
function readScreen(displays: string, size: string, density: string): Screen | null {
  const line = /init=\d+x\d+ (\d+)dpi.*?\bcur=(\d+)x(\d+)/.exec(displays);
  const rotation = Number(/m(?:Current)?Rotation=(?:ROTATION_)?(\d+)/.exec(displays)?.[1] ?? 0);
  const turn = rotation >= 90 ? rotation / 90 : rotation;
  const override = /Override density: (\d+)/.exec(density)?.[1] ?? /Physical density: (\d+)/.exec(density)?.[1];
  const dpi = integer(override ?? line?.[1] ?? "");
  const upright = /Override size: (\d+)x(\d+)/.exec(size) ?? /Physical size: (\d+)x(\d+)/.exec(size);
  const [width, height] = line
    ? [Number(line[2]), Number(line[3])]
    : turn % 2 === 0
      ? [Number(upright?.[1]), Number(upright?.[2])]
      : [Number(upright?.[2]), Number(upright?.[1])];
  const fits = (side: number) => side > 0 && side <= LARGEST_SIDE;
  if (!fits(width) || !fits(height) || dpi === null || dpi <= 0) return null;
  return { width, height, density: dpi, rotation: Math.min(3, Math.trunc(turn)) };
}

function readKeyguard(text: string): Survey["keyguard"] {
  const showing = /\b(?:showing|mIsShowing|mKeyguardShowing|isKeyguardShowing)=(true|false)/.exec(text)?.[1];
  if (showing === undefined) return null;
  return { showing: showing === "true", secure: /\bsecure=true/.test(text) };
}

/** What a phone says of itself is shown to people and kept: a line of it, without what no name holds. */
function printable(text: string): string {
  return text
    .replaceAll(/\p{C}+/gu, " ")
    .trim()
    .slice(0, LONGEST_NAME);
}

function integer(text: string): number | null {
  return /^-?\d{1,9}$/.test(text.trim()) ? Number.parseInt(text, 10) : null;
}
