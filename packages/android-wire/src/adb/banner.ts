/**
 * The text each side sends in its CNXN: "device::ro.product.name=X;…;features=a,b" or "host::features=a,b".
 * AOSP packages/modules/adb, adb.cpp `get_connection_string` and `parse_banner`.
 */
import { decodeText, encodeText } from "../text.js";
import { WireError } from "../wire-error.js";

export interface AdbBanner {
  /** "host", "device", "recovery", "sideload", "bootloader" … */
  type: string;
  properties: ReadonlyMap<string, string>;
  features: readonly string[];
}

/**
 * What our device side can do. Left out on purpose: abb and abb_exec (with them `adb install` speaks binder's raw protocol),
 * sendrecv_v2 and its compressions.
 */
export const deviceFeatures = [
  "shell_v2",
  "cmd",
  "stat_v2",
  "ls_v2",
  "fixed_push_mkdir",
  "apex",
  "fixed_push_symlink_timestamp",
  "delayed_ack",
] as const;

/** Tango drops a property that does not split into exactly two at "="; adb splits properties at ";". */
function bannerValue(text: string): string {
  return text.replace(/[;=\0]/g, "_");
}

export function encodeDeviceBanner(
  identity: { product: string; model: string; device: string },
  features: readonly string[],
): Uint8Array {
  const properties = [
    `ro.product.name=${bannerValue(identity.product)}`,
    `ro.product.model=${bannerValue(identity.model)}`,
    `ro.product.device=${bannerValue(identity.device)}`,
    `features=${features.join(",")}`,
  ];
  return encodeText(`device::${properties.join(";")}`);
}

/** Reads either side's banner; a trailing NUL, which older hosts send, is dropped. Throws `bad-banner`. */
export function parseBanner(payload: Uint8Array): AdbBanner {
  const text = decodeText(payload).replace(/\0+$/, "");
  const match = /^([a-z]+):([^:]*):(.*)$/s.exec(text) ?? /^([a-z]+)()()$/.exec(text);
  if (!match) throw new WireError("bad-banner", "The other side's ADB banner is not TYPE:SERIAL:PROPERTIES.");
  const properties = new Map<string, string>();
  for (const part of (match[3] ?? "").split(";")) {
    const equals = part.indexOf("=");
    if (equals > 0) properties.set(part.slice(0, equals), part.slice(equals + 1));
  }
  const features = (properties.get("features") ?? "").split(",").filter((feature) => feature !== "");
  return { type: match[1] ?? "", properties, features };
}
