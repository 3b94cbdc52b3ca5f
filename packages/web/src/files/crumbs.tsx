import { IconChevronRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import css from "./files.module.css";

/** The way to a folder; each part leads there. */
export function Crumbs({ path, onOpen }: { path: string; onOpen: (path: string) => void }) {
  const { t } = useTranslation();
  const parts = path.split("/").filter(Boolean);
  return (
    <nav className={css.crumbs} aria-label={t("files.path")}>
      {parts.map((part, at) => {
        const to = `/${parts.slice(0, at + 1).join("/")}`;
        return (
          <span key={to}>
            {at > 0 && <IconChevronRight size={14} stroke={1.5} aria-hidden="true" />}
            <button type="button" className={css.open} aria-current={to === path ? "page" : undefined} onClick={() => onOpen(to)}>
              {part}
            </button>
          </span>
        );
      })}
    </nav>
  );
}
