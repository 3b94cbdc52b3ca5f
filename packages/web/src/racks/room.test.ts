import type { Lab } from "@phonerack/contract/api";
import { describe, expect, test } from "vitest";
import { sampleDevice, sampleDevices } from "../live/sample-device.js";
import { heatOf, roomOf, slotBeside } from "./room.js";

const chassis = (name: string, slots = 20) => ({ name, slots, tenant: null, labels: [], devices: {} });
const lab = (...names: string[]): Lab => ({
  version: 1,
  sites: [{ name: "Berlin", racks: [{ name: "R1", chassis: names.map((name) => chassis(name)) }] }],
});
const slotsOf = (room: ReturnType<typeof roomOf>) => room.sites[0]?.racks[0]?.chassis[0]?.slots ?? [];

describe("the room", () => {
  test("shows each phone in the slot that it stands in, and empty slots too", () => {
    const room = roomOf(lab("C01", "C02"), sampleDevices(40).slice(0, 19));
    expect(slotsOf(room)).toHaveLength(20);
    expect(slotsOf(room).slice(17)).toEqual(["d-0017", "d-0018", null]);
    expect(room.sites[0]?.racks[0]?.chassis[1]?.slots.every((id) => id === null)).toBe(true);
    expect(room.elsewhere).toEqual([]);
  });

  test("keeps apart what stands nowhere", () => {
    const devices = [
      sampleDevice({ id: "d-none", chassis: null, slot: null }),
      sampleDevice({ id: "d-loose", slot: null }),
      sampleDevice({ id: "d-else", chassis: "X9" }),
    ];
    expect(roomOf(lab("C01"), devices).elsewhere).toEqual(["d-none", "d-loose", "d-else"]);
  });

  test("gives a slot that two claim to the one that is there", () => {
    const devices = [sampleDevice({ id: "d-lost", state: "lost" }), sampleDevice({ id: "d-here" })];
    const room = roomOf(lab("C01"), devices);
    expect(slotsOf(room)[0]).toBe("d-here");
    expect(room.elsewhere).toEqual(["d-lost"]);
  });

  test("has room for a slot beyond those of its chassis", () => {
    expect(slotsOf(roomOf(lab("C01"), [sampleDevice({ slot: 24 })]))).toHaveLength(24);
  });
});

test("arrows go from slot to slot and stop at the edge of the chassis", () => {
  expect(slotBeside(0, "ArrowRight", 20)).toBe(1);
  expect(slotBeside(3, "ArrowDown", 20)).toBe(13);
  expect(slotBeside(13, "ArrowUp", 20)).toBe(3);
  for (const [at, key] of [
    [0, "ArrowLeft"],
    [19, "ArrowRight"],
    [13, "ArrowDown"],
    [3, "ArrowUp"],
    [3, "Home"],
  ] as const) {
    expect(slotBeside(at, key, 20)).toBeUndefined();
  }
});

test("the bar of heat is empty in the cool and full when hot", () => {
  expect([10, 20, 35, 50, 70].map(heatOf)).toEqual([0, 0, 0.5, 1, 1]);
});
