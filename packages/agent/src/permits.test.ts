import { expect, test } from "vitest";
import { backOff } from "./limits.js";
import { Permits } from "./permits.js";

test("lets so many in at a time, the rest in order", async () => {
  const permits = new Permits(2);
  const { signal } = new AbortController();
  const entered: number[] = [];
  const enter = (name: number) =>
    permits.take(signal).then((release) => {
      entered.push(name);
      return release;
    });
  const [first, , third] = [enter(1), enter(2), enter(3), enter(4)];
  const release = await first;
  expect(entered).toEqual([1, 2]);
  release();
  release();
  await third;
  expect(entered).toEqual([1, 2, 3]);
});

test("forgets who gave up waiting", async () => {
  const permits = new Permits(1);
  const giveUp = new AbortController();
  const { signal } = new AbortController();
  const release = await permits.take(signal);
  const waiting = permits.take(giveUp.signal);
  giveUp.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  const next = permits.take(signal);
  release();
  await next;
});

test("waits from half a second to half a minute before a lost phone is tried again, never in step", () => {
  const waits = Array.from({ length: 40 }, (_, attempt) => backOff(attempt));
  expect(waits[0]).toBeLessThan(700);
  expect(Math.max(...waits)).toBeLessThanOrEqual(37_500);
  expect(Math.min(...waits.slice(8))).toBeGreaterThanOrEqual(22_500);
  expect(new Set(waits).size).toBe(40);
});
