/** When a device's licences end: the soonest of those that it needs where it stands. */
import type { RegisterDevice } from "@phonerack/contract/api";
import { endOfDay } from "@phonerack/policy";

const DAY_MS = 24 * 3_600_000;

export interface Expiry {
  readonly scheme: string;
  /** Its last day, `YYYY-MM-DD`. */
  readonly day: string;
  /** Whole days that are left, 0 on the last one; below 0: it has ended. */
  readonly left: number;
}

/** Undefined: none of them says when it ends. */
export function soonestExpiry({ schemes, country, record }: ExpiryFacts, now: number): Expiry | undefined {
  const ends = schemes.flatMap((scheme) => {
    const day = record && Object.hasOwn(record.licences, scheme) ? record.licences[scheme]?.expires : undefined;
    const end = day ? endOfDay(day, country) : undefined;
    return day && end !== undefined ? [{ scheme, day, left: Math.ceil((end - now) / DAY_MS) - 1, end }] : [];
  });
  const soonest = ends.sort((a, b) => a.end - b.end)[0];
  return soonest && { scheme: soonest.scheme, day: soonest.day, left: soonest.left };
}

type ExpiryFacts = Pick<RegisterDevice, "schemes" | "country" | "record">;

export type Urgency = "over" | "day" | "soon" | "later";

/** In the steps in which the lab warns. */
export function urgencyOf(left: number): Urgency {
  if (left < 0) return "over";
  return left < 1 ? "day" : left < 14 ? "soon" : "later";
}

/** A day without a time, as the API writes it, for showing; noon, so that it is the same day everywhere. */
export function atNoon(day: string): number {
  return new Date(`${day}T12:00:00`).getTime();
}
