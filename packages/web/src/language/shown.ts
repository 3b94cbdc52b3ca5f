/** What goes into a sentence: names and texts of others, which may neither turn the rest of it around nor hide in it. */
import { readable } from "@phonerack/contract/api";

/** Hebrew, Arabic and their kin, which are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Isolates: https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates */
const [BEGIN, END] = ["\u2068", "\u2069"];

export function shown(value: unknown): string {
  const text = readable(String(value));
  return RIGHT_TO_LEFT.test(text) ? `${BEGIN}${text}${END}` : text;
}
