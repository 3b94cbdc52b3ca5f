/** A record while it is typed: all fields are text. What the API would refuse of it, and what would keep the phone isolated, is said for each field. Pure. */
import { type LicenceEntry, RegisterEntry, type RegisterRecord } from "@phonerack/contract/api";
import { imeiFault, shapeFault } from "@phonerack/policy";

export const MOST_IMEIS = 4;
export const LICENCE_FIELDS = ["number", "model", "holder", "issued", "expires", "mark", "evidence"] as const;
export type LicenceField = (typeof LICENCE_FIELDS)[number];
export type LicenceDraft = Readonly<Record<LicenceField, string>>;

export interface Draft {
  readonly form: RegisterEntry["form"];
  readonly manufacturer: string;
  readonly marketName: string;
  readonly model: string;
  readonly imeis: readonly string[];
  readonly licences: Readonly<Record<string, LicenceDraft>>;
}

/** By the field's path: `model`, `imeis.0`, `licences.nal.number`. */
export type FieldWords = ReadonlyMap<string, string>;

export const NO_LICENCE: LicenceDraft = {
  number: "",
  model: "",
  holder: "",
  issued: "",
  expires: "",
  mark: "",
  evidence: "",
};

/** With a place for each licence that it needs where it stands. */
export function draftOf(record: RegisterRecord | null, schemes: readonly string[]): Draft {
  const needed = schemes.map((scheme) => [scheme, NO_LICENCE] as const);
  const own = Object.entries(record?.licences ?? {}).map(([scheme, licence]) => [scheme, licenceDraft(licence)] as const);
  return {
    form: record?.form ?? "complete-unit",
    manufacturer: record?.manufacturer ?? "",
    marketName: record?.marketName ?? "",
    model: record?.model ?? "",
    imeis: record && record.imeis.length > 0 ? record.imeis : [""],
    licences: Object.fromEntries([...needed, ...own]),
  };
}

function licenceDraft(licence: LicenceEntry): LicenceDraft {
  return Object.fromEntries(LICENCE_FIELDS.map((field) => [field, licence[field] ?? ""])) as Record<LicenceField, string>;
}

/** What is sent; with what is wrong beside each field instead, in the contract's words. */
export function readDraft(draft: Draft): { entry: RegisterEntry } | { faults: FieldWords } {
  const imeis = draft.imeis.map(tidyImei);
  const kept = imeis.flatMap((imei, at) => (imei === "" ? [] : [at]));
  const parsed = RegisterEntry.safeParse({
    form: draft.form,
    manufacturer: orNull(draft.manufacturer),
    marketName: orNull(draft.marketName),
    model: orNull(draft.model),
    imeis: kept.map((at) => imeis[at]),
    licences: Object.fromEntries(
      Object.entries(draft.licences).map(([scheme, licence]) => [
        scheme,
        Object.fromEntries(LICENCE_FIELDS.map((field) => [field, orNull(licence[field])])),
      ]),
    ),
  });
  if (parsed.success) return { entry: parsed.data };
  const faults = new Map<string, string>();
  for (const { path, message } of parsed.error.issues) {
    // Empty ones are left out of what is sent, so that the others move up.
    const shown = path[0] === "imeis" && typeof path[1] === "number" ? ["imeis", kept[path[1]]] : path;
    if (!faults.has(shown.join("."))) faults.set(shown.join("."), message);
  }
  return { faults };
}

export type Doubt =
  | { readonly kind: "imei"; readonly fault: NonNullable<ReturnType<typeof imeiFault>> }
  | { readonly kind: "imei-again" }
  | { readonly kind: "number"; readonly scheme: string; readonly fault: NonNullable<ReturnType<typeof shapeFault>> }
  | { readonly kind: "says-model"; readonly says: string }
  | { readonly kind: "licence-model"; readonly model: string }
  | { readonly kind: "days" };

/** What may be saved and keeps the phone isolated all the same; by the field's path. An empty field is no mistake while it is typed. */
export function doubtsOf(draft: Draft, saysModel: string | null, now: number): ReadonlyMap<string, Doubt> {
  const doubts = new Map<string, Doubt>();
  const model = draft.model.trim();
  if (model !== "" && saysModel !== null && !same(model, saysModel)) doubts.set("model", { kind: "says-model", says: saysModel });
  const seen = new Set<string>();
  draft.imeis.map(tidyImei).forEach((imei, at) => {
    const fault = imei === "" ? undefined : imeiFault(imei);
    if (fault) doubts.set(`imeis.${at}`, { kind: "imei", fault });
    else if (imei !== "" && seen.has(imei)) doubts.set(`imeis.${at}`, { kind: "imei-again" });
    seen.add(imei);
  });
  for (const [scheme, licence] of Object.entries(draft.licences)) {
    const at = (field: LicenceField) => `licences.${scheme}.${field}`;
    const number = licence.number.trim();
    const fault = number === "" ? undefined : shapeFault(scheme, number, new Date(now).getUTCFullYear());
    if (fault) doubts.set(at("number"), { kind: "number", scheme, fault });
    const certified = licence.model.trim();
    if (certified !== "" && model !== "" && !same(certified, model)) doubts.set(at("model"), { kind: "licence-model", model });
    if (licence.issued !== "" && licence.expires !== "" && licence.expires < licence.issued)
      doubts.set(at("expires"), { kind: "days" });
  }
  return doubts;
}

/** Labels print IMEIs in groups. */
function tidyImei(imei: string): string {
  return imei.replaceAll(/[\s/-]/g, "");
}

function orNull(value: string): string | null {
  const tidy = value.trim();
  return tidy === "" ? null : tidy;
}

function same(a: string, b: string): boolean {
  return a.trim().toUpperCase() === b.trim().toUpperCase();
}
