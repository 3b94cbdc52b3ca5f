/** Dates and numbers as the reader's own language writes them. */

const time = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekTime = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "numeric", minute: "2-digit" });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const celsius = new Intl.NumberFormat(undefined, { style: "unit", unit: "celsius", maximumFractionDigits: 0 });
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });

const DAY_MS = 86_400_000;

/** The time alone for today, with the day of the week for the days around it, else with the date. `at` in milliseconds since the epoch (Unix). */
export function formatTime(at: number, now = Date.now()): string {
  if (new Date(at).toDateString() === new Date(now).toDateString()) return time.format(at);
  return Math.abs(now - at) < 6 * DAY_MS ? weekTime.format(at) : dateTime.format(at);
}

/** From one time to another, the day said once where it is the same. */
export function formatRange(from: number, until: number, now = Date.now()): string {
  const sameDay = new Date(from).toDateString() === new Date(until).toDateString();
  return `${formatTime(from, now)} – ${sameDay ? time.format(until) : formatTime(until, now)}`;
}

export const formatDateTime = (at: number): string => dateTime.format(at);
export const formatNumber = (value: number): string => whole.format(value);
const fraction = new Intl.NumberFormat(undefined, { maximumFractionDigits: 3 });
/** With up to three digits after the point, where there are any. */
export const formatFraction = (value: number): string => fraction.format(value);
export const formatDegrees = (value: number): string => celsius.format(value);
/** `level` from 0 to 100. */
export const formatPercent = (level: number): string => percent.format(level / 100);

/** Milliseconds below ten seconds, then seconds. */
export function formatDuration(ms: number): string {
  const [value, unit] = ms < 10_000 ? [Math.round(ms), "millisecond"] : [Math.round(ms / 1000), "second"];
  return new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay: "short" }).format(value);
}

/** A countdown as clocks show it: 4:12, 1:04:12. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

/** How long, in the largest units that matter: 45 min, 3 hr 20 min, 2 days. */
export function formatSpan(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  const unit = (value: number, name: "day" | "hour" | "minute") =>
    new Intl.NumberFormat(undefined, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
  if (minutes < 60) return unit(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  if (hours >= 24)
    return [unit(Math.floor(hours / 24), "day"), hours % 24 ? unit(hours % 24, "hour") : ""].filter(Boolean).join(" ");
  return [unit(hours, "hour"), minutes % 60 ? unit(minutes % 60, "minute") : ""].filter(Boolean).join(" ");
}

const MINUTE_MS = 60_000;
const seconds = new Intl.NumberFormat(undefined, {
  style: "unit",
  unit: "second",
  unitDisplay: "short",
  maximumFractionDigits: 1,
});

/** How long something took: tenths of seconds below a minute. */
export const formatTook = (ms: number): string => (ms < MINUTE_MS ? seconds.format(ms / 1_000) : formatSpan(ms));

const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });

/** The time of day alone. */
export const formatHour = (at: number): string => time.format(at);
export const formatDay = (at: number): string => day.format(at);

const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
export const formatDate = (at: number): string => date.format(at);
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
/** The time of day to the second, always as wide: for columns. */
export const formatClock = (at: number): string => clock.format(at);
/** To the second, for what must be told apart. */
export const formatMoment = (at: number): string => moment.format(at);

/** In the largest unit that leaves a whole number or one digit after it: 2 GB, 14.3 MB. */
export function formatBytes(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const at = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const style = { style: "unit", unit: units[at] ?? "byte", unitDisplay: "short", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(undefined, style).format(bytes / 1024 ** at);
}
