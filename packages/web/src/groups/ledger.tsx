import { Skeleton } from "@mantine/core";
import type { DeviceId, GroupId, StepAnswer, StepRecord } from "@phonerack/contract/api";
import { IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { sentence } from "../api/sentence.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatClock, formatDuration, formatNumber } from "../language/format.js";
import { useDevice } from "../live/live.js";
import css from "./ledger.module.css";
import { COUNT_KINDS, countsOf } from "./ledger-counts.js";
import { useSteps } from "./use-group.js";

interface LedgerProps {
  group: GroupId;
  onChoose: (id: DeviceId) => void;
}

/** What was done, and how all took it; the newest on top. A line opens to the answer of each phone. */
export function Ledger({ group, onChoose }: LedgerProps) {
  const { t } = useTranslation();
  const steps = useSteps(group);
  const [opened, setOpened] = useState<number>();
  return (
    <section className={css.ledger} aria-label={t("groups.ledger")}>
      {steps.length === 0 && <p className={css.none}>{t("groups.noSteps")}</p>}
      <ol>
        {steps.toReversed().map((record) => (
          <Line
            key={record.seq}
            group={group}
            record={record}
            opened={record.seq === opened}
            onToggle={setOpened}
            onChoose={onChoose}
          />
        ))}
      </ol>
    </section>
  );
}

interface LineProps {
  group: GroupId;
  record: StepRecord;
  opened: boolean;
  onToggle: (change: (before: number | undefined) => number | undefined) => void;
  onChoose: (id: DeviceId) => void;
}

const Line = memo(function Line({ group, record, opened, onToggle, onChoose }: LineProps) {
  const { t } = useTranslation();
  const { seq, at, words, ms } = record;
  const counts = countsOf(record);
  return (
    <li className={css.item} data-opened={opened || undefined}>
      <button
        type="button"
        className={css.line}
        aria-expanded={opened}
        onClick={() => onToggle((before) => (before === seq ? undefined : seq))}
      >
        <IconChevronRight size={14} stroke={1.5} className={css.arrow} aria-hidden="true" />
        <time className={css.time}>{formatClock(at)}</time>
        <span className={css.words}>{words}</span>
        <span className={css.counts}>
          {counts.map(({ kind, count }) => (
            <span key={kind} data-count={kind}>
              {t(`groups.count.${kind}`, { count, shown: formatNumber(count) })}
            </span>
          ))}
        </span>
        <span className={css.bar} aria-hidden="true">
          {counts.map(({ kind, part }) => (
            <i key={kind} data-count={kind} style={{ flexGrow: part }} />
          ))}
        </span>
        <span className={css.ms}>{ms === null ? "" : formatDuration(ms)}</span>
      </button>
      {opened && <Answers group={group} record={record} onChoose={onChoose} />}
    </li>
  );
});

const AGAIN_MS = 1_000;
/** All of a thousand that did well say nothing new; those that did not are all shown, these only in part. */
const MOST_WELL = 40;

function Answers({ group, record, onChoose }: { group: GroupId; record: StepRecord; onChoose: (id: DeviceId) => void }) {
  const { t } = useTranslation();
  const asked = useQuery(
    api.groups.answers.queryOptions({
      input: { id: group, seq: record.seq },
      refetchInterval: record.waiting > 0 ? AGAIN_MS : false,
      retry: false,
    }),
  );
  // What the ledger itself carries is there at once, and still there when control has forgotten the rest.
  const answers = asked.data?.answers ?? record.answers;
  const sorted = COUNT_KINDS.toReversed().flatMap((kind) => answers.filter(({ outcome }) => outcome === kind));
  const well = sorted.filter(({ outcome }) => outcome === "applied" || outcome === "delivered");
  const hidden = Math.max(0, well.length - MOST_WELL);
  return (
    <div className={css.answers}>
      {asked.isPending && answers.length === 0 && <Skeleton height={14} width={280} my={6} />}
      {asked.error && answers.length === 0 && <ErrorNote error={asked.error} />}
      <ul>
        {sorted.slice(0, sorted.length - hidden).map((answer) => (
          <Answer key={answer.deviceId} answer={answer} onChoose={onChoose} />
        ))}
      </ul>
      {hidden > 0 && <p className={css.none}>{t("groups.moreWell", { count: hidden })}</p>}
    </div>
  );
}

function Answer({ answer, onChoose }: { answer: StepAnswer; onChoose: (id: DeviceId) => void }) {
  const { t } = useTranslation();
  const { deviceId, outcome, ms, element, error } = answer;
  const device = useDevice(deviceId);
  return (
    <li>
      <button type="button" className={css.answer} onClick={() => onChoose(deviceId)}>
        <span className={css.name}>{device?.name ?? deviceId}</span>
        <span data-count={outcome}>{t(`groups.outcome.${outcome}`)}</span>
        <span className={css.detail}>{[element, error && sentence(error)].filter(Boolean).join(" · ")}</span>
        <span className={css.ms}>{formatDuration(ms)}</span>
      </button>
    </li>
  );
}
