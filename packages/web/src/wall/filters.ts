/** Which devices the wall shows, and how many each filter would show. */
import type { Device } from "@phonerack/contract/api";
import { STATUSES, type Status, statusesOf } from "../status/status.js";

export interface WallFilter {
  readonly text: string;
  /** Empty: all. */
  readonly statuses: readonly Status[];
  readonly models: readonly string[];
  readonly sdks: readonly number[];
  readonly labels: readonly string[];
}

export interface Choice<T> {
  readonly value: T;
  readonly count: number;
}

export interface FilterChoices {
  readonly statuses: readonly Choice<Status>[];
  readonly models: readonly Choice<string>[];
  readonly sdks: readonly Choice<number>[];
  readonly labels: readonly Choice<string>[];
}

/** `actor`: whose phones are "yours". */
export function filterDevices(devices: readonly Device[], filter: WallFilter, actor?: string): readonly Device[] {
  const words = wordsOf(filter.text);
  const chosen = filter.statuses.length + filter.models.length + filter.sdks.length + filter.labels.length;
  if (words.length + chosen === 0) return devices;
  return devices.filter(
    (device) =>
      (filter.statuses.length === 0 || statusesOf(device, actor).some((status) => filter.statuses.includes(status))) &&
      (filter.models.length === 0 || filter.models.includes(device.model ?? "")) &&
      (filter.sdks.length === 0 || filter.sdks.includes(device.sdk ?? -1)) &&
      (filter.labels.length === 0 || device.labels.some((label) => filter.labels.includes(label))) &&
      matches(device, words, actor),
  );
}

export function wordsOf(text: string): readonly string[] {
  return text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
}

/** True when each word is part of something that people call the device by. */
export function matches(device: Device, words: readonly string[], actor?: string): boolean {
  if (words.length === 0) return true;
  const said = saidOf(device, actor);
  return words.every((word) => said.includes(word));
}

/**
 * At most `most` that fit, those first whose name does: "v01 04" means V01-04, though another one's port or serial has a 04 in it.
 */
export function findByName(
  devices: readonly Device[],
  { words, most, actor }: { readonly words: readonly string[]; readonly most: number; readonly actor?: string | undefined },
): readonly Device[] {
  const found = devices.filter((device) => matches(device, words, actor));
  const named = (device: Device) => words.every((word) => device.name.toLocaleLowerCase().includes(word));
  return [...found.filter(named), ...found.filter((device) => !named(device))].slice(0, most);
}

/** A device that changes is another object: what is said of one holds for as long as it is the same, however many letters are typed. */
const saidOfDevice = new WeakMap<Device, { readonly said: string; readonly actor: string | undefined }>();

function saidOf(device: Device, actor: string | undefined): string {
  const known = saidOfDevice.get(device);
  if (known && known.actor === actor) return known.said;
  const said = [
    device.name,
    device.model,
    device.manufacturer,
    device.serial,
    device.address,
    device.site,
    device.rack,
    device.chassis,
    device.slot?.toString().padStart(2, "0"),
    device.release && `android ${device.release}`,
    device.foreground?.package,
    device.holder?.actorName,
    device.holder?.purpose,
    ...device.labels,
    ...statusesOf(device, actor),
  ]
    .filter(Boolean)
    .join(" ")
    .toLocaleLowerCase();
  saidOfDevice.set(device, { said, actor });
  return said;
}

/** Only what occurs, models and versions in order; a phone with two states counts for both. */
export function countChoices(devices: readonly Device[], actor?: string): FilterChoices {
  const statuses = count(devices.flatMap((device) => statusesOf(device, actor)));
  const models = count(devices.flatMap((device) => device.model ?? []));
  const sdks = count(devices.flatMap((device) => device.sdk ?? []));
  const labels = count(devices.flatMap((device) => device.labels));
  return {
    statuses: STATUSES.flatMap((value) => ({ value, count: statuses.get(value) ?? 0 })).filter((choice) => choice.count > 0),
    models: [...models].map(([value, count]) => ({ value, count })).sort((a, b) => a.value.localeCompare(b.value)),
    sdks: [...sdks].map(([value, count]) => ({ value, count })).sort((a, b) => a.value - b.value),
    labels: [...labels].map(([value, count]) => ({ value, count })).sort((a, b) => a.value.localeCompare(b.value)),
  };
}

function count<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
