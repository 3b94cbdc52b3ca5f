/** Errors in words: the sentences of the one error table. */
import { ERRORS, isErrorCode, PhonerackError } from "@phonerack/contract/api";
import { formatTime } from "../language/format.js";

export interface ShownError {
  /** Undefined when phonerack could not be asked at all. */
  readonly code: string | undefined;
  readonly message: string | undefined;
}

/** What to show of whatever was thrown: the sentence of the error table and what is known of this case. */
export function shownError(error: unknown): ShownError {
  if (error instanceof PhonerackError) return { code: error.code, message: sentence(error) };
  return { code: undefined, message: undefined };
}

/** A refusal in words; the table's sentence where the code is in it, so that all say the same. */
export function sentence(error: { code: string; message: string; detail?: string | undefined }): string {
  if (POINTS_ON.has(error.code) && error.detail) return asSentence(localTimes(error.detail));
  const message = isErrorCode(error.code) ? ERRORS[error.code].message : error.message;
  return error.detail ? `${message} ${localTimes(error.detail)}` : message;
}

/** Codes of which the table only says that there is a reason; people want the reason. */
const POINTS_ON: ReadonlySet<string> = new Set(["denied", "step_refused", "group_refused"]);

/** A name that it begins with (of a package) stays as it is written. */
function asSentence(words: string): string {
  const begun = /^\S+\.\S/.test(words) ? words : words.slice(0, 1).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

/** Details tell times as programs read them; people are told them by their own clock. */
function localTimes(detail: string): string {
  return detail.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (iso) => formatTime(Date.parse(iso)));
}
