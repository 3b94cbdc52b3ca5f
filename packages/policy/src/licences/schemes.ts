/**
 * Licences under which phones are sold and used, scheme by scheme, as a table: how a number looks, and where phones need it. A shape finds typing errors
 * and invented numbers, never a good forgery: that is what looking into the registry is for. A scheme that is not here has a number and a document, and no shape.
 */

export type ShapeFault = "characters" | "shape" | "year" | "territory" | "category";

export interface Shape {
  /** Its name for people, e.g. `CMIIT ID since December 2023`. */
  readonly name: string;
  readonly pattern: RegExp;
  /** What is wrong with a number of this shape; `year` is the present one. */
  readonly fault?: (number: string, year: number) => ShapeFault | undefined;
}

export interface SchemeRule {
  readonly scheme: string;
  readonly title: string;
  /** A number has one of them. Empty: nobody knows them for sure. */
  readonly shapes: readonly Shape[];
  /** An example of each, for who types one. */
  readonly examples: readonly string[];
  /** Its licences end: one without a last day cannot be said to be in force. */
  readonly ends: boolean;
}

/** GB/T 2260, its first two digits; 99: abroad. */
const TERRITORIES: ReadonlySet<string> = new Set(
  "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 99".split(" "),
);

/** When the regulation on which a scheme rests began: a number from before is none. */
const FIRST = { nal: 0, srrcOld: 1990, srrcNew: 23, ccc: 2002 };
/** Of a mobile terminal, among the product categories of CCC. */
const MOBILE_TERMINAL = "1606";

export const SCHEMES: readonly SchemeRule[] = [
  {
    scheme: "nal",
    title: "China, network access licence (进网许可证)",
    shapes: [
      {
        name: "NAL",
        pattern: /^\d{2}-[0-9A-Z]{4}-\d{6}$/,
        fault: (number, year) => shortYear(number.slice(8, 10), FIRST.nal, year),
      },
    ],
    examples: ["00-D710-208871"],
    ends: true,
  },
  {
    scheme: "srrc",
    title: "China, radio type approval (CMIIT ID)",
    shapes: [
      {
        name: "CMIIT ID until November 2023",
        pattern: /^\d{4}[A-Z]{2}\d{4,5}$/,
        fault: (number, year) => fullYear(number.slice(0, 4), FIRST.srrcOld, year),
      },
      {
        name: "CMIIT ID since December 2023",
        pattern: /^\d{2}[A-Z]\d{2}(?=[0-9A-Z]{0,2}\d)[0-9A-Z]{3}[0-9A-HJ-NP-Z]\d{3}$/,
        fault: (number, year) =>
          shortYear(number.slice(0, 2), FIRST.srrcNew, year) ?? (TERRITORIES.has(number.slice(3, 5)) ? undefined : "territory"),
      },
    ],
    examples: ["2020CP10858", "24J11A1B0001"],
    ends: true,
  },
  {
    scheme: "ccc",
    title: "China, compulsory certification (CCC)",
    shapes: [
      {
        name: "CCC",
        pattern: /^\d{16}$/,
        fault: (number, year) =>
          fullYear(number.slice(0, 4), FIRST.ccc, year) ?? (number.slice(6, 10) === MOBILE_TERMINAL ? undefined : "category"),
      },
    ],
    examples: ["2020011606123456"],
    ends: true,
  },
  { scheme: "fcc", title: "USA, FCC ID", shapes: [], examples: [], ends: false },
  { scheme: "ce", title: "EU, declaration of conformity (CE, RED)", shapes: [], examples: [], ends: false },
  { scheme: "mic", title: "Japan, technical conformity (MIC)", shapes: [], examples: [], ends: false },
  { scheme: "anatel", title: "Brazil, ANATEL", shapes: [], examples: [], ends: false },
  { scheme: "bis", title: "India, BIS registration", shapes: [], examples: [], ends: false },
];

const BY_NAME = new Map(SCHEMES.map((rule) => [rule.scheme, rule]));

/** Also of a scheme that nobody described. */
export function schemeRule(scheme: string): SchemeRule {
  return BY_NAME.get(scheme) ?? { scheme, title: scheme, shapes: [], examples: [], ends: false };
}

/** Undefined: it looks as it must, or nobody knows how it must look. */
export function shapeFault(scheme: string, number: string, year: number): ShapeFault | undefined {
  // What looks like a Latin letter and is none (А, Ｄ, ０), or cannot be seen at all, is how a number is faked that people read as another.
  if (!/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(number)) return "characters";
  const { shapes } = schemeRule(scheme);
  if (shapes.length === 0) return undefined;
  const shape = shapes.find(({ pattern }) => pattern.test(number));
  return shape ? shape.fault?.(number, year) : "shape";
}

function fullYear(digits: string, first: number, year: number): ShapeFault | undefined {
  const its = Number(digits);
  return its >= first && its <= year ? undefined : "year";
}

/** Two digits, of this century. */
function shortYear(digits: string, first: number, year: number): ShapeFault | undefined {
  return fullYear(digits, first, year % 100);
}
