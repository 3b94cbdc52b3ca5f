import { Progress } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import css from "./admin.module.css";

/** How much of what is allowed is used: number and bar; the bar changes its colour where little is left. */
export function Use({ name, used, most }: { name: string; used: number; most: number | null }) {
  const { t } = useTranslation();
  const words =
    most === null
      ? t("tenants.unbounded", { used: formatNumber(used) })
      : t("tenants.of", { used: formatNumber(used), most: formatNumber(most) });
  const share = most === null ? 0 : most === 0 ? 100 : Math.min(100, (used / most) * 100);
  return (
    <div className={css.use}>
      <span>{words}</span>
      {most !== null && (
        <Progress
          size={6}
          radius={3}
          value={share}
          color={share >= 100 ? "var(--danger)" : share >= 80 ? "var(--warn)" : "var(--accent)"}
          aria-label={`${name}: ${words}`}
        />
      )}
    </div>
  );
}
