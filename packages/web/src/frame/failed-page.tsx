import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import css from "./frame.module.css";

/** A page that threw: a bug of ours, so its words are for the log and the way on is for the person. */
export function FailedPage({ error }: { error: unknown }) {
  const { t } = useTranslation();
  return (
    <div className={css.message} role="alert">
      <h1>{t("error.title")}</h1>
      <p>{t("error.page")}</p>
      <span className={css.code}>{error instanceof Error ? error.message : String(error)}</span>
      <Button variant="default" onClick={() => location.reload()}>
        {t("error.reload")}
      </Button>
    </div>
  );
}

export function MissingPage() {
  const { t } = useTranslation();
  return (
    <div className={css.message}>
      <h1>{t("error.notFoundTitle")}</h1>
      <p>{t("error.notFoundHow")}</p>
      <Button component={Link} to="/" variant="default">
        {t("device.toWall")}
      </Button>
    </div>
  );
}
