import { Skeleton } from "@mantine/core";
import type { Flag, Session } from "@phonerack/contract/api";
import { IconAlertTriangle, IconCircleCheck, IconMessageReport, IconPlayerPause } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNames } from "../admin/use-names.js";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatTime } from "../language/format.js";
import { More } from "../page/more.js";
import page from "../page/page.module.css";
import { Blank, Section } from "../page/section.js";
import { FlagBody, type FlagNames } from "./flag-body.js";
import css from "./flags.module.css";
import { RuleCounts } from "./rule-counts.js";
import { flaggedWith, waits } from "./together.js";

const AGAIN_MS = 10_000;
const MOST = 500;
const AT_ONCE = 20;

/** What watching found: those that wait for a person first. Those who run the lab see all flags, others those about their own organisation. */
export function FlagsPage({ session }: { session: Session }) {
  const { t } = useTranslation();
  const flags = useQuery(api.flags.list.queryOptions({ input: { limit: MOST }, refetchInterval: AGAIN_MS }));
  const names = useFlagNames(session);
  const [shown, setShown] = useState(AT_ONCE);
  const hint = t(session.lab ? "flags.hint" : "flags.ownHint");
  if (!flags.data) {
    return (
      <Section title={t("flags.title")} hint={hint}>
        {flags.isPending && <Skeleton height={180} my={12} />}
        {flags.error && <ErrorNote error={flags.error} onAgain={() => void flags.refetch()} />}
      </Section>
    );
  }
  const { items } = flags.data;
  const [waiting, decided] = [items.filter(waits), items.filter((flag) => !waits(flag))];
  return (
    <>
      <Section title={t("flags.waiting")} hint={hint}>
        {waiting.length === 0 && (
          <Blank title={t("flags.nothing")}>
            <p className={css.small}>{t("flags.nothingHow")}</p>
          </Blank>
        )}
        {waiting.slice(0, shown).map((flag) => (
          <article key={flag.id} className={css.card} aria-label={`${t(`flags.rule.${flag.rule}`)}: ${flag.id}`}>
            <Head flag={flag} organisation={session.lab ? names.organisation(flag.tenant) : undefined} />
            <FlagBody flag={flag} session={session} names={names} together={flaggedWith(flag, items)} />
          </article>
        ))}
        {shown < waiting.length && <More words={t("flags.more")} onMore={() => setShown(shown + AT_ONCE)} />}
      </Section>
      {session.lab !== null && items.length > 0 && (
        <Section title={t("flags.counts")} hint={t("flags.countsHint")}>
          <RuleCounts flags={items} />
          {items.length === MOST && <p className={css.small}>{t("flags.many", { count: MOST })}</p>}
        </Section>
      )}
      {decided.length > 0 && (
        <Section title={t("flags.decided")}>
          <Decided flags={decided} all={items} session={session} names={names} />
        </Section>
      )}
    </>
  );
}

function useFlagNames(session: Session): FlagNames {
  const phone = useNames();
  const tenants = useQuery({ ...api.tenants.list.queryOptions(), enabled: session.lab !== null }).data?.items;
  const organisation = useCallback(
    (id: string) => tenants?.find((one) => one.id === id)?.name ?? (id === session.tenant ? (session.tenantName ?? id) : id),
    [tenants, session],
  );
  return useMemo(() => ({ phone, organisation }), [phone, organisation]);
}

const ICONS = {
  open: IconAlertTriangle,
  appealed: IconMessageReport,
  upheld: IconAlertTriangle,
  cleared: IconCircleCheck,
} as const;

function Head({ flag, organisation }: { flag: Flag; organisation: string | undefined }) {
  const { t } = useTranslation();
  return (
    <header className={css.head}>
      <h3>{t(`flags.rule.${flag.rule}`)}</h3>
      {organisation !== undefined && <span className={css.whose}>{organisation}</span>}
      <State flag={flag} />
      <span className={`${css.id} mono`}>{flag.id}</span>
    </header>
  );
}

function State({ flag: { state, paused } }: { flag: Flag }) {
  const { t } = useTranslation();
  const Icon = ICONS[state];
  return (
    <>
      <span className={css.state} data-state={state}>
        <Icon size={16} stroke={1.5} aria-hidden="true" />
        {t(`flags.state.${state}`)}
      </span>
      {paused && (
        <span className={css.state} data-state="paused">
          <IconPlayerPause size={16} stroke={1.5} aria-hidden="true" />
          {t("flags.pauses").toLowerCase()}
        </span>
      )}
    </>
  );
}

interface DecidedProps {
  readonly flags: readonly Flag[];
  readonly all: readonly Flag[];
  readonly session: Session;
  readonly names: FlagNames;
}

function Decided({ flags, all, session, names }: DecidedProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(AT_ONCE);
  return (
    <>
      <table className={page.table}>
        <thead>
          <tr>
            <th>{t("flags.about")}</th>
            <th>{t("flags.verdict")}</th>
            <th>{t("flags.when")}</th>
            <th>
              <span className="visually-hidden">{t("admin.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {flags.slice(0, shown).map((flag) => (
            <Line key={flag.id} flag={flag} all={all} session={session} names={names} />
          ))}
        </tbody>
      </table>
      {shown < flags.length && <More words={t("flags.more")} onMore={() => setShown(shown + AT_ONCE)} />}
    </>
  );
}

function Line({ flag, all, session, names }: { flag: Flag; all: readonly Flag[]; session: Session; names: FlagNames }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <tr>
        <td>
          {t(`flags.rule.${flag.rule}`)}
          <span className={css.small}>{session.lab ? names.organisation(flag.tenant) : flag.id}</span>
        </td>
        <td>
          <span className={css.states}>
            <State flag={flag} />
          </span>
        </td>
        <td className={css.dim}>{formatTime(flag.history.at(-1)?.at ?? flag.at)}</td>
        <td>
          <button
            type="button"
            className={page.link}
            aria-expanded={open}
            aria-label={t("flags.showOf", { id: flag.id })}
            onClick={() => setOpen(!open)}
          >
            {t(open ? "flags.hide" : "flags.show")}
          </button>
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={4} style={{ textAlign: "left" }}>
            <FlagBody flag={flag} session={session} names={names} together={flaggedWith(flag, all)} />
          </td>
        </tr>
      )}
    </>
  );
}
