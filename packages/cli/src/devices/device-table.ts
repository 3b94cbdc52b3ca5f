/** Devices as a table for a terminal. */
import type { Device } from "@phonerack/contract/api";

const COLUMNS: readonly [title: string, cell: (device: Device) => string][] = [
  ["ID", ({ id }) => id],
  ["NAME", ({ name }) => name],
  ["STATE", ({ state }) => state],
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

/** Ends with a line break; says so in words when there are none. */
export function deviceTable(devices: readonly Device[]): string {
  if (devices.length === 0)
    return "No devices yet. 'phonerack up --virtual 20' starts virtual ones; USB phones appear when plugged in.\n";
  const rows = [COLUMNS.map(([title]) => title), ...devices.map((device) => COLUMNS.map(([, cell]) => cell(device)))];
  const widths = COLUMNS.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}
