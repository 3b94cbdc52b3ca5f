/** The register for people on a terminal. */
import type { Evidence, RegisterDevice, RegisterImport, RegisterSchemes } from "@phonerack/contract/api";
import { bytes } from "../artifacts/artifact-words.js";
import { table } from "../table.js";

const COLUMNS: readonly [title: string, cell: (device: RegisterDevice) => string][] = [
  ["DEVICE", nameOf],
  ["ID", ({ id }) => id],
  ["COUNTRY", ({ country }) => country ?? "-"],
  ["CLASS", ({ network }) => network.class],
  ["CUT OFF", cutOff],
  ["UNTIL", ({ network }) => (network.until === null ? "" : day(network.until))],
  ["MODEL", ({ record, saysModel }) => record?.model ?? saysModel ?? ""],
  [
    "WHY",
    ({ network: { reasons } }) =>
      [reasons[0]?.words, reasons.length > 1 ? `(and ${reasons.length - 1} more)` : ""].join(" ").trim(),
  ],
];

export function registerTable(devices: readonly RegisterDevice[]): string {
  if (devices.length === 0) return "No device fits; virtual phones are shown with --virtual.\n";
  return table(COLUMNS, devices);
}

export function deviceWords(device: RegisterDevice & { readonly evidence: readonly Evidence[] }): string {
  const { network, record, schemes, country, evidence } = device;
  const lines = [
    `${nameOf(device)} (${device.id}): ${network.class}${network.until === null ? "" : ` until ${day(network.until)}`}`,
    ...network.reasons.map(({ words }) => `  - ${words}`),
    ...(network.class === "isolated" ? [`cut off    ${cutOffWords(device)}`] : []),
    `needs      ${schemes.length === 0 ? "no licence" : schemes.join(", ")} (${country ?? "no country is known"})`,
  ];
  if (!record) lines.push("record     none");
  else {
    lines.push(`record     ${[record.manufacturer, record.marketName, record.model, record.form].filter(Boolean).join(", ")}`);
    lines.push(`IMEI       ${record.imeis.length === 0 ? "none" : record.imeis.join(", ")}`);
    for (const [scheme, { number, model, expires, level }] of Object.entries(record.licences))
      lines.push(`${scheme.padEnd(10)} ${number ?? "no number"}, for ${model ?? "no model"}, until ${expires ?? "?"}: ${level}`);
  }
  for (const one of evidence) lines.push(`document   ${one.id} ${one.name}, ${bytes(one.size)}, SHA-256 ${one.sha256}`);
  return lines.join("\n");
}

export function importWords({ devices, problems, applied }: RegisterImport): string {
  const lines = problems.map(({ at, device, field, message }) =>
    [`${at}:`, device, field && `${field}:`, message].filter(Boolean).join(" "),
  );
  for (const { name, what, fields, class: changed, reasons } of devices) {
    if (what === "same") continue;
    const becomes = changed.from === changed.to ? changed.to : `${changed.from} -> ${changed.to}`;
    lines.push(`${what.padEnd(8)} ${name}: ${becomes}`);
    for (const { field, from, to } of fields) lines.push(`           ${field}: ${from ?? "nothing"} -> ${to ?? "nothing"}`);
    if (changed.to === "isolated") for (const { words } of reasons) lines.push(`           ! ${words}`);
  }
  const changed = devices.filter(({ what }) => what !== "same").length;
  if (problems.length > 0) lines.push("nothing was changed: mend the file first");
  else
    lines.push(
      applied ? `${changed} of ${devices.length} devices changed` : `(--dry-run: nothing was changed; ${changed} would be)`,
    );
  return lines.join("\n");
}

export function schemesWords({ byCountry, otherwise }: RegisterSchemes): string {
  const list = (schemes: readonly string[]) => (schemes.length === 0 ? "nothing" : schemes.join(", "));
  const lines = Object.entries(byCountry).map(([country, schemes]) => `${country}: ${list(schemes)}`);
  return [...lines, `elsewhere: ${list(otherwise)}`, "CN: nal, srrc in any case"].join("\n");
}

/** Whether its agent has seen that it has no way out. */
function cutOff({ network, isolation }: RegisterDevice): string {
  if (network.class === "public") return "";
  return isolation?.leadsOut == null && isolation?.verified != null ? "yes" : "no";
}

function cutOffWords({ isolation }: RegisterDevice): string {
  if (isolation?.leadsOut != null) return `no: ${isolation.leadsOut}`;
  return isolation?.verified != null ? `yes, looked at ${new Date(isolation.verified).toISOString()}` : "not looked at yet";
}

function nameOf({ name, id }: Pick<RegisterDevice, "name" | "id">): string {
  return name ?? `${id} (gone)`;
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
