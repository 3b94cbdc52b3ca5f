/** What the doctor found of one thing, and what to do about it. */
export interface Finding {
  readonly check: string;
  readonly state: "ok" | "warn" | "fail";
  /** In words: how it is. */
  readonly says: string;
  /** What to do; not for `ok`. */
  readonly todo?: string;
}

export function ok(check: string, says: string): Finding {
  return { check, state: "ok", says };
}

export function warn(check: string, says: string, todo: string): Finding {
  return { check, state: "warn", says, todo };
}

export function fail(check: string, says: string, todo: string): Finding {
  return { check, state: "fail", says, todo };
}

/** Clocks further apart than this make leases end early or late, and agents refuse orders as too late. */
export const MAX_SKEW_MS = 1_000;

/** `ahead`: milliseconds by which another clock is ahead of ours, known to `within`. */
export function clockFinding(whose: string, { ahead, within }: { ahead: number; within: number }): Finding {
  const check = `clock, ${whose}`;
  const apart = Math.max(0, Math.abs(ahead) - within);
  if (apart <= MAX_SKEW_MS) return ok(check, "agrees with this machine's within a second");
  const words = `this machine's clock is ${(Math.abs(ahead) / 1_000).toFixed(1)} s ${ahead > 0 ? "behind" : "ahead of"} that of ${whose}`;
  return fail(check, words, "let both follow the same time servers: 'timedatectl set-ntp true'");
}
