/** Whether the window in front forbids capture (FLAG_SECURE): its picture is black then, and people should know why. */
import type { PhoneLink } from "../transports/link.js";
import { runShell } from "../transports/shell.js";

const COMMAND = "dumpsys window windows | grep -E 'Window #|fl=|mCurrentFocus'";
const FLAG_SECURE = 0x2000;

/** Fails as `runShell` does. */
export async function hasSecureWindow(link: PhoneLink): Promise<boolean> {
  const { stdout } = await runShell(link, COMMAND, { timeoutMs: 5_000 });
  return readSecureWindow(stdout);
}

/**
 * In `dumpsys window windows` each window begins with "Window #3 Window{4f1 u0 a.b/a.b.C}:" and its attributes hold "fl=LAYOUT_IN_SCREEN SECURE",
 * up to Android 8 "fl=#81812100"; "mCurrentFocus=Window{4f1 u0 …}" names the one in front.
 */
export function readSecureWindow(dump: string): boolean {
  const focused = /mCurrentFocus=Window\{(\w+) /.exec(dump)?.[1];
  if (focused === undefined) return false;
  for (const window of dump.split(/Window #\d+ /).slice(1)) {
    if (!window.startsWith(`Window{${focused} `)) continue;
    const flags = /(?<![a-z])fl=([^\n}]*)/.exec(window)?.[1] ?? "";
    const hex = /^#([0-9a-f]+)/i.exec(flags)?.[1];
    return hex === undefined ? /\bSECURE\b/.test(flags) : (Number.parseInt(hex, 16) & FLAG_SECURE) !== 0;
  }
  return false;
}
