import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { shownError } from "../api/sentence.js";
import css from "./frame.module.css";

/** A request that failed: its sentence, its code small, and the way on. */
export function ErrorNote({ error, onAgain }: { error: unknown; onAgain?: () => void }) {
  const { t } = useTranslation();
  const { code, message } = shownError(error);
  return (
    <div role="alert">
      <p>
        {message ?? t("error.unreachable")} {code && <span className={`${css.code} mono`}>{code}</span>}
      </p>
      {onAgain && (
        <Button variant="default" size="xs" onClick={onAgain}>
          {t("error.again")}
        </Button>
      )}
    </div>
  );
}
