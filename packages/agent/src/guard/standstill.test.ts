/** When scripts stand still, by a clock of the test's own. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { PATIENCE_MS, type Sight, Standstill, UNKNOWN_MS } from "./standstill.js";

const FINE: Sight = { kind: "fine" };
const UNKNOWN: Sight = { kind: "unknown" };
const stranger = (name = "com.example.bazaar"): Sight => ({ kind: "stranger", package: name });

function bench() {
  const told: string[] = [];
  let now = 0;
  const still = new Standstill({
    now: () => now,
    onChange: (reason) => told.push(reason === null ? "go" : `stall: ${reason}`),
    expel: (name) => told.push(`expel ${name}`),
    close: (reason) => told.push(`close: ${reason}`),
  });
  const wait = (ms: number) => {
    for (const end = now + ms; now < end; ) {
      now += 100;
      still.tick();
    }
  };
  return { still, told, wait };
}

test("stands still at once, sends the stranger away after 2 s, and goes on when it has gone", () => {
  const { still, told, wait } = bench();
  still.see(FINE);
  expect(still.open).toBe(true);
  still.see(stranger());
  expect(still.open).toBe(false);
  wait(PATIENCE_MS - 100);
  expect(told).toEqual(["stall: com.example.bazaar is in front, and is not yours."]);
  wait(100);
  expect(told.at(-1)).toBe("expel com.example.bazaar");
  wait(1_000);
  still.see(FINE);
  expect(told.slice(2)).toEqual(["go"]);
  expect(still.open).toBe(true);
});

test("ends all when the stranger stays, and when strangers come again and again", () => {
  const stays = bench();
  stays.still.see(stranger());
  stays.still.see(UNKNOWN);
  stays.wait(2 * PATIENCE_MS);
  expect(stays.told.slice(-2)).toEqual([
    "expel com.example.bazaar",
    "close: com.example.bazaar is not yours, and stayed in front although it was sent away.",
  ]);
  const again = bench();
  for (let visit = 0; visit < 4; visit++) {
    again.still.see(stranger(`com.example.v${visit}`));
    again.still.see(FINE);
  }
  expect(again.told.filter((word) => word.startsWith("close"))).toEqual([expect.stringContaining("again and again")]);
  expect(again.still.open).toBe(false);
});

test("lets nothing through while the front is not known, and says so after 5 s", () => {
  const { still, told, wait } = bench();
  still.see(FINE);
  still.see(UNKNOWN);
  expect(still.open).toBe(false);
  wait(UNKNOWN_MS - 100);
  expect(told).toEqual([]);
  wait(100);
  expect(told).toEqual([expect.stringContaining("does not tell")]);
  still.see(FINE);
  expect(told.at(-1)).toBe("go");
});

test("is open only while what is in front is known to be fine, whatever came before", () => {
  const sights = fc.constantFrom(FINE, UNKNOWN, stranger(), stranger("org.other.one"));
  fc.assert(
    fc.property(fc.array(fc.tuple(sights, fc.nat(30)), { maxLength: 60 }), (steps) => {
      const { still, told, wait } = bench();
      for (const [sight, tenths] of steps) {
        still.see(sight);
        wait(tenths * 100);
        const closed = told.some((word) => word.startsWith("close"));
        expect(still.open).toBe(sight === FINE && !closed);
        // What is open is not stalled, and what was stalled was told so.
        if (still.open) expect(still.reason).toBeNull();
        if (sight.kind === "stranger" && !closed) expect(still.reason).toContain(sight.package);
      }
      expect(told.filter((word) => word.startsWith("close")).length).toBeLessThanOrEqual(1);
    }),
  );
});
