/** Which devices the wall shows, and how many each filter would show. */
import type { Device } from "@phonerack/contract/api";
import { STATUSES, type Status, statusesOf } from "../status/status.js";

export interface WallFilter {
  readonly text: string;
  /** Empty: all. */
  readonly statuses: readonly Status[];
  readonly models: readonly string[];
  readonly sdks: readonly number[];
}

export interface Choice<T> {
  readonly value: T;
  readonly count: number;
}

export interface FilterChoices {
  readonly statuses: readonly Choice<Status>[];
  readonly models: readonly Choice<string>[];
  readonly sdks: readonly Choice<number>[];
}

/** `actor`: whose phones are "yours". */
export function filterDevices(devices: readonly Device[], filter: WallFilter, actor?: string): readonly Device[] {
  const words = wordsOf(filter.text);
  if (words.length + filter.statuses.length + filter.models.length + filter.sdks.length === 0) return devices;
  return devices.filter(
    (device) =>
      (filter.statuses.length === 0 || statusesOf(device, actor).some((status) => filter.statuses.includes(status))) &&
      (filter.models.length === 0 || filter.models.includes(device.model ?? "")) &&
      (filter.sdks.length === 0 || filter.sdks.includes(device.sdk ?? -1)) &&
      matches(device, words, actor),
  );
}

export function wordsOf(text: string): readonly string[] {
  return text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
}

/** True when each word is part of something that people call the device by. */
export function matches(device: Device, words: readonly string[], actor?: string): boolean {
  if (words.length === 0) return true;
  const said = [
    device.name,
    device.model,
    device.manufacturer,
    device.serial,
    device.address,
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
  return words.every((word) => said.includes(word));
}

/** Only what occurs, models and versions in order; a phone with two states counts for both. */
export function countChoices(devices: readonly Device[], actor?: string): FilterChoices {
  const statuses = count(devices.flatMap((device) => statusesOf(device, actor)));
  const models = count(devices.flatMap((device) => device.model ?? []));
  const sdks = count(devices.flatMap((device) => device.sdk ?? []));
  return {
    statuses: STATUSES.flatMap((value) => ({ value, count: statuses.get(value) ?? 0 })).filter((choice) => choice.count > 0),
    models: [...models].map(([value, count]) => ({ value, count })).sort((a, b) => a.value.localeCompare(b.value)),
    sdks: [...sdks].map(([value, count]) => ({ value, count })).sort((a, b) => a.value - b.value),
  };
}

function count<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
