import { Button, Checkbox, Progress, Textarea } from "@mantine/core";
import type { AbuseCase } from "@phonerack/contract/api";
import { IconAlertTriangle, IconCircleCheck, IconClock, IconLock } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatDateTime, formatRange, formatSpan, formatTime } from "../language/format.js";
import { useNow } from "../leases/use-now.js";
import page from "../page/page.module.css";
import css from "./face.module.css";

const CALM_MS = 30_000;
const SOON = 0.75;
/** Of a busy lab there may be hundreds. */
const LEASES = 10;

/** Which traffic, whose question, and how much of the time to answer is over. */
export function CaseHead({ of }: { of: AbuseCase }) {
  const { t } = useTranslation();
  const { ip, time, createdAt, answerBy, overdue, contact } = of;
  useNow(CALM_MS);
  const now = Date.now();
  const share = Math.min(1, Math.max(0, (now - createdAt) / Math.max(1, answerBy - createdAt)));
  const words = t("cases.progress", { percent: Math.round(share * 100) });
  const color = overdue ? "var(--danger)" : share >= SOON ? "var(--warn)" : "var(--accent)";
  return (
    <header className={css.head}>
      <div>
        <h3>{t("cases.seen", { ip, time: formatTime(time) })}</h3>
        <span className={css.small}>
          <bdi>{contact || t("cases.noContact")}</bdi> · <span className="mono">{of.id}</span>
        </span>
      </div>
      <div className={css.due} data-overdue={overdue || undefined}>
        <span>
          {overdue ? <IconAlertTriangle {...ICON} /> : <IconClock {...ICON} />}
          {overdue
            ? t("cases.overdue", { time: formatSpan(now - answerBy) })
            : t("cases.due", { time: formatSpan(answerBy - now) })}
        </span>
        <Progress size={6} radius={3} value={share * 100} color={color} aria-label={words} />
        <span className={css.small}>{t("cases.dueAt", { time: formatDateTime(answerBy) })}</span>
      </div>
    </header>
  );
}

const ICON = { size: 16, stroke: 1.5, "aria-hidden": true } as const;
const ICONS = { open: IconClock, answered: IconCircleCheck, closed: IconLock } as const;

export function CaseState({ of: { state } }: { of: AbuseCase }) {
  const { t } = useTranslation();
  const Icon = ICONS[state];
  return (
    <span className={css.state} data-state={state}>
      <Icon {...ICON} />
      {t(`cases.state.${state}`)}
    </span>
  );
}

interface CaseBodyProps {
  readonly of: AbuseCase;
  readonly organisation: (id: string) => string;
}

/** What was written, which leases were open then, and the answer. */
export function CaseBody({ of, organisation }: CaseBodyProps) {
  const { t } = useTranslation();
  return (
    <>
      <ol className={css.messages} aria-label={t("cases.messages")}>
        {of.messages.length === 0 && <li className={css.dim}>{t("cases.silent")}</li>}
        {of.messages.map(({ at, by, text }) => (
          <li key={`${at} ${by}`} data-by={by}>
            <span className={css.small}>
              {t(`cases.${by}`)} · {formatDateTime(at)}
            </span>
            <p>{text}</p>
          </li>
        ))}
      </ol>
      <Leases of={of} organisation={organisation} />
      {of.state !== "closed" && <Answer of={of} />}
    </>
  );
}

/** Who asked sees the references alone. */
function Leases({ of: { leases }, organisation }: CaseBodyProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(LEASES);
  if (leases.length === 0) return <p className={css.dim}>{t("cases.noLeases")}</p>;
  return (
    <>
      <table className={`${page.table} ${css.leases}`} aria-label={t("cases.leases")}>
        <thead>
          <tr>
            <th>{t("cases.organisation")}</th>
            <th>{t("cases.lease")}</th>
            <th>{t("cases.reference")}</th>
            <th>{t("cases.span")}</th>
            <th>{t("cases.packages")}</th>
          </tr>
        </thead>
        <tbody>
          {leases.slice(0, shown).map(({ lease, tenant, reference, from, until, packages }) => (
            <tr key={lease}>
              <td>{organisation(tenant)}</td>
              <td>
                <Link to="/leases" search={{ lease }} className="mono">
                  {lease}
                </Link>
              </td>
              <td className="mono" data-name={t("cases.reference")}>
                {reference}
              </td>
              <td className={css.dim}>{formatRange(from, until)}</td>
              <td data-name={t("cases.packages")}>
                {packages.length === 0 ? <span className={css.dim}>{t("cases.noPackages")}</span> : packages.join(", ")}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown < leases.length && (
        <button type="button" className={page.link} onClick={() => setShown(leases.length)}>
          {t("cases.moreLeases", { count: leases.length - shown })}
        </button>
      )}
    </>
  );
}

function Answer({ of: { id, state } }: { of: AbuseCase }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [close, setClose] = useState(false);
  const [tried, setTried] = useState(false);
  const answer = useMutation(
    api.cases.answer.mutationOptions({
      onSuccess: async () => {
        setText("");
        setTried(false);
        await queries.invalidateQueries({ queryKey: api.cases.key() });
      },
    }),
  );
  const empty = text.trim() === "";
  return (
    <form
      className={css.answer}
      aria-label={t("cases.answerTo", { id })}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!empty) answer.mutate({ id, text: text.trim(), close });
      }}
    >
      <Textarea
        size="xs"
        label={t(state === "open" ? "cases.answer" : "cases.add")}
        description={t("cases.answerHint")}
        autosize
        minRows={2}
        maxLength={4_000}
        value={text}
        error={tried && empty && t("cases.tooShort")}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Checkbox size="xs" label={t("cases.close")} checked={close} onChange={(event) => setClose(event.currentTarget.checked)} />
      <div className={page.actions}>
        <Button type="submit" size="xs" variant={state === "open" ? "filled" : "default"} loading={answer.isPending}>
          {t(close ? "cases.closeDo" : "cases.do")}
        </Button>
      </div>
      {answer.error && <ErrorNote error={answer.error} />}
    </form>
  );
}
