import { Button, Skeleton } from "@mantine/core";
import type { DeviceId, Job, JobTask } from "@phonerack/contract/api";
import { IconArrowLeft } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatNumber, formatPercent, formatTime, formatTook } from "../language/format.js";
import { SureButton } from "../page/sure-button.js";
import { mayDrive } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { ActionIconOf } from "./action-icon.js";
import { retriedOf } from "./job-counts.js";
import { JobCounts, JobProgress } from "./job-progress.js";
import css from "./jobs.module.css";
import { Outcomes } from "./outcomes.js";
import { TaskGrid } from "./task-grid.js";
import { TaskPanel } from "./task-panel.js";

const route = getRouteApi("/jobs/$id");
const LOOK_MS = 1_000;
/** Of a thousand phones, all their tasks weigh something. */
const LOOK_AT_MANY_MS = 2_000;
const MANY = 200;

/** One job: how far it is, how each phone stands, and what came of it. It goes on when one leaves. */
export function JobPage() {
  const { id } = route.useParams();
  const job = useQuery(
    api.jobs.get.queryOptions({
      input: { id },
      refetchInterval: ({ state }) => (state.data?.state === "ended" ? false : LOOK_MS),
    }),
  );
  if (job.data) return <Shown job={job.data} />;
  if (job.error) return <Missing error={job.error} onAgain={() => void job.refetch()} />;
  return <JobSkeleton />;
}

function Shown({ job }: { job: Job }) {
  const { t } = useTranslation();
  const { phone } = route.useSearch();
  const navigate = route.useNavigate();
  const choose = useCallback(
    (id: DeviceId | undefined) => void navigate({ search: id ? { phone: id } : {}, replace: true }),
    [navigate],
  );
  const { tasks, outcomes } = useParts(job);
  const chosen: JobTask | undefined = tasks.data?.items.find(({ deviceId }) => deviceId === phone);
  return (
    <div className={css.job}>
      <Head job={job} />
      <div className={css.parts}>
        {job.size > 1 && tasks.data && <TaskGrid tasks={tasks.data.items} chosen={phone} onChoose={choose} />}
        {tasks.isPending && <Skeleton height={48} />}
        {tasks.error && !tasks.data && <ErrorNote error={tasks.error} onAgain={() => void tasks.refetch()} />}
        {chosen && <TaskPanel task={chosen} onClose={() => choose(undefined)} />}
        {outcomes.error && !outcomes.data && <ErrorNote error={outcomes.error} onAgain={() => void outcomes.refetch()} />}
        {outcomes.data && <Outcomes job={job} outcomes={outcomes.data.items} onChoose={choose} />}
        <p className={css.hint}>
          <Link to="/jobs">{t("jobs.toAll")}</Link>
        </p>
      </div>
    </div>
  );
}

/** Once more after the last change of the job itself: what ended between two looks must not be missed. */
function useParts(job: Job) {
  const input = { id: job.id };
  const refetchInterval = job.state === "ended" ? false : job.size > MANY ? LOOK_AT_MANY_MS : LOOK_MS;
  const over = job.endedAt ?? 0;
  const tasks = useQuery({
    ...api.jobs.tasks.queryOptions({ input, refetchInterval, staleTime: 0 }),
    queryKey: [...api.jobs.tasks.queryKey({ input }), over],
    placeholderData: (before) => before,
  });
  const outcomes = useQuery({
    ...api.jobs.outcomes.queryOptions({ input, refetchInterval, staleTime: 0 }),
    queryKey: [...api.jobs.outcomes.queryKey({ input }), over],
    placeholderData: (before) => before,
  });
  return { tasks, outcomes };
}

function Head({ job }: { job: Job }) {
  const { t } = useTranslation();
  return (
    <header className={css.head}>
      <div className={css.headLine}>
        <Button
          component={Link}
          to="/jobs"
          size="compact-sm"
          variant="subtle"
          color="gray"
          leftSection={<IconArrowLeft size={16} stroke={1.5} aria-hidden="true" />}
        >
          {t("jobs.title")}
        </Button>
        <h1 title={job.name}>
          <ActionIconOf type={job.action.type} />
          {job.name}
        </h1>
        <Actions job={job} />
      </div>
      <p className={css.dim}>{wordsOf(t, job)}</p>
      {job.action.type === "shell" && <pre className={`${css.command} mono`}>{job.action.command}</pre>}
      <JobProgress job={job} />
      <div className={css.headLine} role="status">
        <strong>{t(`jobs.state.${job.state}`)}</strong>
        <JobCounts job={job} />
      </div>
      {job.reason && <p className={css.reason}>{job.reason}</p>}
    </header>
  );
}

function wordsOf(t: TFunction, { actorName, createdAt, endedAt, pace, size }: Job): string {
  const words: string[] = [t("jobs.began", { time: formatTime(createdAt), who: actorName }), t("jobs.phones", { count: size })];
  if (endedAt !== null) words.push(t("jobs.lasted", { time: formatTook(endedAt - createdAt) }));
  if (size > 1) {
    words.push(t("jobs.paceWords.concurrency", { count: Math.min(size, pace.concurrency) }));
    if (pace.wave !== null) words.push(t("jobs.paceWords.wave", { count: pace.wave }));
    if (pace.stopAt !== null) words.push(t("jobs.paceWords.stopAt", { part: formatPercent(pace.stopAt * 100) }));
  }
  return words.join(" · ");
}

function Actions({ job }: { job: Job }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const session = useSession();
  const onSuccess = () => queries.invalidateQueries({ queryKey: api.jobs.key() });
  const cancel = useMutation(api.jobs.cancel.mutationOptions({ onSuccess }));
  const retry = useMutation(api.jobs.retry.mutationOptions({ onSuccess }));
  const again = retriedOf(job);
  const error = cancel.error ?? retry.error;
  if (!mayDrive(session) || session?.tenant !== job.tenant) return null;
  return (
    <span className={css.actions}>
      {error && <ErrorNote error={error} />}
      {job.state === "running" && (
        <SureButton
          label={t("jobs.cancel")}
          question={t("jobs.cancelQuestion")}
          pending={cancel.isPending}
          onSure={() => cancel.mutate({ id: job.id })}
        />
      )}
      {again > 0 && (
        <Button
          size="compact-sm"
          variant={job.state === "ended" ? "filled" : "default"}
          loading={retry.isPending}
          title={t("jobs.retry")}
          onClick={() => retry.mutate({ id: job.id })}
        >
          {t("jobs.retryCount", { count: again, shown: formatNumber(again) })}
        </Button>
      )}
    </span>
  );
}

function Missing({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={css.missing}>
      <h1>{t("jobs.missing")}</h1>
      <ErrorNote error={error} onAgain={onAgain} />
      <Link to="/jobs">{t("jobs.toAll")}</Link>
    </div>
  );
}

function JobSkeleton() {
  const { t } = useTranslation();
  return (
    <div className={css.job} aria-busy="true">
      <span className="visually-hidden" role="status">
        {t("jobs.loadingOne")}
      </span>
      <div className={css.head}>
        <Skeleton height={20} width={280} />
        <Skeleton height={16} width={360} />
        <Skeleton height={8} />
      </div>
      <div className={css.parts}>
        <Skeleton height={48} />
        <Skeleton height={80} />
      </div>
    </div>
  );
}
