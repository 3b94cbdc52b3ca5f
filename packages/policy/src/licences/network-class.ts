/**
 * Whether a phone may be in a public network: one pure function of its record, of what others' records say against it, of where it stands and of the time. Who calls
 * it gathers the facts; what is done to an isolated phone is the agent's.
 */
import { endOfDay } from "./countries.js";
import { type ImeiFault, imeiFault } from "./imei.js";
import { type ShapeFault, schemeRule, shapeFault } from "./schemes.js";

export type LicenceLevel = "none" | "shape-ok" | "document-attached" | "registry-confirmed";

export interface LicenceFacts {
  readonly number: string | null;
  /** The model on the certificate. */
  readonly model: string | null;
  /** Its last day, `YYYY-MM-DD`. */
  readonly expires: string | null;
  /** There is a photo or a PDF of it. */
  readonly document: boolean;
  /** Somebody looked it up in the registry. */
  readonly confirmed: boolean;
  /** Another phone has the same mark, of which each is one phone's. */
  readonly markTwice: boolean;
}

export interface RegisterFacts {
  readonly form: "complete-unit" | "removed-mainboard" | "dev-board";
  readonly model: string | null;
  readonly imeis: readonly string[];
  readonly licences: Readonly<Record<string, LicenceFacts>>;
  /** IMEIs that another phone of the register has as well. */
  readonly twice: readonly string[];
  /** Types (TAC) that the register has for another model, too. */
  readonly otherModel: readonly string[];
}

export interface ClassFacts {
  readonly virtual: boolean;
  readonly country: string | null;
  /** What it needs where it stands. */
  readonly schemes: readonly string[];
  /** What the phone says that it is; null: it did not say yet. */
  readonly saysModel: string | null;
  /** Null: nobody has entered anything. */
  readonly record: RegisterFacts | null;
  readonly now: number;
}

export type ClassReason =
  | { readonly code: "no-record" }
  | { readonly code: "form"; readonly form: RegisterFacts["form"] }
  | { readonly code: "no-model" }
  | { readonly code: "says-model"; readonly says: string; readonly model: string }
  | { readonly code: "no-imei" }
  | { readonly code: "imei"; readonly imei: string; readonly fault: ImeiFault }
  | { readonly code: "imei-twice"; readonly imei: string }
  | { readonly code: "tac-model"; readonly tac: string }
  | { readonly code: "no-licence"; readonly scheme: string }
  | { readonly code: "number"; readonly scheme: string; readonly number: string; readonly fault: ShapeFault }
  | { readonly code: "level"; readonly scheme: string; readonly level: LicenceLevel }
  | {
      readonly code: "licence-model";
      readonly scheme: string;
      readonly certificate: string | null;
      readonly model: string | null;
    }
  | { readonly code: "no-expiry"; readonly scheme: string }
  | { readonly code: "expired"; readonly scheme: string; readonly expires: string }
  | { readonly code: "mark-twice"; readonly scheme: string };

export interface NetworkClass {
  readonly class: "public" | "isolated";
  /** Empty for a public one. */
  readonly reasons: readonly ClassReason[];
  /** When it will be isolated by itself, since a licence ends: milliseconds since the Unix epoch. */
  readonly until: number | null;
}

export function networkClass(facts: ClassFacts): NetworkClass {
  if (facts.virtual) return { class: "public", reasons: [], until: null };
  const reasons = [...identityReasons(facts), ...facts.schemes.flatMap((scheme) => licenceReasons(facts, scheme))];
  if (reasons.length > 0) return { class: "isolated", reasons, until: null };
  const ends = facts.schemes.flatMap((scheme) => endOf(facts, scheme) ?? []);
  return { class: "public", reasons, until: ends.length === 0 ? null : Math.min(...ends) };
}

/** How far a licence was shown, step by step: none is skipped, a confirmed number of an impossible shape is still none. */
export function licenceLevel(scheme: string, licence: LicenceFacts, now: number): LicenceLevel {
  if (licence.number === null || shapeFault(scheme, licence.number, yearOf(now)) !== undefined) return "none";
  if (licence.confirmed) return "registry-confirmed";
  return licence.document ? "document-attached" : "shape-ok";
}

/** Of what nothing is asked, only what is plainly false speaks against it. */
function identityReasons({ schemes, record, saysModel }: ClassFacts): ClassReason[] {
  const asked = schemes.length > 0;
  if (!record) return asked ? [{ code: "no-record" }] : [];
  const { model, imeis } = record;
  const reasons: ClassReason[] = [];
  if (asked && record.form !== "complete-unit") reasons.push({ code: "form", form: record.form });
  if (asked && model === null) reasons.push({ code: "no-model" });
  if (model !== null && saysModel !== null && !sameModel(model, saysModel))
    reasons.push({ code: "says-model", says: saysModel, model });
  if (asked && imeis.length === 0) reasons.push({ code: "no-imei" });
  for (const imei of imeis) {
    const fault = imeiFault(imei);
    if (fault) reasons.push({ code: "imei", imei, fault });
  }
  for (const imei of record.twice) reasons.push({ code: "imei-twice", imei });
  for (const tac of record.otherModel) reasons.push({ code: "tac-model", tac });
  return reasons;
}

function licenceReasons(facts: ClassFacts, scheme: string): ClassReason[] {
  const { record, now, country } = facts;
  if (!record) return [];
  const licence = licenceOf(record, scheme);
  if (!licence || licence.number === null) return [{ code: "no-licence", scheme }];
  const { number, expires } = licence;
  const fault = shapeFault(scheme, number, yearOf(now));
  const reasons: ClassReason[] = fault ? [{ code: "number", scheme, number, fault }] : [];
  const level = licenceLevel(scheme, licence, now);
  if (!fault && level !== "registry-confirmed") reasons.push({ code: "level", scheme, level });
  if (licence.model === null || record.model === null || !sameModel(licence.model, record.model))
    reasons.push({ code: "licence-model", scheme, certificate: licence.model, model: record.model });
  if (licence.markTwice) reasons.push({ code: "mark-twice", scheme });
  const end = expires === null ? undefined : endOfDay(expires, country);
  if (end !== undefined && end <= now) reasons.push({ code: "expired", scheme, expires: expires ?? "" });
  if (end === undefined && (expires !== null || schemeRule(scheme).ends)) reasons.push({ code: "no-expiry", scheme });
  return reasons;
}

function endOf({ record, country }: ClassFacts, scheme: string): number | undefined {
  const expires = record && licenceOf(record, scheme)?.expires;
  return expires ? endOfDay(expires, country) : undefined;
}

function licenceOf({ licences }: RegisterFacts, scheme: string): LicenceFacts | undefined {
  return Object.hasOwn(licences, scheme) ? licences[scheme] : undefined;
}

/** As labels and phones write it: capitals and spaces at its ends are nothing, any other character counts. */
function sameModel(a: string, b: string): boolean {
  return a.trim().toUpperCase() === b.trim().toUpperCase();
}

function yearOf(now: number): number {
  return new Date(now).getUTCFullYear();
}
