import { useTranslation } from "react-i18next";
import { ErrorNote } from "../frame/error-note.js";
import { PasskeyCancelled } from "./auth.js";
import css from "./log-in.module.css";

/** Why it did not work. A question for a passkey that a person closed is no error. */
export function Failure({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (!error) return null;
  if (error instanceof PasskeyCancelled) {
    return (
      <p role="status" className={css.dim}>
        {t("logIn.passkeyCancelled")}
      </p>
    );
  }
  return <ErrorNote error={error} />;
}
