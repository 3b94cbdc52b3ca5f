import type { Device } from "@phonerack/contract/api";
import { describe, expect, test } from "vitest";
import { reportOf } from "../../test/fake-agent.js";
import { chassisFaults } from "./faults.js";

const AT = 1_700_000_000_000;

/** A chassis of 20 phones: the first `lost` of them, lost `every` milliseconds one after the other. */
function rack(lost: number, every: number, address: (slot: number) => string = (slot) => `tcp:10.0.0.${slot}:5555`): Device[] {
  return Array.from({ length: 20 }, (_, at) => {
    const gone = at < lost ? { state: "lost" as const, since: AT + at * every } : {};
    return { ...reportOf(`dev-${at + 1}`, { slot: at + 1, address: address(at + 1), ...gone }) } as Device;
  });
}
const faults = (devices: Device[], hears = true) => chassisFaults({ devices, hears: () => hears });

test("nine of twenty at once are one fault, said once", () => {
  expect(faults(rack(9, 100))).toEqual([
    {
      chassis: "V01",
      summary: "9 of 20 lost within one second: power or network of the chassis",
      devices: Array.from({ length: 9 }, (_, at) => `dev-${at + 1}`),
      since: AT,
    },
  ]);
});

describe("no fault of the chassis", () => {
  test.each([
    ["too few of many", rack(4, 0)],
    ["phones lost one by one", rack(9, 2_500)],
    ["two of three", rack(2, 0).slice(0, 3)],
    ["phones that are back", rack(0, 0)],
  ])("%s", (_, devices) => expect(faults(devices)).toEqual([]));
});

test("those that were lost long before do not count", () => {
  const devices = rack(10, 0).map((device, at) => (at < 3 ? { ...device, since: AT - 60_000 } : device));
  expect(faults(devices)[0]?.summary).toMatch(/^7 of 20 lost within one second/);
});

describe("the cause", () => {
  test("is the agent when it is not heard", () => {
    expect(faults(rack(20, 0), false)[0]?.summary).toBe("20 of 20 lost within one second: agent agent-1 does not answer");
  });

  test("is the hub that they share, when nothing else on it works", () => {
    const address = (slot: number) => (slot <= 9 ? `usb:1-4.${slot}` : `usb:1-3.${slot}`);
    expect(faults(rack(9, 150, address))[0]?.summary).toBe("9 of 20 lost within two seconds: hub 1-4");
  });

  test("is a deeper hub when only that one is dead", () => {
    const address = (slot: number) => (slot <= 9 ? `usb:1-4.2.${slot}` : `usb:1-4.1.${slot}`);
    expect(faults(rack(9, 0, address))[0]?.summary).toMatch(/hub 1-4\.2$/);
  });

  test("is not a hub on which others live", () => {
    expect(faults(rack(9, 0, (slot) => `usb:1-4.${slot}`))[0]?.summary).toMatch(/power or network/);
  });

  test("is the bus when they share no more", () => {
    const address = (slot: number) => (slot <= 9 ? `usb:1-${slot}` : `usb:2-${slot}`);
    expect(faults(rack(9, 0, address))[0]?.summary).toMatch(/USB bus 1$/);
  });
});
