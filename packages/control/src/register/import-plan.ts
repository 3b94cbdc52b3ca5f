/** What an import makes of the records, row by row, before anything is written. Pure. */
import { type Device, RegisterEntry } from "@phonerack/contract/api";
import { type ImportProblem, type ImportRow, problem } from "./import-rows.js";
import { type DeviceRecord, entryOf, type Records, recordOf } from "./records.js";

export interface PlannedDevice {
  readonly device: string;
  readonly name: string;
  readonly at: string;
  readonly what: "new" | "changed" | "same";
  readonly fields: readonly { readonly field: string; readonly from: string | null; readonly to: string | null }[];
  readonly next: Pick<DeviceRecord, "record" | "imeis">;
}

export interface ImportPlan {
  readonly devices: readonly PlannedDevice[];
  readonly problems: readonly ImportProblem[];
}

export interface PlanParts {
  readonly rows: readonly ImportRow[];
  readonly devices: readonly Pick<Device, "id" | "name">[];
  readonly records: Records;
  readonly hasEvidence: (id: string) => boolean;
}

const OWN_FIELDS: Readonly<Record<string, keyof RegisterEntry>> = {
  form: "form",
  manufacturer: "manufacturer",
  marketname: "marketName",
  model: "model",
};
const LICENCE_FIELD = /^([a-z][a-z0-9-]{1,19})\.(number|holder|model|issued|expires|mark|evidence)$/;
const IMEI_FIELD = /^imei(?:s|[1-4])?$/;

export function planImport(parts: PlanParts): ImportPlan {
  const finder = new Finder(parts.devices);
  const problems: ImportProblem[] = [];
  const planned = new Map<string, PlannedDevice>();
  for (const row of parts.rows) {
    const device = finder.find(row);
    if ("message" in device) {
      problems.push(device);
      continue;
    }
    const first = planned.get(device.id);
    const before = parts.records.get(device.id);
    const entry = first
      ? [problem(row.at, `this device is on ${first.at} already`, { device: device.name })]
      : nextEntry(row, before, device.name);
    if (Array.isArray(entry)) problems.push(...entry);
    else planned.set(device.id, plannedOf(row, device, { entry, before }));
  }
  const devices = [...planned.values()];
  return { devices, problems: [...problems, ...imeiProblems(devices, parts), ...evidenceProblems(devices, parts)] };
}

/** By id or by name; a name in any script, written with or without composed characters. */
class Finder {
  readonly #byId: ReadonlyMap<string, Pick<Device, "id" | "name">>;
  readonly #byName = new Map<string, Pick<Device, "id" | "name"> | null>();

  constructor(devices: readonly Pick<Device, "id" | "name">[]) {
    this.#byId = new Map(devices.map((device) => [device.id, device]));
    for (const device of devices) {
      const key = nameKey(device.name);
      this.#byName.set(key, this.#byName.has(key) ? null : device);
    }
  }

  find({ at, cells }: ImportRow): Pick<Device, "id" | "name"> | ImportProblem {
    const named = cells.get("device") ?? "";
    if (named === "") return problem(at, "it names no device", { field: "device" });
    const shown = named.slice(0, 100);
    const found = this.#byId.get(named) ?? this.#byName.get(nameKey(named));
    if (found === null) return problem(at, "several devices have this name; write the id", { device: shown, field: "device" });
    return found ?? problem(at, "the lab knows no device of this id or name", { device: shown, field: "device" });
  }
}

function nameKey(name: string): string {
  return name.normalize("NFC").trim().toLowerCase();
}

