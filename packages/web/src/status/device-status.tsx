import type { Device } from "@phonerack/contract/api";
import { useActor } from "../session/use-session.js";
import { statusesOf } from "./status.js";
import { StatusMark } from "./status-mark.js";
import css from "./status-mark.module.css";

/** How a device is, all of it: its health where it is not well, and whose it is. */
export function DeviceStatus({ device }: { device: Device }) {
  const actor = useActor();
  return (
    <span className={css.line}>
      {statusesOf(device, actor).map((status) => (
        <StatusMark key={status} status={status} />
      ))}
    </span>
  );
}
