import type { Device } from "@phonerack/contract/api";

/** A shell on one phone. */
export function Shell({ device }: { device: Device }) {
  return <p>{device.name}</p>;
}
