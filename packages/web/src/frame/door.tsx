import { Button } from "@mantine/core";
import { ERRORS, isErrorCode } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { useLive } from "../live/live.js";
import css from "./frame.module.css";

/** Instead of a page when control will not talk to this browser, and a log-in would not help: why, and the way on. */
export function Door({ reason }: { reason: string }) {
  const { t } = useTranslation();
  const { connection } = useLive();
  return (
    <div className={css.message}>
      <h1>{isErrorCode(reason) ? ERRORS[reason].message : t("error.title")}</h1>
      <p>{t("door.otherHow", { code: reason })}</p>
      <Button variant="default" onClick={() => connection.retryNow()}>
        {t("door.again")}
      </Button>
    </div>
  );
}
