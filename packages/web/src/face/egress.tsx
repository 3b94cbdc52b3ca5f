import { Button, Skeleton } from "@mantine/core";
import type { EgressPrefix, Session } from "@phonerack/contract/api";
import { IconCircleCheck, IconClock, IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatDateTime } from "../language/format.js";
import { useNow } from "../leases/use-now.js";
import page from "../page/page.module.css";
import { Blank, Section } from "../page/section.js";
import { EgressForm } from "./egress-form.js";
import { isPending, stateOf } from "./egress-state.js";
import css from "./face.module.css";

const CALM_MS = 30_000;

/** The addresses that the lab says are its own: in force, announced, and over. */
export function Egress({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [changing, setChanging] = useState(false);
  const [earlier, setEarlier] = useState(false);
  useNow(CALM_MS);
  // What was announced just now is newer than the last tick.
  const now = Date.now();
  const face = useQuery(api.face.get.queryOptions());
  const all = face.data?.egress ?? [];
  const past = all.filter((one) => stateOf(one, now) === "past");
  const shown = earlier ? all : all.filter((one) => !past.includes(one));
  const pending = isPending(all, now);
  const action = session.lab === "owner" && face.data && !changing && !pending && (
    <Button size="compact-sm" variant="default" onClick={() => setChanging(true)}>
      {t(all.length === 0 ? "egress.first" : "egress.change")}
    </Button>
  );
  return (
    <Section title={t("egress.title")} hint={t("egress.hint")} action={action}>
      {face.isPending && <Skeleton height={60} my={12} />}
      {face.error && <ErrorNote error={face.error} onAgain={() => void face.refetch()} />}
      {face.data && changing && <EgressForm all={all} onDone={() => setChanging(false)} />}
      {face.data && all.length === 0 && !changing && <Blank title={t("egress.none")} />}
      {shown.length > 0 && <Prefixes all={shown} now={now} />}
      {pending && <p className={`${css.small} ${css.after}`}>{t("egress.pending")}</p>}
      {past.length > 0 && !earlier && (
        <p className={css.after}>
          <button type="button" className={page.link} onClick={() => setEarlier(true)}>
            {t("egress.earlier")}
          </button>
        </p>
      )}
    </Section>
  );
}

const ICONS = { now: IconCircleCheck, soon: IconClock, ending: IconClock, past: IconHistory } as const;

function Prefixes({ all, now }: { all: readonly EgressPrefix[]; now: number }) {
  const { t } = useTranslation();
  return (
    <table className={page.table}>
      <thead>
        <tr>
          <th>{t("egress.prefix")}</th>
          <th>{t("egress.state")}</th>
          <th>{t("egress.from")}</th>
          <th>{t("egress.until")}</th>
          <th>{t("egress.announced")}</th>
        </tr>
      </thead>
      <tbody>
        {all.map((one) => {
          const state = stateOf(one, now);
          const Icon = ICONS[state];
          return (
            <tr key={`${one.prefix} ${one.from}`}>
              <td className="mono">{one.prefix}</td>
              <td>
                <span className={css.state} data-state={state}>
                  <Icon size={16} stroke={1.5} aria-hidden="true" />
                  {t(`egress.${state}`)}
                </span>
              </td>
              <td data-name={t("egress.from")}>{formatDateTime(one.from)}</td>
              <td data-name={t("egress.until")}>
                {one.until === null ? <span className={css.dim}>{t("egress.open")}</span> : formatDateTime(one.until)}
              </td>
              <td data-name={t("egress.announced")} className={css.dim}>
                {formatDateTime(one.announcedAt)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
