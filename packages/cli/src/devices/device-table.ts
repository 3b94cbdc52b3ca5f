/** Devices as a table for a terminal. */
import type { Device } from "@phonerack/contract/api";
import { clock } from "../lease/times.js";
import { table } from "../table.js";

type Column = readonly [title: string, cell: (device: Device) => string];

const COLUMNS: readonly Column[] = [
  ["MODEL", modelName],
  ["ANDROID", ({ release }) => release ?? "-"],
  ["SCREEN", ({ screen }) => (screen ? `${screen.width}x${screen.height}` : "-")],
  ["BATTERY", ({ battery }) => (battery ? `${battery.level} %` : "-")],
  ["ADDRESS", ({ address }) => address],
  ["WHY", ({ reason }) => reason ?? ""],
];

/** Vendors differ: some models' names begin with the maker's already. */
function modelName({ manufacturer, model }: Device): string {
  if (!model) return manufacturer ?? "-";
  return !manufacturer || model.toLowerCase().startsWith(manufacturer.toLowerCase()) ? model : `${manufacturer} ${model}`;
}

/** Whether it is lent, and to whom; `me` is the actor who asks. */
export function leaseOf({ lease, holder, quarantine }: Device, me: string | undefined): string {
  if (quarantine) return `quarantined: ${quarantine.reason}`;
  if (lease !== "leased" || !holder) return lease;
  return `${holder.actor === me ? "yours" : holder.actorName} until ${clock(holder.until)}`;
}

/** `me`: the actor who asks. Ends with a line break; says so in words when there are none. */
export function deviceTable(devices: readonly Device[], me?: string): string {
  if (devices.length === 0)
    return "No devices yet. 'phonerack up --virtual 20' starts virtual ones; USB phones appear when plugged in.\n";
  const columns: Column[] = [
    ["ID", ({ id }) => id],
    ["NAME", ({ name }) => name],
    ["STATE", ({ state }) => state],
    ["LEASE", (device) => leaseOf(device, me)],
    ...COLUMNS,
  ];
  return table(columns, devices);
}
