import { describe, expect, test } from "vitest";
import { sampleDevice, sampleHolder } from "../live/sample-device.js";
import { candidatesOf, choicesOf } from "./candidates.js";

const held = (id: string, change: Parameters<typeof sampleDevice>[0] = {}, holder: Parameters<typeof sampleHolder>[0] = {}) =>
  sampleDevice({ id, name: id, lease: "leased", holder: sampleHolder(holder), ...change });

const devices = [
  held("d-0001", { labels: ["soak"] }),
  held("d-0002", { chassis: "C02" }),
  held("d-0003", {}, { lease: "l-bbbbbbbbbb" }),
  held("d-0004", { state: "lost" }),
  held("d-0005", {}, { actor: "u-bob" }),
  sampleDevice({ id: "d-0006", name: "d-0006" }),
];
const ids = (all: readonly { id: string }[]) => all.map(({ id }) => id);

describe("phones that can be driven as one", () => {
  test("are those of a selection that are one's own, of the larger lease, and ready; the rest is told with its reason", () => {
    const { lease, devices: together, leftOut } = candidatesOf(devices, { from: "selection", ids: ids(devices) }, "u-ann");
    expect(lease).toBe("l-aaaaaaaaaa");
    expect(ids(together)).toEqual(["d-0001", "d-0002"]);
    expect(leftOut.map(({ why, devices: out }) => [why, ids(out)])).toEqual([
      ["notYours", ["d-0005", "d-0006"]],
      ["otherLease", ["d-0003"]],
      ["notReady", ["d-0004"]],
    ]);
  });

  test("keep the order of the selection: its first leads", () => {
    expect(ids(candidatesOf(devices, { from: "selection", ids: ["d-0002", "d-0001", "d-gone"] }, "u-ann").devices)).toEqual([
      "d-0002",
      "d-0001",
    ]);
  });

  test("are found by lease, chassis and label", () => {
    expect(ids(candidatesOf(devices, { from: "lease", name: "l-bbbbbbbbbb" }, "u-ann").devices)).toEqual(["d-0003"]);
    expect(ids(candidatesOf(devices, { from: "chassis", name: "C02" }, "u-ann").devices)).toEqual(["d-0002"]);
    expect(ids(candidatesOf(devices, { from: "label", name: "soak" }, "u-ann").devices)).toEqual(["d-0001"]);
  });
});

test("choices are of one's own phones alone, the largest lease first", () => {
  const choices = choicesOf(devices, "u-ann");
  expect(choices.leases.map(({ id, devices: of }) => [id, of.length])).toEqual([
    ["l-aaaaaaaaaa", 3],
    ["l-bbbbbbbbbb", 1],
  ]);
  expect(choices.chassis).toEqual(["C01", "C02"]);
  expect(choices.labels).toEqual(["soak"]);
});
