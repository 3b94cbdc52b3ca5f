/** How Maestro names things: keys, and texts as regular expressions. Facts of its format. */
import type { GroupStep } from "@phonerack/contract/bus";

type KeyName = Extract<GroupStep, { type: "key" }>["key"];

/** Maestro's names of those of our keys that it knows; compared without case. BACK has a command of its own too. */
const KEYS: Partial<Record<KeyName, string>> = {
  ENTER: "Enter",
  DEL: "Backspace",
  BACK: "Back",
  HOME: "Home",
  SLEEP: "Lock",
  VOLUME_UP: "Volume Up",
  VOLUME_DOWN: "Volume Down",
  POWER: "Power",
  TAB: "Tab",
  ESCAPE: "Escape",
  DPAD_UP: "Remote Dpad Up",
  DPAD_DOWN: "Remote Dpad Down",
  DPAD_LEFT: "Remote Dpad Left",
  DPAD_RIGHT: "Remote Dpad Right",
  MENU: "Remote Menu",
};

export function keyNameOf(key: KeyName): string | undefined {
  return KEYS[key];
}

export function keyOf(name: string): KeyName | undefined {
  const wanted = name.trim().toLowerCase();
  const found = Object.entries(KEYS).find(([, known]) => known.toLowerCase() === wanted);
  return found?.[0] as KeyName | undefined;
}

const SPECIAL = /[\\^$.|?*+()[\]{}]/g;
/** What makes a text a pattern, where Maestro would not find it as it stands anyway. */
const PATTERN = /\.[*+?]|\||\[[^\]]*\]|^\^|[^\\]\$$|\)[*+?]|\{\d+(,\d*)?\}|\\[A-Za-z0-9]/;

/** A text as Maestro's regular expression for exactly that text. */
export function patternOf(text: string): string {
  return text.replaceAll(SPECIAL, String.raw`\$&`);
}

/**
 * The one text that a pattern stands for; undefined when it may stand for several. Like Maestro, which also compares the pattern itself with the
 * text, an unescaped `?` or bracket is taken for itself.
 */
export function literalOf(pattern: string): string | undefined {
  // What is escaped is no operator.
  if (PATTERN.test(pattern.replaceAll(/\\[^A-Za-z0-9]/g, "_"))) return undefined;
  return pattern.replaceAll(/\\([^A-Za-z0-9])/g, "$1");
}

/** Typed text: Maestro puts the value of a script where `${…}` stands, unless a backslash does before it. */
export function typedOf(text: string): string {
  return text.replaceAll("${", "\\${");
}

export function untypedOf(text: string): string {
  return text.replaceAll("\\${", "${");
}

/** Whether Maestro would run a script for it. */
export function hasScript(text: string): boolean {
  return /(?<!\\)\$\{[^$]*\}/.test(text);
}
