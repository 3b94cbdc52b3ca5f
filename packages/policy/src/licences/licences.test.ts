import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endOfDay, schemesOf, strictestOf } from "./countries.js";
import { imeiFault, luhn, tacOf } from "./imei.js";
import { type ClassFacts, type LicenceFacts, licenceLevel, networkClass, type RegisterFacts } from "./network-class.js";
import { SCHEMES, shapeFault } from "./schemes.js";
import { reasonWords } from "./words.js";

const YEAR = 2026;

test.each([
  ["864725048031204", undefined],
  ["490154203237518", undefined],
  ["864725048031205", "check-digit"],
  ["86472504803120", "length"],
  ["8647250480312040", "length"],
  ["", "length"],
  ["86472504803120X", "not-digits"],
  ["８６４７２５０４８０３１２０４", "not-digits"],
  ["٨٦٤٧٢٥٠٤٨٠٣١٢٠٤", "not-digits"],
  ["864725 48031204", "not-digits"],
  ["004999010640000", "test-range"],
  ["000000000000000", "one-digit"],
])("IMEI %s: %s", (imei, fault) => {
  expect(imeiFault(imei)).toBe(fault);
});

test("each wrong digit, and each swap of neighbours but 0 and 9, is found by the check digit", () => {
  const imei = fc
    .stringMatching(/^[1-9]\d{13}$/)
    .map((start) => `${start}${Array.from("0123456789").find((last) => luhn(start + last))}`);
  fc.assert(
    fc.property(imei, fc.nat(14), fc.integer({ min: 1, max: 9 }), (good, at, more) => {
      expect(luhn(good)).toBe(true);
      const digits = Array.from(good);
      digits[at] = String((Number(digits[at]) + more) % 10);
      expect(luhn(digits.join(""))).toBe(false);
      const [a = "", b = ""] = [good[at], good[at + 1]];
      if (at === 14 || a === b || [a, b].sort().join("") === "09") return;
      expect(luhn(good.slice(0, at) + b + a + good.slice(at + 2))).toBe(false);
    }),
  );
  expect(tacOf("864725048031204")).toBe("86472504");
});

describe("numbers", () => {
  test.each([
    ["nal", "00-D710-208871", undefined],
    ["nal", "02-B653-26A871", "shape"],
    ["nal", "02-B653-278871", "year"],
    ["nal", "00-d710-208871", "shape"],
    ["nal", "00-D71-208871", "shape"],
    ["nal", "00-D710-208871 ", "characters"],
    ["nal", "00-D71\u041e-208871", "characters"],
    ["nal", "00\u2010D710-208871", "characters"],
    ["nal", "00-D710-20887\uff11", "characters"],
    ["nal", "00-D710-\u200b208871", "characters"],
    ["srrc", "2020CP10858", undefined],
    ["srrc", "2020CP1085", undefined],
    ["srrc", "2020CP108", "shape"],
    ["srrc", "2027CP10858", "year"],
    ["srrc", "1970CP10858", "year"],
    ["srrc", "2020\u0421P10858", "characters"],
    ["srrc", "24J11A1B0001", undefined],
    ["srrc", "24J81A1BZ001", undefined],
    ["srrc", "24J11A1BI001", "shape"],
    ["srrc", "24J11A1BO001", "shape"],
    ["srrc", "24J11ABC0001", "shape"],
    ["srrc", "24J98A1B0001", "territory"],
    ["srrc", "22J11A1B0001", "year"],
    ["srrc", "27J11A1B0001", "year"],
    ["ccc", "2020011606123456", undefined],
    ["ccc", "2020010907123456", "category"],
    ["ccc", "2027011606123456", "year"],
    ["ccc", "202001160612345", "shape"],
    ["fcc", "2AFZZ-RMSG7", undefined],
    ["fcc", "2AFZZ\u2013RMSG7", "characters"],
    ["nobody-described", "whatever 1", undefined],
    ["constructor", "x", undefined],
  ])("%s %s: %s", (scheme, number, fault) => {
    expect(shapeFault(scheme, number, YEAR)).toBe(fault);
  });

  test("every example is one, and none holds with a character that only looks like one of its own", () => {
    const lookalike = (char: string) =>
      /[A-Z]/.test(char)
        ? String.fromCodePoint(0x1d400 + char.charCodeAt(0) - 65)
        : String.fromCodePoint(0xff00 + char.charCodeAt(0) - 0x20);
    for (const { scheme, examples, shapes } of SCHEMES) {
      expect(examples.length, scheme).toBe(shapes.length);
      for (const example of examples) {
        expect(shapeFault(scheme, example, YEAR)).toBeUndefined();
        for (let at = 0; at < example.length; at++) {
          const forged = example.slice(0, at) + lookalike(example.charAt(at)) + example.slice(at + 1);
          expect(shapeFault(scheme, forged, YEAR)).toBe("characters");
        }
      }
    }
  });
});

