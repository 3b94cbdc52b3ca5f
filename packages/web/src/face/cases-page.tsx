import { Skeleton } from "@mantine/core";
import type { AbuseCase, Session } from "@phonerack/contract/api";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatTime } from "../language/format.js";
import { More } from "../page/more.js";
import page from "../page/page.module.css";
import { Blank, Section } from "../page/section.js";
import { CaseBody, CaseHead, CaseState } from "./case.js";
import { Egress } from "./egress.js";
import css from "./face.module.css";
import { FaceSection } from "./face-section.js";

const AGAIN_MS = 10_000;
const MOST = 200;
const AT_ONCE = 20;

/** Questions of platforms, those that wait first; and what the lab says of itself, by which they found it. */
export function CasesPage({ session }: { session: Session }) {
  const { t } = useTranslation();
  const cases = useQuery(api.cases.list.queryOptions({ input: { limit: MOST }, refetchInterval: AGAIN_MS }));
  const tenants = useQuery(api.tenants.list.queryOptions()).data?.items;
  const organisation = useCallback((id: string) => tenants?.find((one) => one.id === id)?.name ?? id, [tenants]);
  const [shown, setShown] = useState(AT_ONCE);
  const items = cases.data?.items ?? [];
  const [waiting, answered] = [items.filter(({ state }) => state === "open"), items.filter(({ state }) => state !== "open")];
  return (
    <>
      <Section title={t("cases.title")} hint={t("cases.hint")}>
        {cases.isPending && <Skeleton height={160} my={12} />}
        {cases.error && <ErrorNote error={cases.error} onAgain={() => void cases.refetch()} />}
        {cases.data && waiting.length === 0 && (
          <Blank title={t(items.length === 0 ? "cases.none" : "cases.waitingNone")}>
            {items.length === 0 && <p className={css.small}>{t("cases.noneHow", { path: "POST /api/v1/abuse/lookup" })}</p>}
          </Blank>
        )}
        {waiting.slice(0, shown).map((one) => (
          <article key={one.id} className={css.case} aria-label={t("cases.showOf", { id: one.id })}>
            <CaseHead of={one} />
            <CaseBody of={one} organisation={organisation} />
          </article>
        ))}
        {shown < waiting.length && <More words={t("cases.more")} onMore={() => setShown(shown + AT_ONCE)} />}
        {items.length === MOST && <p className={css.small}>{t("cases.many", { count: MOST })}</p>}
      </Section>
      {answered.length > 0 && (
        <Section title={t("cases.answered")}>
          <Answered all={answered} organisation={organisation} />
        </Section>
      )}
      <FaceSection session={session} />
      <Egress session={session} />
    </>
  );
}

interface AnsweredProps {
  readonly all: readonly AbuseCase[];
  readonly organisation: (id: string) => string;
}

function Answered({ all, organisation }: AnsweredProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(AT_ONCE);
  return (
    <>
      <table className={page.table}>
        <thead>
          <tr>
            <th>{t("cases.about")}</th>
            <th>{t("cases.stateHead")}</th>
            <th>{t("cases.last")}</th>
            <th>
              <span className="visually-hidden">{t("admin.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.slice(0, shown).map((one) => (
            <Line key={one.id} of={one} organisation={organisation} />
          ))}
        </tbody>
      </table>
      {shown < all.length && <More words={t("cases.more")} onMore={() => setShown(shown + AT_ONCE)} />}
    </>
  );
}

function Line({ of, organisation }: { of: AbuseCase; organisation: (id: string) => string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <tr>
        <td>
          {t("cases.seen", { ip: of.ip, time: formatTime(of.time) })}
          <span className={css.small}>
            <bdi>{of.contact || t("cases.noContact")}</bdi>
          </span>
        </td>
        <td>
          <CaseState of={of} />
        </td>
        <td className={css.dim}>{formatTime(of.messages.at(-1)?.at ?? of.createdAt)}</td>
        <td>
          <button
            type="button"
            className={page.link}
            aria-expanded={open}
            aria-label={t("cases.showOf", { id: of.id })}
            onClick={() => setOpen(!open)}
          >
            {t(open ? "flags.hide" : "flags.show")}
          </button>
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={4} style={{ textAlign: "left" }}>
            <CaseBody of={of} organisation={organisation} />
          </td>
        </tr>
      )}
    </>
  );
}
