import { Button, Code } from "@mantine/core";
import { ERRORS, isErrorCode } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { useLive } from "../live/live.js";
import css from "./frame.module.css";

/** Instead of a page when control will not talk to this browser: why, and the way in. */
export function Door({ reason }: { reason: string }) {
  const { t } = useTranslation();
  const { connection } = useLive();
  const unknown = reason === "unauthorised" || reason === "link_used";
  return (
    <div className={css.message}>
      <h1>{unknown ? t("door.unauthorised") : isErrorCode(reason) ? ERRORS[reason].message : t("error.title")}</h1>
      <p>{unknown ? t("door.unauthorisedHow") : t("door.otherHow", { code: reason })}</p>
      {unknown && <Code block>npx phonerack link</Code>}
      <Button variant="default" onClick={() => connection.retryNow()}>
        {t("door.again")}
      </Button>
    </div>
  );
}
