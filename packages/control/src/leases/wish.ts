/** What somebody asks for, made whole: times that can be, a count, and no contradiction. Knows no devices. */
import {
  LEASE_AHEAD_MS,
  LEASE_DEFAULT_MS,
  LEASE_MAX_MS,
  LEASE_MIN_MS,
  type LeaseRequest,
  type LeaseWhere,
  PhonerackError,
} from "@phonerack/contract/bus";

/** A clock of another machine may be a little behind: what begins so shortly ago begins now. */
const JUST_NOW_MS = 30_000;

export interface Wish {
  /** Exactly these, or undefined: by `where`. */
  readonly devices: readonly string[] | undefined;
  readonly where: LeaseWhere;
  readonly count: number;
  readonly wholeChassis: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly from: number;
  readonly until: number;
  /** It begins later than now. */
  readonly later: boolean;
  readonly wait: boolean;
  readonly purpose: string;
  readonly idleMinutes: number | null;
}

/** Fails with `bad_request` or `time_invalid`. */
export function readWish(request: LeaseRequest, now: number): Wish {
  const { devices, where, wholeChassis, wait, purpose, idleMinutes } = request;
  refuseContradictions(request);
  const from = request.from ?? now;
  if (from < now - JUST_NOW_MS) throw new PhonerackError("time_invalid", `from: ${at(from)} is past`);
  const later = from > now;
  const begins = later ? from : now;
  const until = request.until ?? begins + LEASE_DEFAULT_MS;
  requireTimes({ now, from: begins, until });
  if (later && wait)
    throw new PhonerackError("bad_request", "wait: what waits in the queue begins when it can; leave out 'from'");
  const count = devices?.length ?? request.count ?? 1;
  return { devices, where: where ?? {}, count, wholeChassis, from: begins, until, later, wait, purpose, idleMinutes };
}

/** Fails with `time_invalid`. */
export function requireTimes({ now, from, until }: { now: number; from: number; until: number }): void {
  if (until <= now) throw new PhonerackError("time_invalid", `until: ${at(until)} is past`);
  if (until - from < LEASE_MIN_MS)
    throw new PhonerackError("time_invalid", `until: a lease lasts at least ${LEASE_MIN_MS / 60_000} minute`);
  if (until - from > LEASE_MAX_MS)
    throw new PhonerackError("time_invalid", `until: a lease lasts at most ${LEASE_MAX_MS / 86_400_000} days`);
  if (from - now > LEASE_AHEAD_MS)
    throw new PhonerackError("time_invalid", `from: at most ${LEASE_AHEAD_MS / 86_400_000} days ahead`);
}

function refuseContradictions({ devices, where, count, wholeChassis }: LeaseRequest): void {
  const refuse = (detail: string) => {
    throw new PhonerackError("bad_request", detail);
  };
  if (!devices && !where && !wholeChassis && count === undefined)
    refuse("say which devices: by 'devices', by 'where', by 'count' or with 'wholeChassis'");
  if (devices && (where || wholeChassis)) refuse("devices: either ids, or 'where' and 'wholeChassis', not both");
  if (devices && new Set(devices).size !== devices.length) refuse("devices: an id is named twice");
  if (devices && count !== undefined && count !== devices.length)
    refuse(`count: ${devices.length} devices are named, not ${count}`);
  const { sdk, screen } = where ?? {};
  if (typeof sdk === "object" && (sdk.atLeast ?? 0) > (sdk.atMost ?? Infinity)) refuse("where.sdk: atLeast is above atMost");
  if ((screen?.minWidth ?? 0) > (screen?.maxWidth ?? Infinity)) refuse("where.screen: minWidth is above maxWidth");
  if ((screen?.minHeight ?? 0) > (screen?.maxHeight ?? Infinity)) refuse("where.screen: minHeight is above maxHeight");
}

/** A time as details show it. */
export function at(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
