import { Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import { useLiveStatus } from "../live/live.js";
import css from "./frame.module.css";

/** Whether what is seen is now, and how far away phonerack is. */
export function LiveBadge() {
  const { t } = useTranslation();
  const status = useLiveStatus();
  const word = status.phase === "lost" ? t("live.lost") : t(`live.${status.phase}`);
  return (
    <Tooltip label={t("live.roundTripHint")} disabled={status.phase !== "live"}>
      <span className={css.live} data-phase={status.phase}>
        <span role="status">{word}</span>
        {status.phase === "live" && status.roundTripMs !== undefined && (
          <span>{t("live.roundTrip", { ms: formatNumber(Math.max(1, status.roundTripMs)) })}</span>
        )}
      </span>
    </Tooltip>
  );
}
