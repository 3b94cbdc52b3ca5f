import { Button, Skeleton, Switch } from "@mantine/core";
import type { Job } from "@phonerack/contract/api";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatTime } from "../language/format.js";
import page from "../page/page.module.css";
import { Blank } from "../page/section.js";
import { ActionIconOf } from "./action-icon.js";
import { JobCounts, JobProgress } from "./job-progress.js";
import css from "./jobs.module.css";

const route = getRouteApi("/jobs");
/** While one runs, and while none does; changes are told by the live socket besides. */
const [SOON_MS, LATER_MS] = [2_000, 10_000];

/** What was done on phones and what is being done now, the newest first. */
export function JobsPage() {
  const { t } = useTranslation();
  const { single = false } = route.useSearch();
  const navigate = route.useNavigate();
  const jobs = useQuery(
    api.jobs.list.queryOptions({
      input: { limit: 200, ...(single ? { single: "true" as const } : {}) },
      refetchInterval: ({ state }) => (state.data?.items.some((job) => job.state !== "ended") ? SOON_MS : LATER_MS),
      placeholderData: keepPreviousData,
    }),
  );
  const items = jobs.data?.items;
  return (
    <div className={`${page.page} ${css.wide}`}>
      <header className={css.headLine}>
        <h1>{t("jobs.title")}</h1>
        <Switch
          size="xs"
          className={css.actions ?? ""}
          label={t("jobs.single")}
          checked={single}
          onChange={(event) => void navigate({ search: event.currentTarget.checked ? { single: true } : {}, replace: true })}
        />
      </header>
      <p className={page.sectionHint}>{t("jobs.hint")}</p>
      <section className={page.body} aria-label={t("jobs.title")}>
        {jobs.isPending && <Waiting />}
        {jobs.error && !items && <ErrorNote error={jobs.error} onAgain={() => void jobs.refetch()} />}
        {items?.length === 0 && (
          <Blank title={t(single ? "jobs.none" : "jobs.noneOfMany")}>
            <Button component={Link} to="/" size="xs" variant="default">
              {t("jobs.toWall")}
            </Button>
          </Blank>
        )}
        {items && items.length > 0 && <Table jobs={items} />}
      </section>
    </div>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <div aria-busy="true">
      <span className="visually-hidden" role="status">
        {t("jobs.loading")}
      </span>
      <Skeleton height={16} my={14} />
      <Skeleton height={16} my={14} />
    </div>
  );
}

function Table({ jobs }: { jobs: readonly Job[] }) {
  const { t } = useTranslation();
  return (
    <table className={`${page.table} ${css.table}`}>
      <thead>
        <tr>
          <th>{t("jobs.what")}</th>
          <th>{t("jobs.who")}</th>
          <th>{t("jobs.when")}</th>
          <th>{t("jobs.how")}</th>
          <th>{t("jobs.outcome")}</th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <Line key={job.id} job={job} />
        ))}
      </tbody>
    </table>
  );
}

function Line({ job }: { job: Job }) {
  const { t } = useTranslation();
  return (
    <tr>
      <td>
        <Link to="/jobs/$id" params={{ id: job.id }} className={css.name}>
          <ActionIconOf type={job.action.type} />
          <span>{job.name}</span>
        </Link>
      </td>
      <td data-name={t("jobs.who")} className={page.nowrap}>
        {job.actorName}
      </td>
      <td data-name={t("jobs.when")} className={page.nowrap}>
        {formatTime(job.createdAt)}
      </td>
      <td>
        <JobProgress job={job} />
      </td>
      <td>
        {job.state === "stopping" && <span className={css.stopping}>{t("jobs.state.stopping")}</span>}
        <JobCounts job={job} />
      </td>
    </tr>
  );
}