/** The record with the row's cells in it; fields that the file does not name stay as they are. */
function nextEntry({ at, cells }: ImportRow, before: DeviceRecord | undefined, name: string): RegisterEntry | ImportProblem[] {
  const entry: Record<string, unknown> = before ? entryOf(before) : {};
  const licences = new Map(Object.entries((entry.licences ?? {}) as Record<string, Record<string, unknown>>));
  const imeis: string[] = [];
  let sawImei = false;
  for (const [field, words] of cells) {
    if (field === "device") continue;
    const value = words === "" ? null : words;
    const [, scheme, part] = LICENCE_FIELD.exec(field) ?? [];
    const own = Object.hasOwn(OWN_FIELDS, field) ? OWN_FIELDS[field] : undefined;
    if (own === "form") entry.form = value ?? "complete-unit";
    else if (own !== undefined) entry[own] = value;
    else if (scheme !== undefined && part !== undefined) licences.set(scheme, { ...licences.get(scheme), [part]: value });
    else if (IMEI_FIELD.test(field)) {
      sawImei = true;
      imeis.push(...words.split(/[\s,;/]+/).filter((word) => word !== ""));
    } else return [problem(at, `there is no field '${field.slice(0, 60)}'`, { device: name, field: field.slice(0, 60) })];
  }
  if (sawImei) entry.imeis = imeis;
  entry.licences = Object.fromEntries(licences);
  const parsed = RegisterEntry.safeParse(entry);
  if (parsed.success) return parsed.data;
  return parsed.error.issues.slice(0, 5).map(({ path, message }) => problem(at, message, { device: name, field: fieldOf(path) }));
}

function fieldOf(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path.map(String);
  return first === "licences" ? rest.join(".") : (first ?? "");
}

function plannedOf(
  { at }: ImportRow,
  { id, name }: Pick<Device, "id" | "name">,
  { entry, before }: { entry: RegisterEntry; before: DeviceRecord | undefined },
): PlannedDevice {
  const next = recordOf(entry, before);
  const [from, to] = [before ? flat(entryOf(before)) : new Map<string, string>(), flat(entryOf(next))];
  const fields = [...new Set([...from.keys(), ...to.keys()])]
    .map((field) => ({ field, from: from.get(field) ?? null, to: to.get(field) ?? null }))
    .filter((change) => change.from !== change.to);
  const what = before === undefined ? "new" : fields.length === 0 ? "same" : "changed";
  return { device: id, name, at, what, fields, next };
}

function flat({ licences, imeis, ...rest }: RegisterEntry): Map<string, string> {
  const own = Object.entries(rest);
  const theirs = Object.entries(licences).flatMap(([scheme, licence]) =>
    Object.entries(licence).map(([field, value]) => [`${scheme}.${field}`, value] as const),
  );
  const all = [...own, ["imeis", imeis.length === 0 ? null : [...imeis].sort().join(" ")] as const, ...theirs];
  return new Map(all.flatMap(([field, value]) => (typeof value === "string" ? [[field, value] as const] : [])));
}

/** As it would be after the import: two devices may exchange theirs. */
function imeiProblems(devices: readonly PlannedDevice[], { records, devices: all }: PlanParts): ImportProblem[] {
  const changed = new Set(devices.map(({ device }) => device));
  const names = new Map(all.map(({ id, name }) => [id, name]));
  const owners = new Map<string, string>();
  for (const [id, { imeis }] of records) {
    if (!changed.has(id)) for (const imei of imeis) owners.set(imei, names.get(id) ?? id);
  }
  return devices.flatMap(({ at, name, next }) =>
    next.imeis.flatMap((imei) => {
      const owner = owners.get(imei);
      owners.set(imei, owner ?? name);
      return owner === undefined ? [] : [problem(at, `IMEI ${imei} is that of ${owner}, too`, { device: name, field: "imeis" })];
    }),
  );
}

function evidenceProblems(devices: readonly PlannedDevice[], { hasEvidence }: PlanParts): ImportProblem[] {
  return devices.flatMap(({ at, name, next }) =>
    Object.entries(next.record.licences).flatMap(([scheme, { evidence }]) =>
      evidence === null || hasEvidence(evidence)
        ? []
        : [problem(at, `there is no document ${evidence}`, { device: name, field: `${scheme}.evidence` })],
    ),
  );
}
