import { useTranslation } from "react-i18next";
import css from "./wall.module.css";

/** Browsers have WebCodecs in secure contexts only (W3C WebCodecs, `[SecureContext]`): says so, and what to do. */
export function InsecureNote() {
  const { t } = useTranslation();
  if (window.isSecureContext) return null;
  return (
    <div className={css.insecure} role="note">
      <strong>{t("picture.insecureTitle")}</strong>
      {t("picture.insecureHow")}
    </div>
  );
}
