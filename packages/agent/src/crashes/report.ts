/**
 * What a phone wrote of an app that crashed or did not respond: out of the drop box, which keeps such reports whole and with the app's version, or else out of the
 * crash buffer, since the drop box takes only so many of one kind. Either comes some time after the event: an ANR's stacks take the phone seconds.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { readLogLine } from "@phonerack/contract/bus";
import type { AppError } from "../foreground/events.js";
import type { PhoneLink } from "../transports/link.js";
import { runShell } from "../transports/shell.js";

/** Asked again after so long, as long as there is nothing. */
const CRASH_WAITS_MS = [250, 1_000, 2_000] as const;
const ANR_WAITS_MS = [1_000, 2_000, 4_000, 8_000] as const;
const TAGS = { crash: "crash", native: "native_crash", anr: "anr" } as const;
/** Of the drop box's end: a report is at most 192 KiB, traces of an ANR some more. */
const TAIL_BYTES = 1_500_000;
const PATIENCE_MS = 20_000;
const SEPARATOR = /\n={20,}\n/;

export interface CrashReport {
  readonly versionName: string | null;
  readonly versionCode: number | null;
  readonly stack: string;
}

/** Never empty: where the phone has written nothing, it is what the event said. Fails when the connection ends. */
export async function readReport(link: PhoneLink, error: AppError): Promise<CrashReport> {
  const waits = error.kind === "anr" ? ANR_WAITS_MS : CRASH_WAITS_MS;
  for (const wait of waits) {
    await sleep(wait);
    const found = await fromDropBox(link, error);
    if (found) return found;
  }
  const stack = error.kind === "anr" ? undefined : await fromCrashBuffer(link, error);
  const said = [error.exception, error.message].filter(Boolean).join(": ");
  return { versionName: null, versionCode: null, stack: stack ?? `${said}\n(The phone has written no stack.)` };
}

async function fromDropBox(link: PhoneLink, error: AppError): Promise<CrashReport | undefined> {
  // Of an app that came with the phone: `system_app_…`.
  const tag = TAGS[error.kind];
  const command = `for t in data_app_${tag} system_app_${tag}; do dumpsys dropbox --print $t; done | tail -c ${TAIL_BYTES}`;
  const { stdout } = await runShell(link, command, { timeoutMs: PATIENCE_MS, maxBytes: 2 * TAIL_BYTES });
  return readDropBox(stdout, error);
}

/** What the next tag's list begins with. */
const NEXT_LIST = /\nDrop box contents: \d+ entries\n/;

/** The newest report of this very process. */
export function readDropBox(text: string, { process, pid }: Pick<AppError, "process" | "pid">): CrashReport | undefined {
  for (const part of text.split(SEPARATOR).slice(1).reverse()) {
    const end = part.search(/\n\n|\nSubject: /);
    const head = part.slice(0, end < 0 ? undefined : end);
    if (/^Process: (.*)$/m.exec(head)?.[1] !== process) continue;
    // Android before 11 does not say it.
    const said = /^PID: (\d+)$/m.exec(head)?.[1];
    if (said !== undefined && Number(said) !== pid) continue;
    const [, versionCode, versionName] = /^Package: \S+ v(\d+)(?: \((.*)\))?$/m.exec(head) ?? [];
    const body = end < 0 ? "" : (part.slice(end + 1).split(NEXT_LIST)[0] ?? "").trim();
    if (body === "") continue;
    return { stack: body, versionCode: versionCode === undefined ? null : Number(versionCode), versionName: versionName ?? null };
  }
  return undefined;
}

async function fromCrashBuffer(link: PhoneLink, error: AppError): Promise<string | undefined> {
  const command = "logcat -b crash -d -v threadtime -t 3000";
  const { stdout } = await runShell(link, command, { timeoutMs: PATIENCE_MS, maxBytes: 2 * TAIL_BYTES });
  return readCrashBuffer(stdout, error);
}

/** Java's stack stands under the process itself; a native one is written by a process of the system, which names it. */
export function readCrashBuffer(text: string, { pid, kind }: Pick<AppError, "pid" | "kind">): string | undefined {
  const lines = text.split("\n").flatMap((line) => readLogLine(line) ?? []);
  const native = kind === "native";
  const isFirst = (line: (typeof lines)[number]) =>
    native ? line.text.includes(`pid: ${pid},`) : line.pid === pid && line.text.startsWith("FATAL EXCEPTION");
  const first = lines.filter(isFirst).at(-1);
  if (!first) return undefined;
  const own = lines.slice(lines.indexOf(first)).filter((line) => line.pid === first.pid && line.tag === first.tag);
  return own.map((line) => line.text).join("\n");
}
