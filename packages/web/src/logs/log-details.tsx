import { Button, CloseButton, CopyButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatMoment } from "../language/format.js";
import type { LogEntry } from "./entries.js";
import { lineOf } from "./log-store.js";
import css from "./logs.module.css";

/** All that a line says. */
export function LogDetails({ entry, onClose }: { entry: LogEntry; onClose: () => void }) {
  const { t } = useTranslation();
  const { time, level, tag, pid, tid, uid, process, buffer, text } = entry;
  const facts = [
    time === null ? undefined : formatMoment(time),
    t(`logs.levels.${level}`),
    buffer && t("logs.buffer", { buffer }),
    process,
    t("logs.ids", { pid, tid, uid: uid || "?" }),
  ];
  return (
    <section className={css.details} aria-label={t("logs.details")}>
      <header>
        <strong className="mono">{tag}</strong>
        <CopyButton value={lineOf(entry)}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {t(copied ? "wall.copied" : "wall.copy")}
            </Button>
          )}
        </CopyButton>
        <CloseButton size="sm" aria-label={t("logs.closeDetails")} onClick={onClose} />
      </header>
      <p className={css.dim}>{facts.filter(Boolean).join(" · ")}</p>
      <pre>{text}</pre>
    </section>
  );
}
