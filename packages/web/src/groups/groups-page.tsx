import { Button, Skeleton } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatTime } from "../language/format.js";
import { useDevice } from "../live/live.js";
import page from "../page/page.module.css";
import { Blank, Section } from "../page/section.js";
import { mayDrive } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { Flows } from "./flows.js";
import { nameOfGroup } from "./group-name.js";
import type { GroupHead } from "./group-store.js";
import css from "./groups.module.css";

const AGAIN_MS = 5_000;

/** The groups that are driven now, those that were, and the flows that were recorded. */
export function GroupsPage() {
  const { t } = useTranslation();
  const session = useSession();
  const groups = useQuery(api.groups.list.queryOptions({ input: {}, refetchInterval: AGAIN_MS }));
  const items = groups.data?.items;
  const running = items?.filter(({ endedAt }) => endedAt === null);
  const over = items?.filter(({ endedAt }) => endedAt !== null) ?? [];
  return (
    <div className={`${page.page} ${css.wide}`}>
      <h1>{t("groups.title")}</h1>
      <Section title={t("groups.running")} hint={t("groups.hint")} action={mayDrive(session) && <StartLink />}>
        {groups.isPending && <Skeleton height={16} my={14} />}
        {groups.error && !items && <ErrorNote error={groups.error} onAgain={() => void groups.refetch()} />}
        {running?.length === 0 && <Blank title={t("groups.none")} />}
        {running && running.length > 0 && <Table groups={running} />}
      </Section>
      <Flows />
      {over.length > 0 && (
        <Section title={t("groups.past")}>
          <Table groups={over} over />
        </Section>
      )}
    </div>
  );
}

function StartLink() {
  const { t } = useTranslation();
  return (
    <Button component={Link} to="/groups/new" size="xs" leftSection={<IconPlus size={14} stroke={1.5} aria-hidden="true" />}>
      {t("groups.start")}
    </Button>
  );
}

type Item = GroupHead & { size: number };

function Table({ groups, over = false }: { groups: readonly Item[]; over?: boolean }) {
  const { t } = useTranslation();
  return (
    <table className={page.table}>
      <thead>
        <tr>
          <th>{t("groups.name")}</th>
          <th>{t("groups.phones")}</th>
          <th>{t("groups.leader")}</th>
          <th>{t("groups.stateOf")}</th>
          <th>{t(over ? "groups.endedAt" : "groups.since")}</th>
          <th>
            <span className="visually-hidden">{t("admin.actions")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {groups.map((group) => (
          <Line key={group.id} group={group} />
        ))}
      </tbody>
    </table>
  );
}

function Line({ group }: { group: Item }) {
  const { t } = useTranslation();
  const session = useSession();
  const navigate = useNavigate();
  const leader = useDevice(group.leader);
  const open = () => void navigate({ to: "/groups/$id", params: { id: group.id } });
  return (
    <tr>
      <td>
        <Link to="/groups/$id" params={{ id: group.id }} className={css.name}>
          {nameOfGroup(t, group)}
        </Link>
        {group.actor !== session?.actor && <span className={css.small}>{group.actorName}</span>}
      </td>
      <td data-name={t("groups.phones")}>{t("lease.phones", { count: group.size })}</td>
      <td data-name={t("groups.leader")}>{leader?.name ?? group.leader}</td>
      <td>
        <StateWords group={group} />
      </td>
      <td data-name={t("groups.since")} className={page.nowrap}>
        {formatTime(group.endedAt ?? group.createdAt)}
      </td>
      <td>
        <Button size="compact-sm" variant="default" onClick={open}>
          {t("groups.open")}
        </Button>
      </td>
    </tr>
  );
}

function StateWords({ group }: { group: Item }) {
  const { t } = useTranslation();
  if (group.endedAt !== null) return <span className={page.dim}>{group.endReason ?? t("groups.ended")}</span>;
  const words = [
    group.mode === "replay" ? t("groups.replaying") : t(group.paused ? "groups.paused" : "groups.driven"),
    group.recording && t("groups.recording"),
    t(`groups.aims.${group.aim}`),
  ];
  return <>{words.filter(Boolean).join(" · ")}</>;
}