test.each([
  ["CN", {}, [], ["nal", "srrc"]],
  ["CN", {}, ["ce"], ["nal", "srrc"]],
  ["CN", { CN: ["ccc", "nal"] }, [], ["nal", "srrc", "ccc"]],
  ["CN", { CN: [] }, [], ["nal", "srrc"]],
  ["DE", {}, [], []],
  ["DE", { DE: ["ce"] }, ["x"], ["ce"]],
  ["DE", { DE: [] }, ["x"], []],
  ["FR", { DE: ["ce"] }, ["x"], ["x"]],
  [null, { CN: ["ccc"] }, [], []],
  [null, {}, ["x"], ["x"]],
])("in %s with %j and else %j: %j", (country, byCountry, otherwise, schemes) => {
  expect(schemesOf(country, { byCountry, otherwise })).toEqual(schemes);
});

test("a device that stands nowhere is held to the strictest site", () => {
  const configured = { byCountry: { DE: ["ce"] }, otherwise: [] };
  expect(strictestOf([], configured)).toEqual([]);
  expect(strictestOf(["DE", "CN", null], configured)).toEqual(["ce", "nal", "srrc"]);
});

test.each([
  ["2026-12-31", "CN", "2026-12-31T16:00:00.000Z"],
  ["2026-12-31", "DE", "2027-01-01T00:00:00.000Z"],
  ["2028-02-29", null, "2028-03-01T00:00:00.000Z"],
])("%s ends in %s at %s", (day, country, at) => {
  expect(new Date(endOfDay(day, country) ?? 0).toISOString()).toBe(at);
});
test.each(["2026-02-29", "2026-13-01", "26-01-01", "2026-1-1", "", "2026-01-01T00:00"])("%s is no day", (day) => {
  expect(endOfDay(day, null)).toBeUndefined();
});

const NOW = Date.parse("2026-06-15T00:00:00Z");
const LICENCE: LicenceFacts = {
  number: "00-D710-208871",
  model: "TET-AN00",
  expires: "2026-12-31",
  document: true,
  confirmed: true,
  markTwice: false,
};
const RECORD: RegisterFacts = {
  form: "complete-unit",
  model: "TET-AN00",
  imeis: ["864725048031204"],
  licences: { nal: LICENCE, srrc: { ...LICENCE, number: "2020CP10858", expires: "2027-06-30" } },
  twice: [],
  otherModel: [],
};
const FACTS: ClassFacts = {
  virtual: false,
  country: "CN",
  schemes: ["nal", "srrc"],
  saysModel: "TET-AN00",
  record: RECORD,
  now: NOW,
};

