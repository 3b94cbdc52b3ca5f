import type { Job } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { formatNumber, formatPercent } from "../language/format.js";
import { overOf, shownCounts } from "./job-counts.js";
import css from "./jobs.module.css";
import { TaskMark } from "./task-mark.js";

/** How far a job is: a bar in the colours of its outcomes, and the number beside it. What runs fills its own part faintly. */
export function JobProgress({ job }: { job: Job }) {
  const { t } = useTranslation();
  const over = overOf(job);
  const words = t("jobs.of", { over: formatNumber(over), size: formatNumber(job.size) });
  const percent = job.progress * 100;
  return (
    <div className={css.progress}>
      <div
        className={css.bar}
        role="progressbar"
        aria-label={t("jobs.progress", { part: formatPercent(percent) })}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(percent)}
      >
        {shownCounts(job)
          .filter(([state]) => state !== "running" && state !== "waiting")
          .map(([state, count]) => (
            <span key={state} data-task={state} style={{ width: `${(count / job.size) * 100}%` }} />
          ))}
        <span data-task="running" style={{ width: `${Math.max(0, percent - (over / job.size) * 100)}%` }} />
      </div>
      <span className={css.number}>{words}</span>
    </div>
  );
}

export function JobCounts({ job }: { job: Job }) {
  return (
    <span className={css.counts}>
      {shownCounts(job).map(([state, count]) => (
        <TaskMark key={state} state={state} count={formatNumber(count)} />
      ))}
    </span>
  );
}
