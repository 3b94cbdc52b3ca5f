import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/sentence.js";
import { formatNumber } from "../language/format.js";
import type { LogState } from "./log-source.js";
import css from "./logs.module.css";

interface LogTruthProps {
  log: LogState;
  paused: boolean;
  onAgain: () => void;
  onGoOn: () => void;
}

/** How the log stands: how much is kept and shown, what is missing, and whether it still comes. */
export function LogTruth({ log, paused, onAgain, onGoOn }: LogTruthProps) {
  const { t } = useTranslation();
  const { view, state, error, stuck } = log;
  const shown = view ? view.end - view.first : 0;
  return (
    <div className={css.truth}>
      {state === "ended" && error ? (
        <p role="alert" className={css.bad}>
          {sentence(error)}{" "}
          <Button size="compact-xs" variant="default" onClick={onAgain}>
            {t("error.again")}
          </Button>
        </p>
      ) : (
        <p className={css.dim}>
          {view && view.kept > 0
            ? t("logs.kept", { shown: formatNumber(shown), kept: formatNumber(view.kept) })
            : t(state === "open" ? "logs.silent" : "logs.opening")}
        </p>
      )}
      {view !== undefined && view.dropped > 0 && (
        <p className={css.warn}>{t("logs.dropped", { count: view.dropped, lines: formatNumber(view.dropped) })}</p>
      )}
      {stuck !== undefined && (
        <p role="alert" className={css.warn}>
          {t("logs.stuck", { pattern: stuck })}
        </p>
      )}
      {paused && (
        <p>
          <Button size="compact-xs" variant="light" onClick={onGoOn}>
            {t("logs.pausedWith", { count: view?.unseen ?? 0, lines: formatNumber(view?.unseen ?? 0) })}
          </Button>
        </p>
      )}
    </div>
  );
}
