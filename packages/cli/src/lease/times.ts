/** Times as people type them: how long, until when. Local where they name no zone. */
import { InvalidArgumentError } from "commander";

const UNIT_MS: Readonly<Record<string, number>> = { d: 24 * 3_600_000, h: 3_600_000, m: 60_000, min: 60_000 };

/** `2h`, `90m`, `1h30m`, `1d`: milliseconds. */
export function parseDuration(text: string): number {
  const parts = [
    ...text
      .trim()
      .toLowerCase()
      .matchAll(/(\d+(?:\.\d+)?)\s*(d|h|min|m)/g),
  ];
  const ms = parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNIT_MS[unit ?? ""] ?? 0), 0);
  if (
    parts.map(([part]) => part).join("") !==
      text
        .trim()
        .toLowerCase()
        .replaceAll(/(?<=[dhmn])\s+/g, "") ||
    ms <= 0
  )
    throw new InvalidArgumentError(`'${text}' is no length of time, e.g. 2h, 90m or 1h30m.`);
  return Math.round(ms);
}

/** `18:30` (the next one), `2026-12-01 09:00`, ISO 8601, or `+2h` from now: milliseconds since the Unix epoch. */
export function parseTime(text: string, now = Date.now()): number {
  if (text.startsWith("+")) return now + parseDuration(text.slice(1));
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour !== undefined) return nextClock(Number(hour), Number(minute), now);
  const time = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text) ? Date.parse(text.replace(" ", "T")) : Number.NaN;
  if (Number.isNaN(time))
    throw new InvalidArgumentError(`'${text}' is no time, e.g. 18:30, '2026-12-01 09:00', 2026-12-01T09:00+01:00 or +2h.`);
  return time;
}

function nextClock(hour: number, minute: number, now: number): number {
  const time = new Date(now);
  time.setHours(hour, minute, 0, 0);
  if (time.getTime() <= now) time.setDate(time.getDate() + 1);
  return time.getTime();
}

/** `30m`, or `never`: minutes, in an object because Commander takes a parser's null for "not given". */
export function parseIdle(text: string): { readonly minutes: number | null } {
  if (text === "never") return { minutes: null };
  return { minutes: Math.max(1, Math.round(parseDuration(text) / 60_000)) };
}

/** `18:30` today, else with its date. */
export function clock(time: number, now = Date.now()): string {
  const [date = "", hours = ""] = new Date(time).toLocaleString("sv-SE").split(" ");
  const today = new Date(now).toLocaleDateString("sv-SE");
  return date === today ? hours.slice(0, 5) : `${date} ${hours.slice(0, 5)}`;
}

/** `2 d 3 h`, `1 h 5 min`, `12 min`, `less than a minute`. */
export function length(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  const [d, h, m] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60), minutes % 60];
  const words = [d > 0 ? `${d} d` : "", h > 0 ? `${h} h` : "", m > 0 && d === 0 ? `${m} min` : ""].filter((word) => word !== "");
  return words.join(" ") || "less than a minute";
}
