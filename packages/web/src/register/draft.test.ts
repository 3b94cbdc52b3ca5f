import { describe, expect, test } from "vitest";
import { type Draft, doubtsOf, draftOf, NO_LICENCE, readDraft } from "./draft.js";

const NOW = Date.parse("2026-11-26T12:00:00Z");
const draft = (change: Partial<Draft> = {}): Draft => ({ ...draftOf(null, ["nal"]), ...change });

describe("a record while it is typed", () => {
  test("has a place for each licence that is needed, and sends what is empty as none", () => {
    expect(Object.keys(draftOf(null, ["nal", "srrc"]).licences)).toEqual(["nal", "srrc"]);
    const read = readDraft(draft({ model: " TET-AN00 ", imeis: ["86472504-803120-4", ""] }));
    expect(read).toMatchObject({ entry: { model: "TET-AN00", imeis: ["864725048031204"], manufacturer: null } });
  });

  test("says what the API would refuse beside its field, also after one that is empty", () => {
    const licences = { nal: { ...NO_LICENCE, number: "００-D710-208871", expires: "2027-13-01" } };
    const read = readDraft(draft({ imeis: ["", "12x"], licences }));
    expect("faults" in read && [...read.faults.keys()].sort()).toEqual([
      "imeis.1",
      "licences.nal.expires",
      "licences.nal.number",
    ]);
  });

  test("says what keeps the phone isolated, and nothing of what was not typed yet", () => {
    expect(doubtsOf(draft(), "TET-AN00", NOW).size).toBe(0);
    const licences = {
      nal: { ...NO_LICENCE, number: "00-D710-998871", model: "TET-AN10", issued: "2026-02-01", expires: "2026-01-01" },
    };
    const doubts = doubtsOf(
      draft({ model: "TET-AN00", imeis: ["864725048031205", "864725048031204"], licences }),
      "Pixel 9",
      NOW,
    );
    expect(Object.fromEntries([...doubts].map(([path, { kind }]) => [path, kind]))).toEqual({
      model: "says-model",
      "imeis.0": "imei",
      "licences.nal.number": "number",
      "licences.nal.model": "licence-model",
      "licences.nal.expires": "days",
    });
    expect(doubts.get("imeis.0")).toEqual({ kind: "imei", fault: "check-digit" });
    expect(doubts.get("licences.nal.number")).toMatchObject({ fault: "year" });
  });
});
