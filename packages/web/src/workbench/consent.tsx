import { Button } from "@mantine/core";
import type { DeviceId } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { FenceConsent, useFencePreview } from "../groups/fence-consent.js";
import css from "./workbench.module.css";

interface ConsentProps {
  devices: readonly DeviceId[];
  pending: boolean;
  onAgree: () => void;
}

/** Nothing is disabled on a phone that nobody enrolled before somebody saw what. */
export function Consent({ devices, pending, onAgree }: ConsentProps) {
  const { t } = useTranslation();
  const preview = useFencePreview(devices);
  return (
    <div role="alert">
      <p>{t("work.fenceAsk")}</p>
      <FenceConsent preview={preview} />
      <div className={css.buttons}>
        <Button loading={pending} disabled={preview.pending} onClick={onAgree}>
          {t("work.agree")}
        </Button>
      </div>
    </div>
  );
}
