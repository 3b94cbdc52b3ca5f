import { Button, CopyButton, Skeleton } from "@mantine/core";
import type { LogStatus, LogWitness } from "@phonerack/contract/api";
import { IconAlertTriangle, IconCircleCheck, IconClock, IconPlugConnectedX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatMoment, formatNumber } from "../language/format.js";
import { Row, Section } from "../page/section.js";
import css from "./admin.module.css";

const AGAIN_MS = 5_000;
const ICONS = {
  good: IconCircleCheck,
  waiting: IconClock,
  away: IconPlugConnectedX,
  refused: IconAlertTriangle,
  bad: IconAlertTriangle,
} as const;

/** The log that cannot be quietly rewritten: how large it is, when it was last signed, and who has seen it. */
export function SealedLog() {
  const { t } = useTranslation();
  const status = useQuery(api.log.status.queryOptions({ refetchInterval: AGAIN_MS }));
  return (
    <Section title={t("sealed.title")} hint={t("sealed.hint")}>
      {status.isPending && <Skeleton height={16} my={14} />}
      {status.error && <ErrorNote error={status.error} onAgain={() => void status.refetch()} />}
      {status.data && <Sealed status={status.data} />}
    </Section>
  );
}

function Sealed({ status }: { status: LogStatus }) {
  const { t } = useTranslation();
  const { size, checkpoint, appends, reason, vkey, witnesses, kinds, denials, behind } = status;
  return (
    <>
      <Row name={t("sealed.size")}>
        <span className={css.sealed} data-state={appends ? "good" : "bad"}>
          {t("sealed.leaves", { size: formatNumber(size) })}
          {!appends && ` · ${t("sealed.broken", { reason })}`}
        </span>
      </Row>
      <Row name={t("sealed.kinds")}>
        <span className={css.dim}>
          {Object.entries(kinds)
            .map(([kind, count]) => `${t(`sealed.kind.${kind}`, { defaultValue: kind })} ${formatNumber(count)}`)
            .join(" · ")}
        </span>
      </Row>
      <Row name={t("sealed.denied")}>
        <Denials hours={denials} />
      </Row>
      {behind.length > 0 && (
        <Row name={t("sealed.behind")}>
          <ul className={css.witnesses}>
            {behind.map(({ agent, lines, waited, writes }) => (
              <li key={agent} className={css.sealed} data-state={writes ? "away" : "bad"}>
                <IconAlertTriangle size={16} stroke={1.5} aria-hidden="true" />
                {t(writes ? "sealed.behindOf" : "sealed.refuses", {
                  agent,
                  lines: formatNumber(lines),
                  seconds: formatNumber(Math.round(waited / 1_000)),
                })}
              </li>
            ))}
          </ul>
        </Row>
      )}
      <Row name={t("sealed.checkpoint")}>
        {checkpoint
          ? t("sealed.signed", {
              size: formatNumber(checkpoint.size),
              at: formatMoment(checkpoint.at),
            })
          : t("sealed.unsigned")}
      </Row>
      <Row name={t("sealed.witnesses")}>
        {witnesses.length === 0 ? <span className={css.dim}>{t("sealed.nobody")}</span> : <Witnesses all={witnesses} />}
      </Row>
      <Row name={t("sealed.key")}>
        <span className={css.vkey}>
          <code>{vkey}</code>
          <CopyButton value={vkey}>
            {({ copied, copy }) => (
              <Button size="compact-xs" variant="subtle" color="gray" onClick={copy}>
                {t(copied ? "sealed.copied" : "sealed.copy")}
              </Button>
            )}
          </CopyButton>
        </span>
      </Row>
    </>
  );
}

const [CHART_HEIGHT, BAR, GAP] = [28, 6, 2];

/** A bar for each hour, the oldest first. */
function Denials({ hours }: { hours: LogStatus["denials"] }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...hours.map(({ count }) => count));
  const words = t("sealed.deniedDay", { count: hours.reduce((sum, { count }) => sum + count, 0) });
  return (
    <span className={css.denials}>
      <svg width={hours.length * (BAR + GAP)} height={CHART_HEIGHT} role="img" aria-label={words}>
        {hours.map(({ hour, count }, at) => {
          const height = count === 0 ? 1 : Math.max(3, (count / most) * CHART_HEIGHT);
          return (
            <rect
              key={hour}
              x={at * (BAR + GAP)}
              y={CHART_HEIGHT - height}
              width={BAR}
              height={height}
              data-none={count === 0 || undefined}
            >
              <title>{t("sealed.deniedHour", { time: formatMoment(hour), count })}</title>
            </rect>
          );
        })}
      </svg>
      {words}
    </span>
  );
}

function Witnesses({ all }: { all: readonly LogWitness[] }) {
  const { t } = useTranslation();
  return (
    <ul className={css.witnesses}>
      {all.map(({ vkey, name, state, reason, size }) => {
        const Icon = ICONS[state];
        return (
          <li key={vkey} className={css.sealed} data-state={state}>
            <Icon size={16} stroke={1.5} aria-hidden="true" />
            <span>
              {name} · {t(`sealed.${state}`, { size: formatNumber(size ?? 0) })}
              {reason !== null && <span className={css.small}>{reason}</span>}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
