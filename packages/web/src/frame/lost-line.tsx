import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatTime } from "../language/format.js";
import type { LiveStatus } from "../live/connection.js";
import { useLive } from "../live/live.js";
import css from "./frame.module.css";

/** A blink of the network is no news. */
const CALM_MS = 1_500;

/** Says that the page shows the past, once it is sure; goes away by itself. */
export function LostLine({ status }: { status: LiveStatus }) {
  const { t } = useTranslation();
  const { connection } = useLive();
  const since = status.phase === "lost" ? status.since : undefined;
  const [sure, setSure] = useState(false);
  useEffect(() => {
    setSure(false);
    if (since === undefined) return;
    const timer = setTimeout(() => setSure(true), CALM_MS);
    return () => clearTimeout(timer);
  }, [since]);
  if (since === undefined || !sure) return null;
  return (
    <div className={css.lost} role="status">
      {t("live.lostLong", { since: formatTime(since) })}
      <button type="button" onClick={() => connection.retryNow()}>
        {t("live.retry")}
      </button>
    </div>
  );
}
