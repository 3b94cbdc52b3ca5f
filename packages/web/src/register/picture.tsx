import type { RegisterSummary } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import { ClassMark } from "./class-mark.js";
import { Ends } from "./ends.js";
import css from "./register.module.css";
import { CLASSES, type ClassFilter, type RegisterSearch } from "./register-search.js";

interface PictureProps {
  summary: RegisterSummary;
  search: RegisterSearch;
  onFilter: (change: Partial<RegisterSearch>) => void;
}

/** The register at one glance: which phones may be in a public network, and when that ends. What is clicked is what the list shows. */
export function Picture({ summary, search, onFilter }: PictureProps) {
  const { t } = useTranslation();
  const sites = summary.sites.filter(({ site }) => search.site === undefined || (site ?? "") === search.site);
  const counts: Record<ClassFilter, number> = { public: 0, isolated: 0, virtual: 0 };
  for (const site of sites) for (const name of CLASSES) counts[name] += site[name];
  const open = sites.reduce((sum, site) => sum + site.open, 0);
  const choose = (name: ClassFilter) =>
    onFilter({ class: search.class === name && !search.open ? undefined : name, open: undefined, reason: undefined });
  return (
    <div className={css.picture}>
      <section className={css.pictureHalf} aria-label={t("register.classes")}>
        <h3>{t("register.classes")}</h3>
        <Bar counts={counts} chosen={search.class} onChoose={choose} />
        <div className={css.legend}>
          {CLASSES.map((name) => (
            <button key={name} type="button" aria-pressed={search.class === name} onClick={() => choose(name)}>
              <strong>{formatNumber(counts[name])}</strong>
              <ClassMark name={name} />
            </button>
          ))}
          {open > 0 && (
            <button
              type="button"
              className={css.open}
              aria-pressed={search.open === true}
              onClick={() =>
                onFilter({ open: search.open ? undefined : true, class: search.open ? undefined : "isolated", ends: undefined })
              }
            >
              <strong>{formatNumber(open)}</strong>
              <span>{t("register.open")}</span>
            </button>
          )}
        </div>
      </section>
      <Ends days={summary.ends} chosen={search.ends} onFilter={onFilter} />
    </div>
  );
}

interface BarProps {
  counts: Record<ClassFilter, number>;
  chosen: ClassFilter | undefined;
  onChoose: (name: ClassFilter) => void;
}

/** For the eye and the mouse; the keyboard and screen readers have the same with words below. */
function Bar({ counts, chosen, onChoose }: BarProps) {
  const there = CLASSES.filter((name) => counts[name] > 0);
  return (
    <div className={css.bar} aria-hidden="true">
      {there.map((name) => (
        <button
          key={name}
          type="button"
          tabIndex={-1}
          data-class={name}
          data-dim={(chosen !== undefined && chosen !== name) || undefined}
          style={{ flexGrow: counts[name] }}
          onClick={() => onChoose(name)}
        />
      ))}
    </div>
  );
}
