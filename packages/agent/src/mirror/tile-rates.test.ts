import { frameRateOf, STREAM_CREDIT, subjects } from "@phonerack/contract/bus";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openLab, REPLICA } from "../../test/agent-lab.js";
import { rateOptions, TileRates } from "./tile-rates.js";

describe("the tiles of an uplink", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** So many seconds in each of which this many megabits of tiles go out, as many at the rate they have now as at 5 frames a second. */
  function send(rates: TileRates, seconds: number, mbit: { tiles: number; others?: number }): void {
    for (let second = 0; second < seconds; second++) {
      rates.count(true, (mbit.tiles * 125_000 * rates.rateFor(undefined)) / 5);
      rates.count(false, (mbit.others ?? 0) * 125_000);
      vi.advanceTimersByTime(1_000);
    }
  }

  test("go slower when they are more than it bears, one after the other, and faster again when they fit", () => {
    const rates = new TileRates(10);
    let asked = 0;
    for (let tile = 0; tile < 20; tile++) rates.join({ retune: () => asked++ });
    send(rates, 3, { tiles: 20 });
    expect(rates.rateFor(undefined)).toBe(2);
    vi.advanceTimersByTime(100);
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(20);
    vi.advanceTimersByTime(900);
    expect(asked).toBe(20);
    send(rates, 30, { tiles: 3 });
    expect(rates.rateFor(undefined)).toBe(5);
    rates.stop();
  });

  test("give way to pictures seen large, and never go faster than is wished", () => {
    const rates = new TileRates(10);
    send(rates, 30, { tiles: 5, others: 9 });
    expect(rates.rateFor(undefined)).toBe(1);
    rates.stop();
    const free = new TileRates();
    expect([free.rateFor(undefined), free.rateFor(2), free.rateFor(60)]).toEqual([5, 2, 5]);
    free.stop();
  });

  test("spend fewer bits with fewer frames", () => {
    expect(rateOptions(5)).toEqual(["max_fps=5", "video_bit_rate=200000"]);
    expect(rateOptions(1)).toEqual(["max_fps=1", "video_bit_rate=60000"]);
  });
});

test("a tile's encoder runs as its viewers wish, says so, and begins anew when they wish something else", async () => {
  const lab = await openLab();
  const { id, agentId } = await lab.leased();
  const rates: (number | undefined)[] = [];
  lab.bus.subscribe(subjects.media(REPLICA, { id, agentId }, "tile"), ({ payload }) => {
    const rate = frameRateOf(payload);
    if (rate !== undefined) rates.push(rate);
    lab.wake();
    return undefined;
  });
  const watch = (fps: number) => lab.order(id, { order: "watch", replica: REPLICA, tier: "tile", credit: STREAM_CREDIT, fps });
  watch(1);
  await lab.until(() => rates.length === 1);
  watch(1);
  watch(5);
  await lab.until(() => rates.length === 2);
  expect(rates).toEqual([1, 5]);
}, 30_000);