describe("public only when all holds", () => {
  test("then, until the first licence ends, to the millisecond", () => {
    const until = Date.parse("2026-12-31T16:00:00Z");
    expect(networkClass(FACTS)).toEqual({ class: "public", reasons: [], until });
    expect(networkClass({ ...FACTS, now: until - 1 }).class).toBe("public");
    expect(networkClass({ ...FACTS, now: until })).toMatchObject({
      class: "isolated",
      reasons: [{ code: "expired", scheme: "nal" }],
    });
  });

  const record = (change: Partial<RegisterFacts>) => ({ record: { ...RECORD, ...change } });
  const nal = (change: Partial<LicenceFacts>) => record({ licences: { ...RECORD.licences, nal: { ...LICENCE, ...change } } });
  test.each<[string, Partial<ClassFacts>]>([
    ["no-record", { record: null }],
    ["form", record({ form: "removed-mainboard" })],
    ["form", record({ form: "dev-board" })],
    ["no-model", record({ model: null })],
    ["says-model", { saysModel: "Pixel 8" }],
    ["says-model", { saysModel: "TET-AN0\u041e" }],
    ["no-imei", record({ imeis: [] })],
    ["imei", record({ imeis: ["864725048031204", "864725048031205"] })],
    ["imei-twice", record({ twice: ["864725048031204"] })],
    ["tac-model", record({ otherModel: ["86472504"] })],
    ["no-licence", record({ licences: { srrc: RECORD.licences.srrc ?? LICENCE } })],
    ["no-licence", nal({ number: null })],
    ["number", nal({ number: "00-D71\u041e-208871" })],
    ["level", nal({ confirmed: false })],
    ["level", nal({ confirmed: false, document: false })],
    ["licence-model", nal({ model: null })],
    ["licence-model", nal({ model: "TET-AN10" })],
    ["expired", nal({ expires: "2026-06-14" })],
    ["no-expiry", nal({ expires: null })],
    ["no-expiry", nal({ expires: "2026-02-30" })],
    ["mark-twice", nal({ markTwice: true })],
  ])("%s %#", (code, change) => {
    const decided = networkClass({ ...FACTS, ...change });
    expect(decided.class).toBe("isolated");
    expect(decided.until).toBeNull();
    expect(decided.reasons.map((reason) => reason.code)).toContain(code);
    for (const reason of decided.reasons) expect(reasonWords(reason)).toMatch(/^.{10,}\.$/s);
    // The same of a phone made of code is nobody's business.
    expect(networkClass({ ...FACTS, ...change, virtual: true })).toEqual({ class: "public", reasons: [], until: null });
  });

  test("where nothing is asked for, only what is plainly false isolates", () => {
    const free = { ...FACTS, country: "DE", schemes: [] };
    expect(networkClass({ ...free, record: null })).toEqual({ class: "public", reasons: [], until: null });
    const bare: RegisterFacts = { ...RECORD, form: "removed-mainboard", model: null, imeis: [], licences: {} };
    expect(networkClass({ ...free, record: bare }).class).toBe("public");
    expect(networkClass({ ...free, record: { ...bare, imeis: ["864725048031205"] } }).class).toBe("isolated");
    expect(networkClass({ ...free, record: { ...bare, model: "X" } }).class).toBe("isolated");
    expect(networkClass({ ...free, record: { ...bare, otherModel: ["86472504"] } }).class).toBe("isolated");
  });

  test("no mixture of facts is public with one of them missing", () => {
    const licence = fc.record<LicenceFacts>({
      number: fc.constantFrom("00-D710-208871", "00-D710", null),
      model: fc.constantFrom("TET-AN00", "tet-an00", "Other", null),
      expires: fc.constantFrom("2026-12-31", "2026-06-14", null),
      document: fc.boolean(),
      confirmed: fc.boolean(),
      markTwice: fc.boolean(),
    });
    const imeis = fc.constantFrom<string[]>([], ["864725048031204"], ["1"]);
    const form = fc.constantFrom<RegisterFacts["form"]>("complete-unit", "removed-mainboard");
    fc.assert(
      fc.property(licence, imeis, form, (nal, numbers, built) => {
        const record = { ...RECORD, form: built, imeis: numbers, licences: { nal } };
        const good =
          nal.number === "00-D710-208871" &&
          nal.model?.toUpperCase() === "TET-AN00" &&
          nal.expires === "2026-12-31" &&
          nal.confirmed &&
          !nal.markTwice &&
          numbers[0] === "864725048031204" &&
          built === "complete-unit";
        const decided = networkClass({ ...FACTS, schemes: ["nal"], record });
        expect(decided.class).toBe(good ? "public" : "isolated");
        expect(decided.reasons.length === 0).toBe(good);
      }),
      { numRuns: 500 },
    );
  });
});

test("levels go up step by step, and a number of no shape has none", () => {
  const bare = { ...LICENCE, document: false, confirmed: false };
  expect(licenceLevel("nal", bare, NOW)).toBe("shape-ok");
  expect(licenceLevel("nal", { ...bare, document: true }, NOW)).toBe("document-attached");
  expect(licenceLevel("nal", LICENCE, NOW)).toBe("registry-confirmed");
  expect(licenceLevel("nal", { ...LICENCE, number: "1" }, NOW)).toBe("none");
  expect(licenceLevel("bis", { ...LICENCE, number: "R-12345678" }, NOW)).toBe("registry-confirmed");
});
