import type { RegisterDevice } from "@phonerack/contract/api";
import { expect, test } from "vitest";
import { soonestExpiry, urgencyOf } from "./expiry.js";

type Licence = NonNullable<RegisterDevice["record"]>["licences"][string];

const licence = (expires: string | null): Licence => ({
  number: "x",
  holder: null,
  model: null,
  issued: null,
  expires,
  mark: null,
  evidence: null,
  level: "none",
  confirmed: null,
});
const device = (licences: Record<string, Licence>): Pick<RegisterDevice, "schemes" | "country" | "record"> => ({
  schemes: ["nal", "srrc"],
  country: "CN",
  record: {
    form: "complete-unit",
    manufacturer: null,
    marketName: null,
    model: null,
    imeis: [],
    licences,
    at: 0,
    by: "a",
  },
});
const now = Date.parse("2026-11-26T15:00:00Z");

test("the soonest of the licences that are needed counts, by the clock of the country", () => {
  // In China it is 23:00 of the 26th: an hour is left of that day.
  expect(soonestExpiry(device({ nal: licence("2026-11-27"), srrc: licence("2026-11-26") }), now)).toEqual({
    scheme: "srrc",
    day: "2026-11-26",
    left: 0,
  });
  expect(soonestExpiry(device({ nal: licence("2026-11-25") }), now)?.left).toBe(-1);
  expect(soonestExpiry(device({ ce: licence("2026-11-26"), nal: licence(null) }), now)).toBeUndefined();
  expect(soonestExpiry({ ...device({}), record: null }, now)).toBeUndefined();
});

test("it is called urgent in the steps in which the lab warns", () => {
  expect([-1, 0, 1, 13, 14].map(urgencyOf)).toEqual(["over", "day", "soon", "soon", "later"]);
});
