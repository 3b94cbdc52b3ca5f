/**
 * Words that people write and others read: names, reasons, labels. What nobody sees but changes how it looks (control characters, what turns the direction of writing,
 * characters without width) is refused where a person writes it (`Words`), and shown as what it is where an app or a phone does (`readable`).
 * Unicode Technical Report 36 (security considerations), https://www.unicode.org/reports/tr36/
 */
import { z } from "zod";

/** Line separators and what turns the direction of writing or has no width; the tags of U+E0000 hide whole sentences. */
const UNSEEN =
  "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb\\u{e0000}-\\u{e0fff}";
/** They join letters of these scripts, and emoji; anywhere else they only make two names of one look. */
const JOINED =
  "\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f\\p{sc=Arab}\\p{sc=Beng}\\p{sc=Deva}\\p{sc=Gujr}\\p{sc=Guru}\\p{sc=Khmr}\\p{sc=Knda}\\p{sc=Mlym}\\p{sc=Mong}\\p{sc=Mymr}\\p{sc=Orya}\\p{sc=Sinh}\\p{sc=Syrc}\\p{sc=Taml}\\p{sc=Telu}\\p{sc=Tibt}";
const JOINERS = `(?<![${JOINED}])[\\u200c\\u200d]|[\\u200c\\u200d]$`;
const UNREADABLE = new RegExp(`[\\p{Cc}\\p{Cs}${UNSEEN}]|${JOINERS}|\\p{M}{5,}`, "u");
const EACH_UNREADABLE = new RegExp(`[\\p{Cc}\\p{Cs}${UNSEEN}]|${JOINERS}`, "gu");

const isReadable = (text: string) => !UNREADABLE.test(text);
const REFUSAL = "here are characters that nobody sees; write it without them";

/** One line, composed (NFC) and trimmed, of at least and at most so many characters. */
export function Words(most: number, least = 1) {
  return z.string().normalize("NFC").trim().min(least).max(most).refine(isReadable, REFUSAL);
}

/** The same of several lines. */
export function Lines(most: number, least = 0) {
  return z
    .string()
    .normalize("NFC")
    .trim()
    .min(least)
    .max(most)
    .refine((text) => text.split(/\r?\n|\t/).every(isReadable), REFUSAL);
}

/** For people's eyes, on a screen or a terminal: each character that nobody sees stands as `�`. Line ends and tabs stay. */
export function readable(text: string): string {
  return text.replace(EACH_UNREADABLE, (one) => (one === "\n" || one === "\t" ? one : "�"));
}
