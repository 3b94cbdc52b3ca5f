import type { Device } from "@phonerack/contract/api";
import { IconWifiOff } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { formatTime } from "../language/format.js";
import css from "./tile.module.css";

type Isolated = Pick<Device, "isolated" | "isolation">;

/** A phone that gets no route out; red where nobody has found that it has none. */
export function IsolationMark({ device }: { device: Isolated }) {
  const { t } = useTranslation();
  const words = isolationWords(t, device);
  if (words === undefined) return null;
  const open = device.isolation?.verified == null;
  return (
    <span
      className={`${css.tileMark} ${open ? css.leadsOut : css.isolated}`}
      title={words}
      data-isolated={open ? "open" : "verified"}
    >
      <IconWifiOff size={14} stroke={1.5} aria-hidden="true" />
      <span className="visually-hidden">{words}</span>
    </span>
  );
}

/** Undefined: it may have a route out, and there is nothing to say. */
export function isolationWords(t: TFunction, { isolated, isolation }: Isolated): string | undefined {
  if (!isolated) return undefined;
  if (isolation?.leadsOut) return isolation.leadsOut;
  return isolation?.verified ? t("isolation.verified", { time: formatTime(isolation.verified) }) : t("isolation.awaited");
}
