import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleDevice, sampleDevices } from "../live/sample-device.js";
import { sampleSession } from "../session/sample-session.js";
import { sampleLease } from "./sample-lease.js";
import { devicesBetween, placeBetween, rowsOf, splitByFree, ticksOf, timesOfDrag } from "./timeline.js";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const session = sampleSession();
const none = new Set<string>();
const on = (...ids: string[]) => ids.map((id) => ({ id, name: id, epoch: 1 }));

describe("the rows", () => {
  test("have one's own phones on top, then each chassis by its slots", () => {
    const devices = sampleDevices(41).reverse();
    const leases = [sampleLease({ devices: on("d-0025", "d-0003") })];
    const rows = rowsOf({ devices, leases, session, folded: none });
    expect(rows.map((row) => row.key).slice(0, 6)).toEqual(["yours", "d-0003", "d-0025", "chassis C01", "d-0000", "d-0001"]);
    expect(rows.filter(({ kind }) => kind === "device")).toHaveLength(41);
    expect(rows.filter(({ kind }) => kind === "group").map(({ key }) => key)).toEqual([
      "yours",
      "chassis C01",
      "chassis C02",
      "chassis C03",
    ]);
  });

  test("leave out the phones of a folded chassis, and put those without one last", () => {
    const devices = [sampleDevice({ id: "d-none", chassis: null, slot: null }), ...sampleDevices(20)];
    const rows = rowsOf({ devices, leases: [], session, folded: new Set(["chassis C01"]) });
    expect(rows.map(({ key }) => key)).toEqual(["chassis C01", "chassis ", "d-none"]);
  });

  test("join the bars of one lease on neighbours, and tell whose they are", () => {
    const leases = [
      sampleLease({ id: "l-bob", actor: "u-bob", devices: on("d-0000", "d-0001", "d-0003") }),
      sampleLease({ id: "l-eve", tenant: "globex", actor: "u-eve", phase: "ended", endedAt: HOUR / 2, devices: on("d-0002") }),
    ];
    const rows = rowsOf({ devices: sampleDevices(4), leases, session, folded: none });
    const bars = rows.flatMap((row) => (row.kind === "device" ? row.bars : []));
    expect(bars.map(({ tone, above, below }) => [tone, above, below])).toEqual([
      ["colleague", false, true],
      ["colleague", true, false],
      ["other", false, false],
      ["colleague", false, false],
    ]);
    expect(bars[0]?.cleanedBy).toBe(HOUR + 10 * MINUTE);
    expect(bars[2]).toMatchObject({ until: HOUR / 2, cleanedBy: null });
  });

  test("between two of them are the devices, either way round, without the heads", () => {
    const rows = rowsOf({ devices: sampleDevices(22), leases: [], session, folded: none });
    expect(devicesBetween(rows, 22, 19).map(({ id }) => id)).toEqual(["d-0018", "d-0019", "d-0020"]);
  });
});

describe("the track", () => {
  const track = { span: { from: 0, to: 10 * HOUR }, width: 1_000 };

  test("shows what is within its span, cut at both ends", () => {
    expect(placeBetween(HOUR, 2 * HOUR, track)).toEqual({ x: 100, width: 100 });
    expect(placeBetween(-HOUR, HOUR, track)).toEqual({ x: 0, width: 100 });
    expect(placeBetween(9 * HOUR, 90 * HOUR, track)).toEqual({ x: 900, width: 100 });
    expect(placeBetween(-2 * HOUR, -HOUR, track)).toBeUndefined();
  });

  test("is written at round local hours, never closer than can be read", () => {
    const india = 5.5 * HOUR;
    for (const tick of ticksOf(track.span, 1_000, india)) expect((tick + india) % HOUR).toBe(0);
    expect(ticksOf(track.span, 300, 0)).toEqual([0, 3 * HOUR, 6 * HOUR, 9 * HOUR]);
  });

  test("turns a drag into whole quarters of an hour, never into the past", () => {
    const at = { ...track, now: 2 * HOUR + 7 * MINUTE };
    expect(timesOfDrag({ from: 310, to: 490 }, at)).toEqual({ from: 3 * HOUR, to: 5 * HOUR });
    expect(timesOfDrag({ from: 490, to: 310 }, at)).toEqual({ from: 3 * HOUR, to: 5 * HOUR });
    expect(timesOfDrag({ from: 100, to: 400 }, at)).toEqual({ from: at.now, to: 4 * HOUR });
    expect(timesOfDrag({ from: 410, to: 411 }, at)).toEqual({ from: 4 * HOUR, to: 5 * HOUR });
  });

  test("always gives a time that begins now or later and lasts", () => {
    fc.assert(
      fc.property(fc.integer({ min: -50, max: 1_050 }), fc.integer({ min: -50, max: 1_050 }), fc.nat(12 * HOUR), (a, b, now) => {
        const times = timesOfDrag({ from: a, to: b }, { ...track, now });
        expect(times.from).toBeGreaterThanOrEqual(now);
        expect(times.to).toBeGreaterThan(times.from);
      }),
    );
  });
});

test("what somebody has then, or is still being cleaned then, is left out of a booking", () => {
  const devices = [...sampleDevices(3), sampleDevice({ id: "d-bad", quarantine: { reason: "An account is left.", since: 0 } })];
  const leases = [
    sampleLease({ devices: on("d-0000") }),
    sampleLease({ id: "l-b", phase: "ended", devices: on("d-0001") }),
    sampleLease({ id: "l-c", phase: "booked", from: 4 * HOUR, until: 5 * HOUR, devices: on("d-0002") }),
  ];
  const ids = (span: { from: number; to: number }) => splitByFree(devices, span, leases).free.map(({ id }) => id);
  expect(ids({ from: HOUR / 2, to: 2 * HOUR })).toEqual(["d-0001", "d-0002"]);
  expect(ids({ from: HOUR + 5 * MINUTE, to: 2 * HOUR })).toEqual(["d-0001", "d-0002"]);
  expect(ids({ from: HOUR + 10 * MINUTE, to: 2 * HOUR })).toEqual(["d-0000", "d-0001", "d-0002"]);
  expect(ids({ from: 2 * HOUR, to: 4 * HOUR })).toEqual(["d-0000", "d-0001"]);
});
