/** The texts of a phone's /proc, from its state. */
import { createHash } from "node:crypto";
import type { LiveSource } from "../files/node.js";
import type { Phone } from "../phone/phone.js";

export interface LiveParts {
  /** Changes with each boot, as the kernel's random boot id does. */
  readonly bootId: () => string;
  /** Whether the shell may read what the hardware says of itself. */
  readonly told: () => boolean;
}

export function liveFiles(phone: Phone, { bootId, told }: LiveParts): LiveSource {
  return {
    text: (path) => {
      if (path === "/proc/sys/kernel/random/boot_id") return `${bootId()}\n`;
      return path.startsWith("/sys/") && !told() ? "" : (TEXTS[path]?.(phone) ?? "");
    },
    processes: () => phone.processes.list(),
  };
}

const TEXTS: Readonly<Record<string, (phone: Phone) => string>> = {
  "/proc/cpuinfo": ({ model }) => {
    const one = (index: number): string =>
      `processor\t: ${index}\nBogoMIPS\t: 38.40\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 crc32\nCPU implementer\t: 0x00\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0x000\nCPU revision\t: 0\n\n`;
    return `${Array.from({ length: model.cores }, (_, index) => one(index)).join("")}Hardware\t: phonerack virtual\n`;
  },
  "/proc/filesystems": () => "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\n\text4\n\tf2fs\nnodev\tfuse\n",
  "/proc/loadavg": (phone) =>
    `0.42 0.38 0.35 1/${phone.processes.list().length * 9} ${phone.processes.list().at(-1)?.pid ?? 1}\n`,
  "/proc/meminfo": memory,
  "/proc/mounts": () =>
    "/dev/block/dm-0 / ext4 ro,seclabel,relatime 0 0\ntmpfs /dev tmpfs rw,seclabel,nosuid,relatime,mode=755 0 0\nproc /proc proc rw,relatime,gid=3009,hidepid=2 0 0\n/dev/block/dm-6 /data f2fs rw,lazytime,seclabel,nosuid,nodev,noatime 0 0\n/dev/fuse /storage/emulated fuse rw,lazytime,nosuid,nodev,noexec,noatime 0 0\n",
  "/proc/net/dev": () =>
    "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    lo:    4188      52    0    0    0     0          0         0     4188      52    0    0    0     0       0          0\n wlan0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n",
  "/proc/stat": (phone) => {
    const ticks = Math.floor(phone.uptime / 10);
    return `cpu  ${ticks} 0 ${Math.floor(ticks / 2)} ${ticks * phone.model.cores} 0 0 0 0 0 0\nbtime ${Math.floor((phone.clock.now() - phone.uptime) / 1000)}\n`;
  },
  "/proc/uptime": (phone) =>
    `${(phone.uptime / 1000).toFixed(2)} ${((phone.uptime / 1000) * phone.model.cores * 0.9).toFixed(2)}\n`,
  // Its hardware's own, whatever a reset or a fault makes of its serial number.
  "/sys/block/mmcblk0/device/cid": ({ serial }) => `${hardwareId(serial, "emmc", 32)}\n`,
  "/sys/block/mmcblk0/device/type": () => "MMC\n",
  // "Locally administered": no maker's address, and none that anybody may take for one.
  "/sys/class/net/wlan0/address": () => "02:00:00:00:00:00\n",
  "/sys/devices/soc0/serial_number": ({ serial }) => `${Number.parseInt(hardwareId(serial, "soc", 8), 16)}\n`,
  "/proc/version": () => "Linux version 5.10.0-phonerack-virtual (phonerack@phonerack) (clang 12.0.5) #1 SMP PREEMPT\n",
};

function hardwareId(serial: string, part: string, digits: number): string {
  return createHash("sha256").update(`phonerack virtual ${part}: ${serial}`).digest("hex").slice(0, digits);
}

function memory(phone: Phone): string {
  const total = phone.model.memoryMb * 1000;
  const used = phone.processes.list().reduce((sum, { rss }) => sum + rss, 0);
  const available = Math.max(100_000, total - used);
  const line = (name: string, kib: number): string => `${`${name}:`.padEnd(15)}${String(Math.floor(kib)).padStart(9)} kB\n`;
  return [
    line("MemTotal", total),
    line("MemFree", available * 0.3),
    line("MemAvailable", available),
    line("Buffers", 12_000),
    line("Cached", available * 0.6),
    line("SwapTotal", total / 2),
    line("SwapFree", total / 2),
  ].join("");
}
