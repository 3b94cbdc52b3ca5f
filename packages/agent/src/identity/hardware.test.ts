import { expect, test } from "vitest";
import { type ID_COMMANDS, idList, readIds } from "./hardware.js";

const FILES = `/sys/class/net/wlan0/address:AC:37:43:12:34:56
/sys/devices/soc0/serial_number:2869312487
/sys/block/mmcblk0/device/type:MMC
/sys/block/mmcblk0/device/cid:150100444436344d4202e6b0a1c3f7a5
`;
const read = (parts: Partial<Record<keyof typeof ID_COMMANDS, string>>) => readIds((part) => parts[part] ?? "");
const kinds = (parts: Parameters<typeof read>[0]) => Object.keys(read(parts));

test("reads what a board tells, and keeps none of it in the clear", () => {
  const ids = read({ idFiles: FILES, idCpu: "0x3a8f22bc10\n", idBoard: "Serial\t\t: 00d1c2a7f4b1\n" });
  expect(Object.keys(ids)).toEqual(["wlan", "soc", "cpu", "board", "storage"]);
  expect(JSON.stringify(ids)).not.toMatch(/2869312487|123456|444436344d|3a8f22bc10/i);
  expect(idList(ids)[0]).toMatch(/^wlan:[0-9a-f]{20}$/);
  expect(read({ idFiles: FILES })).toEqual(read({ idFiles: FILES.replaceAll("AC:37", "ac:37") }));
});

test("takes the Wi-Fi's address from ip where the file may not be read", () => {
  const idLink = "2: wlan0: <BROADCAST,MULTICAST> mtu 1500\n    link/ether ac:37:43:12:34:56 brd ff:ff:ff:ff:ff:ff\n";
  expect(read({ idLink }).wlan).toBe(read({ idFiles: FILES }).wlan);
});

test.each([
  ["an address that Android made up for one network", { idLink: "link/ether 02:00:00:00:00:00 brd" }],
  ["a randomised address", { idFiles: "/sys/class/net/wlan0/address:da:a1:19:12:34:56" }],
  ["a driver's default address", { idFiles: "/sys/class/net/wlan0/address:00:11:22:33:44:55" }],
  ["no address", { idFiles: "/sys/class/net/wlan0/address:00:00:00:00:00:00" }],
  ["a serial of zeros", { idFiles: "/sys/devices/soc0/serial_number:00000000", idBoard: "Serial : 0000000000000000" }],
  ["a serial that says nothing", { idCpu: "unknown" }],
  ["an SD card", { idFiles: FILES.replace("MMC", "SD").split("\n").slice(2).join("\n") }],
  ["an error", { idFiles: "grep: /sys/class/net/wlan0/address: Permission denied", idCpu: "" }],
])("%s is nobody's own", (_, parts) => expect(kinds(parts)).toEqual([]));
