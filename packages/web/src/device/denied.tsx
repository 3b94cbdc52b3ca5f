import type { Device } from "@phonerack/contract/api";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import css from "./phone.module.css";
import type { Hand } from "./use-hand.js";

/** Why the gate says no here: just now, or before, as long as the app in front is still one that is not theirs. */
export function denialOf(
  { denials, foreground }: Pick<Device, "denials" | "foreground">,
  { refusal, denied }: Pick<Hand, "refusal" | "denied">,
): string | undefined {
  if (denied && refusal) return refusal;
  return denials && denials.count > 0 && foreground?.standing === "other" ? denials.last : undefined;
}

/** Said where it happens, calmly, with the way on. */
export function Denied({ words, device: { denials } }: { words: string; device: Device }) {
  const { t } = useTranslation();
  return (
    <span className={css.denied} title={words}>
      {words} <Link to="/apps">{t("denied.toApps")}</Link>
      {denials && denials.count > 0 && ` · ${t("denied.count", { count: denials.count })}`}
    </span>
  );
}
