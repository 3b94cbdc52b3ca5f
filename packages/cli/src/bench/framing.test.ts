import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameReader, withLength } from "./framing.js";
import { Latencies } from "./latencies.js";

describe("the benches' tools", () => {
  test("cut any chunks into the frames that were sent", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 30 }),
        (frames, size) => {
          const bytes = Buffer.concat(frames.map(withLength));
          const seen: Uint8Array[] = [];
          const read = frameReader((frame) => seen.push(Uint8Array.from(frame)));
          for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
          expect(seen).toEqual(frames.map((frame) => Uint8Array.from(frame)));
        },
      ),
    );
  });

  test("give percentiles of what was added, zeros of nothing", () => {
    const times = new Latencies();
    expect(times.percentiles()).toEqual({ count: 0, p50: 0, p99: 0, max: 0 });
    for (let n = 100; n >= 1; n--) times.add(n);
    expect(times.percentiles()).toEqual({ count: 100, p50: 51, p99: 100, max: 100 });
  });
});
