/** The benches by name, and the shape of what each prints. */

/** `ratio` is ours against the limit, as `budget` says it; `met` only when the figure reaches the budget. Other fields explain. */
export interface BenchResult {
  readonly name: string;
  readonly n: number;
  readonly ours: number;
  readonly limit: number;
  readonly ratio: number;
  readonly budget: string;
  readonly met: boolean;
  readonly [explanation: string]: unknown;
}

export interface BenchOptions {
  /** Phones or streams; default the budget's number. */
  readonly count?: number;
  readonly seconds?: number;
}

export const BENCHES = {
  bringup: { about: "1,000 virtual phones from a cold agent to ready, beside bare transports with the same shell calls" },
  idle: { about: "agent and control with 1,000 ready phones that nobody watches" },
  touch: { about: "browser socket to the agent's ADB write, gate and journal on" },
  leases: { about: "200 actors who ask for 1,000 devices at random, on PostgreSQL and on PGlite" },
  group: { about: "one tap on 1,000 phones behind gate and fence, and elements on 20 phones as slow as phones" },
  install: { about: "20 phones install one APK of 80 MiB by a job, beside bare ADB streams into the same package manager" },
  race: { about: "app switches during a stream of group taps: fenced, unfenced, and with a gate that allows everything" },
  wall: { about: "1,000 devices in Chromium, 120 tiles in view that change, and above 200" },
  jobs: { about: "one shell command on 1,000 phones as a job, beside the same command over bare connections" },
  push: { about: "100 MiB by the real adb through the lab, beside as many bare socket pumps" },
  logcat: { about: "ten minutes of real adb logcat through the lab, line by line, beside bare socket pumps" },
  log: { about: "decisions become leaves of the lab's log, beside hashing and writing the same bytes" },
  logflood: { about: "the console and a touch beside a phone that logs 50,000 lines a second" },
  relay: { about: "200 streams of 2 Mbit/s from agent over control to 200 WebSocket clients" },
} as const;
export type BenchName = keyof typeof BENCHES;
