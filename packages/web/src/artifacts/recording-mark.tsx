import type { Device } from "@phonerack/contract/api";
import { IconHistory, IconPlayerRecordFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import css from "./artifacts.module.css";

/** That this phone is being recorded, or that its last minutes are kept: to be seen by everybody who sees the phone. */
export function RecordingMark({ device, compact = false }: { device: Device; compact?: boolean }) {
  const { t } = useTranslation();
  const word = (text: string) => <span className={compact ? "visually-hidden" : undefined}>{text}</span>;
  return (
    <>
      {device.recording && (
        <span className={css.mark} title={t("recording.now")}>
          <IconPlayerRecordFilled size={12} aria-hidden="true" />
          {word(t("recording.now"))}
        </span>
      )}
      {device.keeping && (
        <span className={css.kept} title={t("recording.keptNow")}>
          <IconHistory size={14} stroke={1.5} aria-hidden="true" />
          {word(t("recording.keptNow"))}
        </span>
      )}
    </>
  );
}
