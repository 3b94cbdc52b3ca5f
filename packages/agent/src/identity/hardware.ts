/**
 * What a phone says of its hardware, and whether two such sayings can be of one board. Ids that survive a reset and a reflash are kept as
 * hashes only: they are for telling boards apart, not for knowing them elsewhere.
 */
import { createHash } from "node:crypto";

/** Where an id comes from: the Wi-Fi's address, the chip's and the processor's serial, the serial of eMMC or UFS. */
export const ID_KINDS = ["wlan", "soc", "cpu", "board", "storage"] as const;
export type IdKind = (typeof ID_KINDS)[number];
export type HardwareIds = Readonly<Partial<Record<IdKind, string>>>;

/** What a phone says of itself. `unit` (Android's own id) tells apart boards with one serial, but a factory reset changes it. */
export interface Hardware {
  readonly serial: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly unit: string;
  /** Hashed; those that the phone does not tell, or that tell nothing, are absent. */
  readonly ids: HardwareIds;
}

/**
 * same: an id is equal and none differs. other: one differs and none is equal. mixed: both, as when a board lost its Wi-Fi calibration, or
 * shares what should be its own. untold: there is no id to compare.
 */
export type Verdict = "same" | "other" | "mixed" | "untold";

export function compareIds(a: HardwareIds, b: HardwareIds): Verdict {
  const told = ID_KINDS.filter((kind) => a[kind] !== undefined && b[kind] !== undefined);
  const equal = told.filter((kind) => a[kind] === b[kind]).length;
  if (told.length === 0) return "untold";
  return equal === told.length ? "same" : equal === 0 ? "other" : "mixed";
}

/** By what boards of one batch share. */
export function sameBoard(a: Hardware, b: Hardware): boolean {
  return a.serial === b.serial && a.manufacturer === b.manufacturer && a.model === b.model;
}

export function sameUnit(a: Hardware, b: Hardware): boolean {
  return sameBoard(a, b) && a.unit === b.unit;
}

/** `wlan:0123…`, in a fixed order: what control compares between agents. */
export function idList(ids: HardwareIds): string[] {
  return ID_KINDS.flatMap((kind) => (ids[kind] === undefined ? [] : [`${kind}:${ids[kind]}`]));
}

/** What the first survey asks for. Files that a phone does not let its shell read are simply not printed; one grep reads them all. */
export const ID_COMMANDS = {
  idFiles:
    "grep -H '' /sys/class/net/wlan0/address /sys/devices/soc0/serial_number /sys/block/mmcblk0/device/type /sys/block/mmcblk0/device/cid /sys/bus/platform/devices/*ufs*/string_descriptors/serial_number",
  idLink: "ip link show wlan0",
  idCpu: "getprop ro.boot.cpuid",
  idBoard: "grep -i '^serial' /proc/cpuinfo",
} as const;

/** Reads what `ID_COMMANDS` printed. */
export function readIds(get: (part: keyof typeof ID_COMMANDS) => string): HardwareIds {
  const files = new Map(
    get("idFiles")
      .split("\n")
      .map((line) => /^(\/[^:]+):(.*)$/.exec(line.trim()))
      .flatMap((match) => (match?.[1] === undefined ? [] : [[match[1], match[2] ?? ""] as const])),
  );
  // An SD card can be put into another phone: only soldered storage counts.
  const emmc =
    files.get("/sys/block/mmcblk0/device/type")?.trim() === "MMC" ? files.get("/sys/block/mmcblk0/device/cid") : undefined;
  const ufs = [...files].find(([path]) => path.startsWith("/sys/bus/platform/devices/"))?.[1];
  const link = /link\/ether (\S+)/.exec(get("idLink"))?.[1];
  const found: Record<IdKind, string | undefined> = {
    wlan: readMac(files.get("/sys/class/net/wlan0/address") ?? "") ?? readMac(link ?? ""),
    soc: readSerial(files.get("/sys/devices/soc0/serial_number") ?? ""),
    cpu: readSerial(get("idCpu")),
    board: readSerial(/^serial\s*:\s*(\S+)/i.exec(get("idBoard").trim())?.[1] ?? ""),
    storage: readSerial(emmc ?? ufs ?? ""),
  };
  return Object.fromEntries(
    ID_KINDS.flatMap((kind) => (found[kind] === undefined ? [] : [[kind, hashOf(kind, found[kind])]])),
  ) as HardwareIds;
}

/** What drivers give boards whose own address was never written, or was erased. */
const DEFAULT_MACS = new Set(["00:11:22:33:44:55", "00:90:4c:11:22:33", "00:0a:f5:89:89:ff", "00:e0:4c:87:00:00"]);

/** Since Android 10 a phone shows each network another address: those have the "locally administered" bit and are nobody's own. */
function readMac(text: string): string | undefined {
  const mac = text.trim().toLowerCase();
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) || DEFAULT_MACS.has(mac)) return undefined;
  const first = Number.parseInt(mac.slice(0, 2), 16);
  return (first & 3) === 0 && !/^(00:){5}00$/.test(mac) ? mac : undefined;
}

/** A serial that may be one of its own: long enough, and neither a placeholder nor one digit repeated. */
function readSerial(text: string): string | undefined {
  const serial = text
    .toLowerCase()
    .replaceAll(/[^0-9a-z]/g, "")
    .slice(0, 200);
  if (serial.length < 6 || /^(.)\1*$/.test(serial)) return undefined;
  return ["unknown", "0123456789abcdef", "1234567890", "0123456789"].includes(serial) ? undefined : serial;
}

function hashOf(kind: IdKind, value: string | undefined): string {
  return createHash("sha256").update(`phonerack:${kind}:${value}`).digest("hex").slice(0, 20);
}
