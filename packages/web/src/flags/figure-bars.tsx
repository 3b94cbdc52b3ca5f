import type { Flag } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { formatFraction } from "../language/format.js";
import { type Figure, figuresOf, placesOf } from "./figures.js";
import css from "./flags.module.css";

/** What was counted, each as a bar with a mark where its rule begins to flag. */
export function Figures({ flag }: { flag: Flag }) {
  const figures = figuresOf(flag);
  if (figures.length === 0) return null;
  return (
    <div className={css.figures}>
      {figures.map((figure) => (
        <Bar key={figure.name} figure={figure} />
      ))}
    </div>
  );
}

function Bar({ figure }: { figure: Figure }) {
  const { t } = useTranslation();
  const { name, value, bound, flags, beyond } = figure;
  const places = placesOf(figure);
  const words = t(`flags.bound.${flags}`, { bound: formatFraction(bound) });
  return (
    <div className={css.figure} data-beyond={beyond || undefined}>
      <span className={css.figureName}>{t(`flags.figure.${name}`)}</span>
      <strong>{formatFraction(value)}</strong>
      <span className={css.track} aria-hidden="true">
        <span className={css.fill} style={{ width: `${places.value * 100}%` }} />
        <span className={css.mark} style={{ left: `${places.bound * 100}%` }} />
      </span>
      <span className={css.figureBound}>{words}</span>
    </div>
  );
}
