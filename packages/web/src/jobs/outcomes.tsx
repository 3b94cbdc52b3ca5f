import type { DeviceId, Job, JobOutcome } from "@phonerack/contract/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AgreeAfter } from "./agree-after.js";
import css from "./jobs.module.css";
import { OutcomeBody } from "./outcome-body.js";
import { TaskMark } from "./task-mark.js";

interface OutcomesProps {
  job: Job;
  outcomes: readonly JobOutcome[];
  onChoose: (id: DeviceId) => void;
}

const MOST_NAMES = 12;

/** Phones of which the same came, together: a thousand outputs are mostly two or three. */
export function Outcomes({ job, outcomes, onChoose }: OutcomesProps) {
  const { t } = useTranslation();
  return (
    <section aria-label={t("jobs.outcomes")}>
      <h2 className={css.title}>{t("jobs.outcomes")}</h2>
      {outcomes.length === 0 && <p className={css.dim}>{t("jobs.outcomesNone")}</p>}
      <ul className={css.outcomes}>
        {outcomes.map((outcome) => (
          <li key={`${outcome.state} ${outcome.devices[0]?.id}`} data-task={outcome.state}>
            <Outcome job={job} outcome={outcome} onChoose={onChoose} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface OutcomeProps extends Pick<OutcomesProps, "job" | "onChoose"> {
  outcome: JobOutcome;
}

function Outcome({ job, outcome, onChoose }: OutcomeProps) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const { state, result, error, devices } = outcome;
  const shown = all ? devices : devices.slice(0, MOST_NAMES);
  return (
    <>
      <div className={css.headLine}>
        <strong>{t("jobs.phones", { count: devices.length })}</strong>
        <TaskMark state={state} />
        {result?.exitCode !== undefined && (
          <span className={`${css.exit} mono`} data-bad={result.exitCode !== 0 || undefined}>
            {t("jobs.exit", { code: result.exitCode })}
          </span>
        )}
      </div>
      <OutcomeBody state={state} result={result} error={error} />
      {error?.code === "fence_unagreed" && <AgreeAfter job={job} devices={devices.map(({ id }) => id)} />}
      <p className={css.names}>
        {shown.map(({ id, name }) => (
          <button key={id} type="button" onClick={() => onChoose(id)}>
            {name}
          </button>
        ))}
        {devices.length > shown.length && (
          <button type="button" onClick={() => setAll(true)}>
            {t("jobs.more", { count: devices.length - shown.length })}
          </button>
        )}
      </p>
    </>
  );
}
