import type { Device } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { useSession } from "../session/use-session.js";
import { leaseWords } from "./lease-words.js";
import { statusesOf } from "./status.js";
import { StatusMark } from "./status-mark.js";
import css from "./status-mark.module.css";

/** How a device is, all of it: each mark, and who has it until when, or why it is out of use. */
export function DeviceStatus({ device }: { device: Device }) {
  const { t } = useTranslation();
  const session = useSession();
  const words = leaseWords(t, device, session);
  return (
    <span className={css.line}>
      {statusesOf(device, session?.actor).map((status) => (
        <StatusMark key={status} status={status} />
      ))}
      {words && (
        <span className={css.words} title={words}>
          {words}
        </span>
      )}
    </span>
  );
}
