/** Which process each pid of a phone is, or was as far as the phone still knows: what the lines of its log are told apart by. */
import type { PhoneLink } from "../transports/link.js";
import { runShell } from "../transports/shell.js";

const MOST = 3_000;
const PATIENCE_MS = 10_000;
/** Android before 8 knows no `-A`. */
const COMMAND =
  "ps -A -o PID,NAME 2>/dev/null || ps; echo @; logcat -b events -d -v uid -s am_proc_start 2>/dev/null | tail -n 1000";

export interface LoggingProcess {
  readonly pid: number;
  readonly name: string;
}

/** Fails as `runShell` does. */
export async function readProcesses(link: PhoneLink): Promise<LoggingProcess[]> {
  const { stdout } = await runShell(link, COMMAND, { timeoutMs: PATIENCE_MS });
  return parseProcesses(stdout);
}

/** Running ones count more than those that had the same pid before. */
export function parseProcesses(text: string): LoggingProcess[] {
  const [list = "", events = ""] = text.split("\n@\n");
  const found = new Map<number, string>();
  // [user,pid,uid,process,why,component], of system_server only: an app may write what it likes.
  for (const [, pid, name] of events.matchAll(/ (?:1000|system) +\d+ +\d+ I am_proc_start *: \[\d+,(\d+),\d+,([^,\n]+),/g))
    found.set(Number(pid), name ?? "");
  for (const line of list.split("\n")) {
    const words = line.trim().split(/\s+/);
    // PID NAME, or Android 7's USER PID PPID VSIZE RSS WCHAN PC S NAME.
    const [pid, name] = words.length === 2 ? words : [words[1], words.at(-1)];
    if (pid !== undefined && name !== undefined && /^\d{1,7}$/.test(pid)) found.set(Number(pid), name);
  }
  return [...found].slice(-MOST).map(([pid, name]) => ({ pid, name: name.slice(0, 300) }));
}
