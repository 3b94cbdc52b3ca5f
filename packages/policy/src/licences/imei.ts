/** A phone's number for the mobile network (GSMA TS.06): what can be told of it without asking anybody. Whether it is stolen or barred cannot. */

const IMEI_DIGITS = 15;
const TAC_DIGITS = 8;

export type ImeiFault = "not-digits" | "length" | "check-digit" | "test-range" | "one-digit";

/** Undefined: nothing speaks against it. */
export function imeiFault(imei: string): ImeiFault | undefined {
  // ASCII digits alone: `\d` without the u flag takes no others, and a full-width 8 is no 8 in any register.
  if (!/^\d*$/.test(imei)) return "not-digits";
  if (imei.length !== IMEI_DIGITS) return "length";
  if (new Set(imei).size === 1) return "one-digit";
  if (!luhn(imei)) return "check-digit";
  // Reporting body 00 is for phones under test: no network has to take one.
  return imei.startsWith("00") ? "test-range" : undefined;
}

/** The first eight digits name the type: all phones with them are of one model. */
export function tacOf(imei: string): string {
  return imei.slice(0, TAC_DIGITS);
}

/** Its last digit follows from the rest (ISO/IEC 7812-1, Annex B). */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const counted = at % 2 === 0 ? digit : digit * 2;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return sum % 10 === 0;
}
