/** One clock for everything that happens now and then: a thousand idle phones cost one timer, not thousands. */
export interface Sweep {
  /** Calls `tick` about once per second with the time. @returns forgets it. */
  add(tick: (now: number) => void): () => void;
  stop(): void;
}

const PERIOD_MS = 1_000;
/** The ticks of one period are spread over this many steps, so that a thousand phones do not act in the same millisecond. */
const STEPS = 10;

export function startSweep(onError: (error: unknown) => void): Sweep {
  const rings: Set<(now: number) => void>[] = Array.from({ length: STEPS }, () => new Set());
  let step = 0;
  let next = 0;
  const timer = setInterval(() => {
    step = (step + 1) % STEPS;
    const now = Date.now();
    for (const tick of rings[step] ?? []) {
      try {
        tick(now);
      } catch (error) {
        onError(error);
      }
    }
  }, PERIOD_MS / STEPS);
  return {
    add: (tick) => {
      next = (next + 1) % STEPS;
      const ring = rings[next];
      ring?.add(tick);
      return () => void ring?.delete(tick);
    },
    stop: () => clearInterval(timer),
  };
}
