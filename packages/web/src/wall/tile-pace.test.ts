import { describe, expect, test } from "vitest";
import { framesOf } from "./page-speed.js";
import { CROWD, TilePace, type TileSecond } from "./tile-pace.js";
import { isView, readViews, withView } from "./views.js";

const calm: TileSecond = { bits: 0, delayMs: 5, page: { fps: 60, even: true } };

function paced(seconds: number, second: Partial<TileSecond>, budgetMbit = 40) {
  const pace = new TilePace();
  for (let at = 0; at < seconds; at++) pace.measure({ ...calm, ...second }, { now: at * 1_000, budgetMbit });
  return pace;
}

describe("the wall's pace", () => {
  test("is five frames a second, and one of each when very many are in view", () => {
    const pace = paced(20, {});
    expect(pace.now(CROWD)).toEqual({ fps: 5, reason: undefined });
    expect(pace.now(CROWD + 1)).toEqual({ fps: 1, reason: "crowded" });
  });

  test("keeps to the budget, and says so", () => {
    expect(paced(4, { bits: 60e6 }).now(120)).toEqual({ fps: 2, reason: "budget" });
    expect(paced(4, { bits: 60e6 }, 100).now(120)).toEqual({ fps: 5, reason: undefined });
  });

  test("gives way when the page or its worker does not keep up, but not to a screen of thirty hertz", () => {
    expect(paced(4, { page: { fps: 30, even: false } }).now(120)).toEqual({ fps: 2, reason: "slow" });
    expect(paced(4, { delayMs: undefined, bits: 1e6 }).now(120)).toEqual({ fps: 2, reason: "slow" });
    expect(paced(4, { delayMs: 900 }).now(120)).toEqual({ fps: 2, reason: "slow" });
    expect(paced(4, { page: { fps: 29, even: true } }).now(120)).toEqual({ fps: 5, reason: undefined });
  });
});

test("a screen of thirty hertz is told from a page that stutters", () => {
  let clock = 0;
  const at = (steps: readonly number[]) => [clock, ...steps.map((step) => (clock += step))];
  expect(framesOf(at(Array.from({ length: 24 }, () => 33.3)))).toMatchObject({ even: true });
  expect(framesOf(at(Array.from({ length: 24 }, (_, n) => (n % 3 === 0 ? 66 : 17))))).toMatchObject({ even: false });
  expect(framesOf(at([200, 200, 200, 200])).even).toBe(false);
});

describe("views", () => {
  test("are kept by name, known again, and read with care", () => {
    const soak = { name: "Soak", search: { q: "a", label: ["soak"], size: 60 } };
    const views = withView(withView([], { ...soak, search: {} }), soak);
    expect(readViews(JSON.stringify(views))).toEqual([soak]);
    expect(isView(soak, { q: "a", label: ["soak"], focus: "d-0001" }, 60)).toBe(true);
    expect(isView(soak, { q: "a", label: ["soak"] }, undefined)).toBe(false);
    for (const odd of ["", "{", "7", '[{"name":""},{"name":3},null]']) expect(readViews(odd)).toEqual([]);
    expect(readViews('[{"name":"x","search":{"status":["happy"],"focus":"d-0001"}}]')).toEqual([{ name: "x", search: {} }]);
  });
});
