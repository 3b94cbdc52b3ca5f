import type { Device } from "@phonerack/contract/api";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import css from "./tile.module.css";

/** How often the tenant's own apps crashed in this lease; else nothing. */
export function CrashMark({ crashes, compact }: { crashes: Device["crashes"]; compact: boolean }) {
  const { t } = useTranslation();
  if (!crashes) return null;
  const words = t("crashes.mark", { count: crashes.count, last: crashes.last });
  return (
    <span className={`${css.tileMark} ${css.crashed}`} title={words} data-crashes={crashes.count}>
      <IconAlertTriangle size={14} stroke={1.5} aria-hidden="true" />
      {!compact && <span aria-hidden="true">{formatNumber(crashes.count)}</span>}
      <span className="visually-hidden">{words}</span>
    </span>
  );
}
