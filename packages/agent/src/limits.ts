/** What the agent allows itself and its phones, in one place. */
export const LIMITS = {
  /** Phones that connect and are prepared at the same time: above it the event loop queues, and each would only take longer. */
  preparingAtOnce: 64,
  devices: 4_000,
} as const;

/** Wait before a lost phone is tried again: from 0.5 s, doubled each time, up to 30 s; ± 25 % so that a rack does not come back in step. */
export function backOff(attempt: number): number {
  const base = Math.min(30_000, 500 * 2 ** Math.min(attempt, 10));
  return base * (0.75 + Math.random() * 0.5);
}
