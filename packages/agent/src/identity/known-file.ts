/** `identities.json`: what an agent remembers of its phones, read strictly. */
import type { Doubt } from "@phonerack/contract/bus";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Hardware } from "./hardware.js";

/** One phone that was met. */
export interface Known {
  readonly id: string;
  address: string;
  hardware: Hardware | null;
  /** Milliseconds since the Unix epoch. */
  seen: number;
  /** Who it could be besides; a person must say. */
  doubt: Doubt | null;
}

export function textOf(known: readonly Known[]): string {
  return `${JSON.stringify({ version: 1, devices: known }, undefined, 1)}\n`;
}

/** Fails for what is none of ours. */
export function parseKnown(text: string): Known[] {
  const json: unknown = JSON.parse(text);
  const devices = typeof json === "object" && json !== null && "devices" in json ? json.devices : undefined;
  if (!Array.isArray(devices)) throw new PhonerackError("data_unwritable", "identities.json is not ours");
  return devices.map((entry: unknown) => {
    if (!isKnown(entry)) throw new PhonerackError("data_unwritable", "identities.json holds an entry that is none");
    const { hardware } = entry;
    // Files of before there were ids have none, and no doubts.
    return { doubt: null, ...entry, hardware: hardware && { ...hardware, ids: hardware.ids ?? {} } };
  });
}

/** As old files have it: without what came later. */
type Entry = Omit<Known, "doubt" | "hardware"> &
  Partial<Pick<Known, "doubt">> & { hardware: (Omit<Hardware, "ids"> & Partial<Pick<Hardware, "ids">>) | null };

function isKnown(entry: unknown): entry is Entry {
  if (typeof entry !== "object" || entry === null) return false;
  const { id, address, hardware, seen, doubt } = entry as Partial<Entry>;
  if (typeof seen !== "number" || hardware === undefined) return false;
  const named = hardware === null ? [] : [hardware.serial, hardware.manufacturer, hardware.model, hardware.unit];
  const others = doubt ? [doubt.why, ...(doubt.candidates ?? [undefined])] : [];
  return [id, address, ...named, ...Object.values(hardware?.ids ?? {}), ...others].every((part) => typeof part === "string");
}
