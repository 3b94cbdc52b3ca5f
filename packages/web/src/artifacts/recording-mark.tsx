import { IconPlayerRecordFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import css from "./artifacts.module.css";

/** A red dot: this phone is being recorded. To be seen by everybody who sees the phone. */
export function RecordingMark({ compact = false }: { compact?: boolean }) {
  const { t } = useTranslation();
  return (
    <span className={css.mark} title={t("recording.now")}>
      <IconPlayerRecordFilled size={12} aria-hidden="true" />
      <span className={compact ? "visually-hidden" : undefined}>{t("recording.now")}</span>
    </span>
  );
}
