/** What the agent allows itself and its phones, in one place. */
export const LIMITS = {
  /** Phones that connect and are prepared at the same time: above it the event loop queues, and each would only take longer. */
  preparingAtOnce: 64,
  devices: 4_000,
  /** Phones that are cleaned at the same time. */
  cleaningsAtOnce: 100,
  /** From the first command of a cleaning to its record; a restart of the phone included. */
  cleaningMs: 10 * 60_000,
  /** How long a phone that has just become ready is left alone: it has other things to do, and so have its neighbours. */
  baselineAfterMs: 5_000,
  /** Baselines taken at the same time while nobody waits for them. */
  baselinesAtOnce: 4,
  /** Phones whose fence is closed or opened at the same time. */
  fencesAtOnce: 100,
  /** What a holder's first input waits for a baseline that was not taken before. */
  baselineMs: 20_000,
} as const;

/** Wait before a lost phone is tried again: from 0.5 s, doubled each time, up to 30 s; ± 25 % so that a rack does not come back in step. */
export function backOff(attempt: number): number {
  const base = Math.min(30_000, 500 * 2 ** Math.min(attempt, 10));
  return base * (0.75 + Math.random() * 0.5);
}
