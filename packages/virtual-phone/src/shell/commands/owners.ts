/** Names of users and groups, and how modes and times are written. */

import { FILE_TYPE } from "../../files/node.js";

const NAMES: Readonly<Record<number, string>> = {
  0: "root",
  1000: "system",
  1001: "radio",
  1002: "bluetooth",
  1003: "graphics",
  1004: "input",
  1005: "audio",
  1006: "camera",
  1007: "log",
  1011: "adb",
  1013: "media",
  1015: "sdcard_rw",
  1023: "media_rw",
  1028: "sdcard_r",
  1036: "logd",
  1041: "audioserver",
  1078: "ext_data_rw",
  1079: "ext_obb_rw",
  2000: "shell",
  2001: "cache",
  3001: "net_bt_admin",
  3002: "net_bt",
  3003: "inet",
  3006: "net_bw_stats",
  3009: "readproc",
  3011: "uhid",
  3012: "readtracefs",
  9997: "everybody",
  9998: "misc",
  9999: "nobody",
};

/** Apps are `u0_a123`. */
export function ownerName(id: number): string {
  return NAMES[id] ?? (id >= 10_000 && id < 20_000 ? `u0_a${id - 10_000}` : String(id));
}

const TYPES: ReadonlyMap<number, string> = new Map([
  [FILE_TYPE.dir, "d"],
  [FILE_TYPE.link, "l"],
  [FILE_TYPE.char, "c"],
  [FILE_TYPE.pipe, "p"],
]);

/** `drwxrwx--x` */
export function modeText(mode: number): string {
  const type = TYPES.get(mode & FILE_TYPE.mask) ?? "-";
  const bits = [6, 3, 0].map(
    (shift) => `${(mode >> shift) & 4 ? "r" : "-"}${(mode >> shift) & 2 ? "w" : "-"}${(mode >> shift) & 1 ? "x" : "-"}`,
  );
  return type + bits.join("");
}

/** `2026-11-24 09:41`, in the phone's time zone, which is UTC. @param seconds since the Unix epoch. */
export function lsTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
}
