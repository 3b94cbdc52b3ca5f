import { Button, Skeleton } from "@mantine/core";
import type { AgentView } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatNumber, formatTime } from "../language/format.js";
import page from "../page/page.module.css";
import { Blank, Section } from "../page/section.js";
import { SureButton } from "../page/sure-button.js";
import { AddHost } from "./add-host.js";
import css from "./admin.module.css";

/** Control says a host is gone after 5 s without its heartbeat; this page is not much later. */
const LOOK_EVERY_MS = 3_000;

/** The machines beside the chassis: which are here, which are gone; how another joins. */
export function Hosts() {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const agents = useQuery(api.agents.list.queryOptions({ refetchInterval: LOOK_EVERY_MS }));
  const items = agents.data?.items;
  const action = !adding && (
    <Button size="compact-sm" disabled={!items} onClick={() => setAdding(true)}>
      {t("hosts.add")}
    </Button>
  );
  return (
    <Section title={t("admin.hosts")} hint={t("hosts.hint")} action={action}>
      {adding && items && <AddHost agents={items} onDone={() => setAdding(false)} />}
      {agents.isPending && <Skeleton height={16} my={14} />}
      {agents.error && <ErrorNote error={agents.error} onAgain={() => void agents.refetch()} />}
      {items?.length === 0 && !adding && <Blank title={t("hosts.none")} />}
      {items && items.length > 0 && (
        <table className={page.table}>
          <thead>
            <tr>
              <th>{t("hosts.name")}</th>
              <th>{t("hosts.presence")}</th>
              <th>{t("hosts.phones")}</th>
              <th>{t("hosts.version")}</th>
              <th>{t("hosts.joinedBy")}</th>
              <th>
                <span className="visually-hidden">{t("admin.actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((agent) => (
              <Line key={agent.id} agent={agent} />
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function Line({ agent }: { agent: AgentView }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const remove = useMutation(
    api.agents.remove.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.agents.key() }) }),
  );
  const local = agent.joinedAt === null;
  return (
    <tr>
      <td>
        <span className="mono">{agent.id}</span>
        {agent.host && agent.host !== agent.id && <span className={css.small}>{agent.host}</span>}
        {remove.error && <ErrorNote error={remove.error} />}
      </td>
      <td>
        <span className={css.presence} data-presence={agent.presence}>
          {t(`hosts.${agent.presence}`)}
          {agent.presence !== "never" && <span className={css.dim}>{t("hosts.since", { time: formatTime(agent.since) })}</span>}
        </span>
      </td>
      <td data-name={t("hosts.phones")}>{formatNumber(agent.devices)}</td>
      <td data-name={t("hosts.version")}>{agent.version ?? t("hosts.unknown")}</td>
      <td data-name={t("hosts.joinedBy")}>
        {agent.joinedAt === null
          ? t("hosts.local")
          : t("hosts.joinedValue", { time: formatTime(agent.joinedAt), name: agent.joinedBy ?? "?" })}
      </td>
      <td>
        {!local && (
          <SureButton
            label={t("admin.remove")}
            of={agent.id}
            question={t("hosts.removeQuestion")}
            pending={remove.isPending}
            onSure={() => remove.mutate({ id: agent.id })}
          />
        )}
      </td>
    </tr>
  );
}
