/** Logs on stderr: quiet unless asked, in words for a person at a terminal, JSON lines for machines. stdout belongs to results. */
import pino, { type Logger } from "pino";

const LEVELS: Readonly<Record<number, string>> = { 30: "", 40: "warning: ", 50: "error: ", 60: "error: " };
const HIDDEN = new Set(["level", "time", "pid", "hostname", "msg", "name"]);

export interface LogView {
  readonly verbose?: boolean;
  readonly json?: boolean;
}

export function createLog(view: LogView): Logger {
  const level = view.verbose ? "debug" : "warn";
  if (view.json || !process.stderr.isTTY) return pino({ level }, process.stderr);
  return pino({ level }, { write: (line) => process.stderr.write(inWords(line)) });
}

function inWords(line: string): string {
  const entry = JSON.parse(line) as { level: number; time: number; msg?: string } & Record<string, unknown>;
  const rest = Object.entries(entry)
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => `${key}=${describe(value)}`);
  const time = new Date(entry.time).toTimeString().slice(0, 8);
  return `${time} ${LEVELS[entry.level] ?? ""}${[entry.msg ?? "", ...rest].join("  ")}\n`;
}

function describe(value: unknown): string {
  if (typeof value === "object" && value !== null && "message" in value) return JSON.stringify(value.message);
  return typeof value === "string" ? value : JSON.stringify(value);
}
