import type { RegisterDevice } from "@phonerack/contract/api";
import { expect, test } from "vitest";
import { listRegister } from "./listing.js";
import { summaryOf } from "./summary.js";

const NOW = Date.parse("2026-11-26T12:00:00Z");
const DAY_MS = 24 * 3_600_000;

const device = (id: string, change: Partial<RegisterDevice> = {}): RegisterDevice => ({
  id,
  name: id,
  reach: "usb",
  site: "Lab",
  place: "V01/1",
  country: "CN",
  saysModel: null,
  schemes: ["nal"],
  network: { class: "public", reasons: [], until: null },
  isolation: null,
  record: null,
  ...change,
});
const until = (ms: number) => ({ class: "public" as const, reasons: [], until: NOW + ms });
const isolated = (...codes: string[]) => ({
  class: "isolated" as const,
  reasons: codes.map((code) => ({ code, scheme: null, words: code })),
  until: null,
});

test("the days of the picture are those by which the list is filtered", () => {
  const devices = [1, DAY_MS, DAY_MS + 1, 14 * DAY_MS, 60 * DAY_MS, 60 * DAY_MS + 1].map((ms, at) =>
    device(`d-${at}`, { network: until(ms) }),
  );
  const { ends } = summaryOf(devices, undefined, NOW);
  for (const days of [1, 14, 60]) {
    const shown = listRegister(devices, { virtual: "false", endsWithin: days, limit: 100 }, NOW).items.length;
    expect(ends.slice(0, days).reduce((sum, count) => sum + count, 0)).toBe(shown);
  }
  expect(ends.reduce((sum, count) => sum + count, 0)).toBe(5);
  // Ended in the second before it is noticed.
  expect(summaryOf([device("d-1", { network: until(-500) })], undefined, NOW).ends[0]).toBe(1);
});

test("sites are counted all, reasons and ends of the one that is asked for", () => {
  const found = { verified: NOW, leadsOut: null };
  const devices = [
    device("d-1", { network: isolated("level", "level", "imei"), isolation: found }),
    device("d-2", { network: isolated("imei"), isolation: { verified: null, leadsOut: "It leads out by wlan0." } }),
    device("d-3", { site: "Lab 10", country: "NL", network: isolated("imei") }),
    device("d-4", { site: "Lab 9", country: "NL", network: until(DAY_MS) }),
    device("d-5", { site: null, reach: "virtual" }),
  ];
  const summary = summaryOf(devices, "Lab", NOW);
  expect(summary.sites.map(({ site, isolated: shut, open, virtual }) => [site, shut, open, virtual])).toEqual([
    ["Lab", 2, 1, 0],
    ["Lab 9", 0, 0, 0],
    ["Lab 10", 1, 1, 0],
    [null, 0, 0, 1],
  ]);
  expect(summary.reasons).toEqual([
    { code: "imei", count: 2 },
    { code: "level", count: 1 },
  ]);
  expect(summary.ends[0]).toBe(0);
  expect(listRegister(devices, { virtual: "false", cutOff: "false", limit: 100 }, NOW).items.map(({ id }) => id)).toEqual([
    "d-2",
    "d-3",
  ]);
});
