import type { App } from "@phonerack/contract/api";
import { IconCertificate, IconFlask, IconLock, IconUserCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import css from "./apps.module.css";

const ICONS = { key: IconCertificate, approved: IconUserCheck, demo: IconFlask, none: IconLock } as const;

/** Whether it is theirs, and how that came about: icon, word and colour. */
export function OwnershipMark({ app: { ownership } }: { app: App }) {
  const { t } = useTranslation();
  const how = ownership?.how ?? "none";
  const Icon = ICONS[how];
  return (
    <span className={css.ownership} data-how={how}>
      <Icon size={16} stroke={1.5} aria-hidden="true" />
      {t(`apps.how.${how}`)}
    </span>
  );
}
