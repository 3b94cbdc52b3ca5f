import { expect, test } from "vitest";
import { readDeviceList } from "./device-list.js";

test("reads adb's list, also of two boards with one serial", () => {
  const text = [
    "0123456789ABCDEF       device usb:1-4.2 product:board model:Acme_One device:board transport_id:7",
    "0123456789ABCDEF       device usb:1-4.3 product:board model:Acme_One device:board transport_id:8",
    "R3CN90                 unauthorized usb:3-1 transport_id:9",
    "10.0.0.5:5555          offline product:x model:y device:z transport_id:10",
    "????????????           no permissions (user in plugdev group; are your udev rules wrong?); see [http://developer.android.com/tools/device.html] usb:1-2 transport_id:11",
    "",
  ].join("\n");
  expect(readDeviceList(text)).toEqual([
    { serial: "0123456789ABCDEF", state: "device", usb: "1-4.2", transportId: 7n },
    { serial: "0123456789ABCDEF", state: "device", usb: "1-4.3", transportId: 8n },
    { serial: "R3CN90", state: "unauthorized", usb: "3-1", transportId: 9n },
    { serial: "10.0.0.5:5555", state: "offline", usb: null, transportId: 10n },
    { serial: "????????????", state: "no permissions", usb: "1-2", transportId: 11n },
  ]);
});

test("passes over what is no device", () => {
  expect(readDeviceList("* daemon not running\nemulator-5554 device\n\n")).toEqual([]);
});
