import { expect, test } from "vitest";
import { sampleDevices, sampleHolder } from "../live/sample-device.js";
import { endingsOf } from "./endings.js";

const MINUTE = 60_000;

function held(count: number, change: Parameters<typeof sampleHolder>[0]) {
  return sampleDevices(count).map((device) => ({ ...device, lease: "leased" as const, holder: sampleHolder(change) }));
}

test("a lease is warned of from five minutes before its end, once for all its phones", () => {
  const devices = held(20, { until: 60 * MINUTE });
  expect(endingsOf(devices, "u-ann", 54 * MINUTE)).toEqual([]);
  const [ending, ...others] = endingsOf(devices, "u-ann", 56 * MINUTE);
  expect(ending).toMatchObject({ at: 60 * MINUTE, because: "time", name: "C01" });
  expect(ending?.devices).toHaveLength(20);
  expect(others).toEqual([]);
});

test("idleness ends it when it comes before the time", () => {
  const devices = held(1, { until: 60 * MINUTE, idleAt: 30 * MINUTE });
  expect(endingsOf(devices, "u-ann", 26 * MINUTE)[0]).toMatchObject({ at: 30 * MINUTE, because: "idleness", name: "C01-01" });
  const late = held(1, { until: 60 * MINUTE, idleAt: 70 * MINUTE });
  expect(endingsOf(late, "u-ann", 56 * MINUTE)[0]).toMatchObject({ at: 60 * MINUTE, because: "time" });
});

test("a person's word is asked for from ten minutes before a program's work ends without it", () => {
  const devices = held(2, { until: 300 * MINUTE, confirmBy: 150 * MINUTE });
  expect(endingsOf(devices, "u-ann", 139 * MINUTE)).toEqual([]);
  expect(endingsOf(devices, "u-ann", 141 * MINUTE)[0]).toMatchObject({ at: 150 * MINUTE, because: "confirmation" });
  const idle = held(2, { until: 300 * MINUTE, confirmBy: 150 * MINUTE, idleAt: 149 * MINUTE });
  expect(endingsOf(idle, "u-ann", 146 * MINUTE)[0]).toMatchObject({ at: 149 * MINUTE, because: "idleness" });
});

test("nobody is warned of what others hold", () => {
  expect(endingsOf(held(3, { until: MINUTE }), "u-bob", 0)).toEqual([]);
  expect(endingsOf(held(3, { until: MINUTE }), undefined, 0)).toEqual([]);
});

test("phones of two chassis have no common name", () => {
  expect(endingsOf(held(21, { until: MINUTE }), "u-ann", 0)[0]?.name).toBeNull();
});
