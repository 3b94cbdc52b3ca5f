/**
 * A phone's settings as it says them, and changed: all that are asked for, or none. What this phone cannot be told is said before anything is changed; what
 * it did not take, although it should, is undone with the rest.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type ActionResult,
  type DeviceAction,
  type DeviceSettings,
  type DeviceSettingsNow,
  PhonerackError,
} from "@phonerack/contract/bus";
import { requireAllowed } from "../tasks/allowed.js";
import type { Doing } from "../tasks/doing.js";
import { runShell } from "../transports/shell.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import { isSo, KIND_NAMES, KINDS, type Kind, type Said } from "./kinds.js";
import { cannotLocate, type Locations } from "./locations.js";

const COMMAND_MS = 15_000;
/** Android takes some of them up in a moment of its own. */
const TAKES_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 100;
const MARK = "@@phonerack";

type Now = Pick<DeviceSettingsNow, Kind>;

export async function readDeviceSettings(phone: PhoneAtWork, locations: Locations): Promise<DeviceSettingsNow> {
  const now = await readNow(phone);
  const unsupported: string[] = KIND_NAMES.filter((kind) => KINDS[kind].cannot?.(phone.report) !== undefined);
  if (cannotLocate(phone.report) !== undefined) unsupported.push("location");
  return { ...now, location: locations.of(phone.id), unsupported };
}

/** Fails with `setting_unsupported` (nothing is changed then), `denied`, or the connection's errors. */
export async function changeSettings(
  doing: Doing,
  { settings }: Extract<DeviceAction, { type: "settings" }>,
  locations: Locations,
): Promise<ActionResult> {
  const { phone } = doing;
  const { location } = settings;
  const wanted = KIND_NAMES.filter((kind) => settings[kind] !== undefined);
  requireSupported(phone, settings, wanted);
  const before = await readNow(phone);
  if (wanted.length > 0) await requireAllowed(doing, "setting");
  if (location) await requireAllowed(doing, "location");
  try {
    if (wanted.length > 0) await changeAll(doing, settings, wanted);
    if (location !== undefined) await locations.set(doing, location);
  } catch (error) {
    await undo(phone, before, wanted);
    throw error;
  }
  return {};
}

function requireSupported({ report }: PhoneAtWork, settings: DeviceSettings, wanted: readonly Kind[]): void {
  const reasons = wanted.map((kind) => [kind, KINDS[kind].cannot?.(report)] as const);
  const all = [...reasons, ["location", settings.location ? cannotLocate(report) : undefined] as const];
  const refused = all.flatMap(([name, reason]) => (reason === undefined ? [] : [`${name}: ${reason}`]));
  if (refused.length > 0) throw new PhonerackError("setting_unsupported", refused.join("; "));
}

async function changeAll(doing: Doing, settings: DeviceSettings, wanted: readonly Kind[]): Promise<void> {
  const { phone, signal } = doing;
  doing.progress(0.2, `setting ${wanted.join(", ")}`);
  const commands = wanted.map((kind) => setting(kind, settings, phone));
  signal.throwIfAborted();
  await runShell(phone.link(), commands.join("; "), { timeoutMs: COMMAND_MS });
  const wrong = (now: Now) => wanted.filter((kind) => !isSo(now[kind], settings[kind]));
  const until = performance.now() + TAKES_WITHIN_MS;
  for (;;) {
    const now = await readNow(phone);
    signal.throwIfAborted();
    const left = wrong(now);
    if (left.length === 0) return;
    if (performance.now() > until)
      throw new PhonerackError("setting_unsupported", left.map((kind) => `${kind}: it stays ${String(now[kind])}`).join("; "));
    await sleep(LOOK_EVERY_MS);
  }
}

/** As it was, as far as it can be told. */
async function undo(phone: PhoneAtWork, before: Now, wanted: readonly Kind[]): Promise<void> {
  const commands = wanted.flatMap((kind) => (before[kind] === null ? [] : [setting(kind, before as DeviceSettings, phone)]));
  if (commands.length === 0) return;
  // A phone that is gone is cleaned when it is back.
  await Promise.resolve()
    .then(() => runShell(phone.link(), commands.join("; "), { timeoutMs: COMMAND_MS }))
    .catch(() => undefined);
}

function setting<K extends Kind>(kind: K, settings: DeviceSettings, { report }: PhoneAtWork): string {
  const { set } = KINDS[kind] as { set: (wanted: unknown, facts: typeof report) => string };
  return set(settings[kind], report);
}

/** All of them in one round trip. Fails as `runShell` does. */
async function readNow(phone: PhoneAtWork): Promise<Now> {
  const questions = Object.assign({}, ...KIND_NAMES.map((kind) => KINDS[kind].asks)) as Record<string, string>;
  const command = Object.entries(questions).map(([name, question]) => `echo; echo ${MARK} ${name}; ${question} 2>/dev/null`);
  const { stdout } = await runShell(phone.link(), command.join("; "), { timeoutMs: COMMAND_MS, maxBytes: 64 * 1024 });
  const said: Record<string, string> = {};
  for (const part of stdout.split(`${MARK} `).slice(1)) {
    const [name = "", ...lines] = part.split("\n");
    said[name.trim()] = lines.join("\n").trim().slice(0, 500);
  }
  return Object.fromEntries(KIND_NAMES.map((kind) => [kind, KINDS[kind].read(said as Said)])) as Now;
}
