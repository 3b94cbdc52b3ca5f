/**
 * Lines of a phone's log, as the `log` pipe carries them: logcat's `threadtime` with `uid`, `epoch` and `printable`, and its dividers (`-D`), which alone say in which buffer a
 * line stands. Of a message of several lines each has the whole prefix. Phones before Android 7 know less: their lines have a date of the phone's own clock and no uid.
 *
 * ```
 * --------- beginning of main                                        (later: switch to main)
 *          1732604400.123 10123  2345  2367 W ActivityThread: text
 * 11-26 07:00:00.123  2345  2367 W ActivityThread: text              (before Android 7)
 * ```
 * A tag ends at the first `: `; one that has it inside is cut there.
 */
import type { LogLevel } from "./log-wish.js";

export interface LogLine {
  /** Milliseconds since the Unix epoch by the phone's clock; null where the line only has a date without a year. */
  readonly time: number | null;
  /** As the phone wrote it: a number, or a name such as `root`; "" where it does not say. */
  readonly uid: string;
  readonly pid: number;
  readonly tid: number;
  readonly level: LogLevel;
  readonly tag: string;
  readonly text: string;
}

const EPOCH = /^ *(\d{1,12})\.(\d{3,9}) +(\S+) +(\d+) +(\d+) ([VDIWEF]) (.*)$/s;
const DATED = /^(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d+ +(\d+) +(\d+) ([VDIWEF]) (.*)$/s;
const DIVIDER = /^-{5,} (?:beginning of|switch to) (?:\/dev\/log\/)?([a-z]{1,20})$/;

/** undefined for a line that is no log's. */
export function readLogLine(line: string): LogLine | undefined {
  const epoch = EPOCH.exec(line);
  if (epoch) {
    const [, seconds = "", fraction = "", uid = "", pid, tid, level, rest = ""] = epoch;
    const time = Number(seconds) * 1000 + Number(fraction.slice(0, 3));
    return { time, uid, pid: Number(pid), tid: Number(tid), level: level as LogLevel, ...tagAndText(rest) };
  }
  const dated = DATED.exec(line);
  if (!dated) return undefined;
  const [, pid, tid, level, rest = ""] = dated;
  return { time: null, uid: "", pid: Number(pid), tid: Number(tid), level: level as LogLevel, ...tagAndText(rest) };
}

/** As people and logcat's readers know it: `threadtime`, the time in UTC. */
export function logText({ time, pid, tid, level, tag, text }: LogLine): string {
  const at = time === null ? "" : `${new Date(time).toISOString().slice(5, 23).replace("T", " ")} `;
  return `${at}${String(pid).padStart(5)} ${String(tid).padStart(5)} ${level} ${tag}: ${text}`;
}

/** The buffer whose lines follow; undefined for every other line. */
export function readLogDivider(line: string): string | undefined {
  return DIVIDER.exec(line)?.[1];
}

function tagAndText(rest: string): { tag: string; text: string } {
  const end = rest.indexOf(": ");
  if (end >= 0) return { tag: rest.slice(0, end).trimEnd(), text: rest.slice(end + 2) };
  return { tag: rest.replace(/ *:$/, ""), text: "" };
}
