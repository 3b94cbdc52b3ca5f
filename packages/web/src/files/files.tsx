import type { Device } from "@phonerack/contract/api";

/** The files of one phone. */
export function Files({ device }: { device: Device }) {
  return <p>{device.name}</p>;
}
