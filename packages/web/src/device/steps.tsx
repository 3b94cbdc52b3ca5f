import type { Step } from "@phonerack/contract/api";
import { IconCheck, IconCircleDashed, IconCircleHalf2, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatDuration } from "../language/format.js";
import css from "./info.module.css";

const ICONS = { waiting: IconCircleDashed, running: IconCircleHalf2, done: IconCheck, failed: IconX } as const;

/** How the phone was made ready, step by step with its time; which one failed, and why. */
export function Steps({ steps }: { steps: readonly Step[] }) {
  const { t } = useTranslation();
  if (steps.length === 0) return null;
  return (
    <section>
      <h2 className={css.title}>{t("info.steps")}</h2>
      <ol className={css.steps}>
        {steps.map(({ name, state, ms, reason }) => {
          const Icon = ICONS[state];
          return (
            <li key={name} data-step={state}>
              <Icon size={16} stroke={1.5} aria-hidden="true" />
              <span>{t(`info.step.${name}`)}</span>
              <span className={css.dim}>
                {state === "done" && ms !== undefined ? formatDuration(ms) : t(`info.stepState.${state}`)}
              </span>
              {reason && <p>{reason}</p>}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
