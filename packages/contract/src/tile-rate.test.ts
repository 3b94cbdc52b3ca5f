import { describe, expect, test } from "vitest";
import { RateLadder } from "./tile-rate.js";

/** Seconds of this load, which follows the rate as a stream's does when `perFps` is given. */
function run(ladder: RateLadder, seconds: number, load: (fps: number) => number): number[] {
  const rates: number[] = [];
  for (let second = 0; second < seconds; second++) {
    clock += 1_000;
    if (ladder.measure(clock, load(ladder.fps))) rates.push(ladder.fps);
  }
  return rates;
}
let clock = 0;

describe("the rate of tiles", () => {
  test("goes down step by step while the budget is exceeded, and no further than it must", () => {
    expect(run(new RateLadder(), 60, () => 2)).toEqual([2, 1]);
    // Two frames a second fit: 2.0 of the budget at 5 fps are 0.8 at 2 fps.
    expect(run(new RateLadder(), 60, (fps) => fps * 0.4)).toEqual([2]);
  });

  test("bears one bad second", () => {
    let second = 0;
    expect(run(new RateLadder(), 60, () => (second++ % 5 === 0 ? 2 : 0.5))).toEqual([]);
  });

  test("comes up again when what is then to be expected fits", () => {
    const ladder = new RateLadder();
    expect(run(ladder, 10, (fps) => fps * 0.4)).toEqual([2]);
    expect(run(ladder, 60, (fps) => fps * 0.1)).toEqual([5]);
  });

  test("tries ever less often what does not last", () => {
    const ladder = new RateLadder();
    // A page that cannot bear five: free while at two, too slow as soon as at five.
    const rates = run(ladder, 600, (fps) => (fps > 2 ? 1.5 : 0));
    expect(rates[0]).toBe(2);
    expect(rates.length).toBeLessThan(16);
  });
});
