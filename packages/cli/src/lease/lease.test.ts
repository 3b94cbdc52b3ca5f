import { type Device, ERRORS } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { InvalidArgumentError } from "commander";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { leaseOf } from "../devices/device-table.js";
import { warnOfEnd, warnOfEnds, withTakeHint } from "./ending.js";
import { clock, length, parseDuration, parseIdle, parseTime } from "./times.js";
import { readWhere } from "./where.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = new Date(2026, 10, 25, 12, 0).getTime();

describe("times as people type them", () => {
  test.each([
    ["2h", 2 * HOUR],
    ["90m", 90 * MINUTE],
    ["1h30m", 90 * MINUTE],
    ["1h 30min", 90 * MINUTE],
    ["1.5h", 90 * MINUTE],
    ["2d", 48 * HOUR],
  ])("%s is a length", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(["", "2", "h", "2 hours", "-1h", "0m", "1h garbage", "1h30"])("%j is none, and that is said", (text) => {
    expect(() => parseDuration(text)).toThrow(/is no length of time/);
  });

  test.each([
    ["18:30", NOON + 6.5 * HOUR],
    ["11:00", NOON + 23 * HOUR],
    ["2026-12-01 09:00", new Date(2026, 11, 1, 9, 0).getTime()],
    ["2026-12-01T09:00+01:00", Date.parse("2026-12-01T08:00:00Z")],
    ["+2h", NOON + 2 * HOUR],
  ])("%s is a time", (text, time) => {
    expect(parseTime(text, NOON)).toBe(time);
  });

  test.each(["", "25:00", "tomorrow", "2026-13-01 09:00", "5", "2026"])("%j is none, and that is said", (text) => {
    expect(() => parseTime(text, NOON)).toThrow(/is no time/);
  });

  test("any text is a time, a length, or refused by name", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const parse of [parseDuration, parseTime, parseIdle]) {
          try {
            expect(parse(text)).toBeDefined();
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidArgumentError);
          }
        }
      }),
    );
  });

  test("are said shortly", () => {
    expect([clock(NOON, NOON), clock(NOON + 24 * HOUR, NOON)]).toEqual(["12:00", "2026-11-26 12:00"]);
    expect([length(12 * MINUTE), length(65 * MINUTE), length(51 * HOUR), length(10_000)]).toEqual([
      "12 min",
      "1 h 5 min",
      "2 d 3 h",
      "less than a minute",
    ]);
    expect([parseIdle("never"), parseIdle("30m")]).toEqual([{ minutes: null }, { minutes: 30 }]);
  });
});

describe("what phones must be", () => {
  test.each([
    [["model=Pixel 7"], { model: ["Pixel 7"] }],
    [["model=Pixel 7, R2", "model=R3"], { model: ["Pixel 7", "R2", "R3"] }],
    [["sdk=33"], { sdk: 33 }],
    [["sdk>=30", "sdk<=33"], { sdk: { atLeast: 30, atMost: 33 } }],
    [["sdk=30..33"], { sdk: { atLeast: 30, atMost: 33 } }],
    [["width>=1080", "height=2400"], { screen: { minWidth: 1080, minHeight: 2400, maxHeight: 2400 } }],
    [["chassis=A1", "label=camera", "label=5g"], { chassis: "A1", labels: ["camera", "5g"] }],
    [["reach=usb"], { reach: "usb" }],
  ])("%j", (words, where) => {
    expect(readWhere(words)).toEqual(where);
  });

  test.each([
    [["model"], /it is not KEY=VALUE/],
    [["colour=red"], /the keys are model/],
    [["model>=3"], /takes = only/],
    [["sdk=new"], /'new' is not a whole number/],
    [["chassis=A1", "chassis=A2"], /cannot be two things/],
    [["reach=telepathy"], /Invalid option/],
  ])("%j is refused with why", (words, why) => {
    expect(() => readWhere(words)).toThrow(PhonerackError);
    expect(() => readWhere(words)).toThrow(ERRORS.usage.message);
    try {
      readWhere(words);
    } catch (error) {
      expect((error as PhonerackError).detail).toMatch(why);
    }
  });
});

describe("the lease of a device", () => {
  const holder = {
    lease: "l-abcdefghij",
    actor: "erika",
    actorName: "Erika",
    until: NOON + 4 * MINUTE,
    idleAt: null as number | null,
    confirmBy: null,
  };
  const device = (change: object) =>
    ({ name: "V01-03", lease: "leased", holder, quarantine: null, ...change }) as unknown as Device;
  afterEach(() => vi.restoreAllMocks());

  test("is said in a word or two", () => {
    expect(leaseOf(device({}), "erika")).toMatch(/^yours until /);
    expect(leaseOf(device({}), "otto")).toMatch(/^Erika until /);
    expect(leaseOf(device({ lease: "cleaning", holder: null }), undefined)).toBe("cleaning");
    expect(leaseOf(device({ lease: "free", holder: null, quarantine: { reason: "an account is left" } }), undefined)).toBe(
      "quarantined: an account is left",
    );
  });

  test("is warned of when it ends within five minutes, on stderr", () => {
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    warnOfEnd(device({ holder: { ...holder, until: NOON + 6 * MINUTE } }), NOON);
    warnOfEnd(device({ holder: null }), NOON);
    expect(said).not.toHaveBeenCalled();
    warnOfEnd(device({}), NOON);
    expect(said.mock.calls[0]?.[0]).toBe(
      "phonerack: the lease of V01-03 ends at 12:04, in 4 min; 'phonerack lease extend l-abcdefghij --for 30m' keeps it\n",
    );
  });

  test("is warned of when idleness ends it, once for all its devices, to its holder alone", () => {
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const idle = device({ holder: { ...holder, until: NOON + HOUR, idleAt: NOON + 2 * MINUTE } });
    warnOfEnds([idle, idle], "otto", NOON);
    expect(said).not.toHaveBeenCalled();
    warnOfEnds([idle, idle], "erika", NOON);
    expect(said.mock.calls.map(([text]) => text)).toEqual([
      "phonerack: the lease of V01-03 ends at 12:02, because nothing is done with it; any input keeps it\n",
    ]);
  });

  test("that is missing is named with the command that takes it", () => {
    const missing = new PhonerackError("lease_required");
    expect(withTakeHint(missing, device({}))).toMatchObject({ code: "lease_required", detail: "phonerack lease take V01-03" });
    expect(withTakeHint(missing, device({ name: "Erika's phone" }))).toMatchObject({
      detail: "phonerack lease take 'Erika'\\''s phone'",
    });
    const other = new PhonerackError("denied");
    expect(withTakeHint(other, device({}))).toBe(other);
  });
});
