/** What the page and the log's worker say to each other. Lines live in the worker; the page gets those that it shows. */
import type { LogLevel, PipeEnd } from "@phonerack/contract/api";

export const LEVELS = ["V", "D", "I", "W", "E", "F"] as const satisfies readonly LogLevel[];

export interface LogEntry {
  /** Grows by one with each. */
  readonly seq: number;
  /** Milliseconds since the Unix epoch; null where the phone does not say. */
  readonly time: number | null;
  readonly uid: string;
  readonly pid: number;
  readonly tid: number;
  readonly level: LogLevel;
  readonly tag: string;
  readonly text: string;
  readonly buffer: string;
  /** What its process is called; "" where nobody knows. */
  readonly process: string;
  /** No line of the phone's: what happened to the stream here. */
  readonly note?: LogNote;
}

export type LogNote =
  | { readonly type: "dropped"; readonly lines: number }
  /** Since here only these come from the phone, since it says more than can be carried. */
  | { readonly type: "narrowed"; readonly level: LogLevel; readonly package: string }
  | { readonly type: "reopened" };

export interface LogFilter {
  readonly level: LogLevel;
  /** "": any. */
  readonly package: string;
  readonly tag: string;
  readonly text: string;
  /** The text is a regular expression. */
  readonly isRegex: boolean;
  /** Show only lines with the text; else it is only looked for. */
  readonly only: boolean;
}

export const NO_FILTER: LogFilter = { level: "V", package: "", tag: "", text: "", isRegex: false, only: true };

export type LogOrder =
  | { readonly type: "open"; readonly url: string; readonly deviceId: string; readonly filter: LogFilter }
  | { readonly type: "filter"; readonly filter: LogFilter }
  /** Which lines are in view, by their place among those that match; null: the last ones, also as more come. */
  | { readonly type: "look"; readonly from: number | null; readonly count: number }
  | { readonly type: "pause"; readonly paused: boolean }
  /** The next line with the text, from this place on. */
  | { readonly type: "find"; readonly from: number; readonly step: 1 | -1 }
  | { readonly type: "clear" }
  /** All that is kept, or what matches, as one file. */
  | { readonly type: "save"; readonly matching: boolean }
  | { readonly type: "ping"; readonly count: number };

export interface LogView {
  readonly type: "view";
  /** Places of the first that is still kept, and after the last. */
  readonly first: number;
  readonly end: number;
  /** Where `rows` begin. */
  readonly from: number;
  readonly rows: readonly LogEntry[];
  /** Lines kept, matching or not. */
  readonly kept: number;
  /** Lines that came faster than they could be carried. */
  readonly dropped: number;
  /** Matching lines since it was paused; null: it is not. */
  readonly unseen: number | null;
  /** Packages that have written or were started, for suggestions. */
  readonly packages: readonly string[];
  /** Why the regular expression is none, in the engine's words. */
  readonly badRegex: string | null;
}

export type LogReport =
  | LogView
  | { readonly type: "state"; readonly state: "open" }
  | { readonly type: "state"; readonly state: "ended"; readonly error: NonNullable<PipeEnd["error"]> }
  /** null: there is none any more. */
  | { readonly type: "found"; readonly at: number | null }
  | { readonly type: "saved"; readonly file: Blob }
  | { readonly type: "pong"; readonly count: number };
