import { expect, test } from "vitest";
import { summarise } from "./fence-summary.js";

test("what would be disabled is told by app, with the phones it is on, and who is asked where no operator enrolled them", () => {
  const bazaar = { package: "com.example.bazaar", label: "Bazaar" };
  const summary = summarise([
    { deviceId: "d-0001", ask: false, packages: [bazaar, { package: "com.example.chat", label: null }] },
    { deviceId: "d-0002", ask: true, packages: [{ ...bazaar, label: null }] },
    // Nothing is disabled on it, so nothing is to be agreed to.
    { deviceId: "d-0003", ask: true, packages: [] },
  ]);
  expect(summary.apps).toEqual([
    { package: "com.example.bazaar", label: "Bazaar", devices: ["d-0001", "d-0002"] },
    { package: "com.example.chat", label: "com.example.chat", devices: ["d-0001"] },
  ]);
  expect(summary.ask).toEqual(["d-0002"]);
});
