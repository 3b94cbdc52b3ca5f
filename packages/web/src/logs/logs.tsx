import type { Device } from "@phonerack/contract/api";

/** One phone's live log. */
export function Logs({ device }: { device: Device }) {
  return <p>{device.name}</p>;
}
