import type { Device } from "@phonerack/contract/api";

/** The apps on one phone. */
export function Packages({ device }: { device: Device }) {
  return <p>{device.name}</p>;
}
