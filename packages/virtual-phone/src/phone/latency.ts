import type { Clock } from "./clock.js";

/** How slow a phone is. All times in milliseconds. The phone keeps them; the shell, the log and the encoder obey them. */
export interface LatencyProfile {
  /** Before a shell command gives its first byte. */
  readonly shell: number;
  /** Least and most delay of a log entry on its way to a reader. */
  readonly events: readonly [least: number, most: number];
  /** A `uiautomator dump`. */
  readonly hierarchy: number;
  /** From asking for an encoder to its first frame. */
  readonly encoderStart: number;
  /** Between a press and the activity it opens. */
  readonly activityStart: number;
  /** What UiAutomator2's server takes: the page source, a search, a press or another action. Least and most. */
  readonly uiautomator: Readonly<Record<"source" | "find" | "act", readonly [least: number, most: number]>>;
}

/** `none` answers at once; `real` is about as slow as a phone of the middle class. */
export const LATENCY = {
  none: {
    shell: 0,
    events: [0, 0],
    hierarchy: 0,
    encoderStart: 0,
    activityStart: 0,
    uiautomator: { source: [0, 0], find: [0, 0], act: [0, 0] },
  },
  real: {
    shell: 30,
    events: [5, 200],
    hierarchy: 1500,
    encoderStart: 500,
    activityStart: 150,
    uiautomator: { source: [120, 400], find: [40, 150], act: [60, 150] },
  },
} as const satisfies Record<string, LatencyProfile>;
export type LatencyName = keyof typeof LATENCY;

/** Waits `ms` by the phone's clock; at once (no timer) when `ms` is 0. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => clock.after(ms, resolve));
}
