/** Why a phone is isolated, in words that say what to do. */
import type { ImeiFault } from "./imei.js";
import type { ClassReason, LicenceLevel } from "./network-class.js";
import { type ShapeFault, schemeRule } from "./schemes.js";

const FORMS: Readonly<Record<string, string>> = {
  "removed-mainboard": "a mainboard that was taken out",
  "dev-board": "a development board",
};

const IMEI_FAULTS: Readonly<Record<ImeiFault, string>> = {
  "not-digits": "has characters that are no digits 0-9",
  length: "does not have 15 digits",
  "check-digit": "has a wrong check digit",
  "test-range": "is one of phones under test (00…), which no network has to take",
  "one-digit": "is one digit again and again",
};

const LEVELS: Readonly<Record<LicenceLevel, string>> = {
  none: "is nothing yet",
  "shape-ok": "was only typed in; attach a document and look it up in the registry",
  "document-attached": "has a document, but nobody looked it up in the registry",
  "registry-confirmed": "is confirmed",
};

export function reasonWords(reason: ClassReason): string {
  switch (reason.code) {
    case "no-record":
      return "It has no record in the register; enter one.";
    case "form":
      return `It is ${FORMS[reason.form] ?? reason.form}: a licence is for a complete phone.`;
    case "no-model":
      return "Its record names no model; enter the one on its label.";
    case "says-model":
      return `The phone says that it is ${reason.says}, its record says ${reason.model}.`;
    case "no-imei":
      return "Its record has no IMEI; enter those on its label.";
    case "imei":
      return `IMEI ${reason.imei} ${IMEI_FAULTS[reason.fault]}.`;
    case "imei-twice":
      return `IMEI ${reason.imei} is another device's, too.`;
    case "tac-model":
      return `The register has phones of another model whose IMEIs begin with ${reason.tac}, too: one of the records is wrong.`;
    default:
      return licenceWords(reason);
  }
}

type LicenceReason = Extract<ClassReason, { readonly scheme: string }>;

function licenceWords(reason: LicenceReason): string {
  const name = reason.scheme.toUpperCase();
  switch (reason.code) {
    case "no-licence":
      return `${name} is needed where it stands, and its record has no number of it.`;
    case "number":
      return `${name} ${reason.number} ${numberWords(reason.scheme, reason.fault)}.`;
    case "level":
      return `Its ${name} number ${LEVELS[reason.level]}.`;
    case "licence-model":
      return `The ${name} certificate is for ${reason.certificate ?? "no named model"}, the record for ${reason.model ?? "none"}.`;
    case "no-expiry":
      return `The last day of its ${name} is not known; enter it.`;
    case "expired":
      return `Its ${name} ended with ${reason.expires}.`;
    case "mark-twice":
      return `The mark on its ${name} label is another device's, too; each is for one phone.`;
  }
}

function numberWords(scheme: string, fault: ShapeFault): string {
  const { examples } = schemeRule(scheme);
  switch (fault) {
    case "characters":
      return "has characters that only look like letters or digits, or cannot be seen";
    case "shape":
      return `does not look like one (${examples.join(" or ")})`;
    case "year":
      return "is of a year that cannot be";
    case "territory":
      return "names no region";
    case "category":
      return "is not for a mobile terminal (1606)";
  }
}
