/** Dates and numbers as the reader's own language writes them. */

const time = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const celsius = new Intl.NumberFormat(undefined, { style: "unit", unit: "celsius", maximumFractionDigits: 0 });
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });

const DAY_MS = 86_400_000;

/** The time alone for today, with the date before. `at` in milliseconds since the epoch (Unix). */
export function formatTime(at: number, now = Date.now()): string {
  return Math.abs(now - at) < DAY_MS && new Date(at).getDate() === new Date(now).getDate()
    ? time.format(at)
    : dateTime.format(at);
}

export const formatDateTime = (at: number): string => dateTime.format(at);
export const formatNumber = (value: number): string => whole.format(value);
export const formatDegrees = (value: number): string => celsius.format(value);
/** `level` from 0 to 100. */
export const formatPercent = (level: number): string => percent.format(level / 100);

/** Milliseconds below ten seconds, then seconds. */
export function formatDuration(ms: number): string {
  const [value, unit] = ms < 10_000 ? [Math.round(ms), "millisecond"] : [Math.round(ms / 1000), "second"];
  return new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay: "short" }).format(value);
}
