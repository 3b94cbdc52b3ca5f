import { ActionIcon, Button } from "@mantine/core";
import type { JobTask } from "@phonerack/contract/api";
import { IconArrowUpRight, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { formatPercent, formatTook } from "../language/format.js";
import { useDevice } from "../live/live.js";
import css from "./jobs.module.css";
import { OutcomeBody } from "./outcome-body.js";
import { TaskMark } from "./task-mark.js";

/** One phone's part of a job: how it stands, how long it took, what came of it. */
export function TaskPanel({ task, onClose }: { task: JobTask; onClose: () => void }) {
  const { t } = useTranslation();
  const { deviceId, deviceName, state, attempt, progress, note, startedAt, endedAt } = task;
  const there = useDevice(deviceId) !== undefined;
  const facts = [
    startedAt !== null && endedAt !== null && t("jobs.took", { time: formatTook(endedAt - startedAt) }),
    attempt > 1 && t("jobs.attempt", { count: attempt }),
    state === "running" && progress !== null && formatPercent(progress * 100),
    note,
  ];
  return (
    <section className={css.panel} aria-label={t("jobs.phone", { name: deviceName })}>
      <header className={css.headLine}>
        <h2>{deviceName}</h2>
        <TaskMark state={state} />
        <span className={css.dim}>{facts.filter(Boolean).join(" · ")}</span>
        <span className={css.actions}>
          {there && (
            <Button
              component={Link}
              to={`/devices/${deviceId}`}
              size="compact-sm"
              variant="default"
              rightSection={<IconArrowUpRight size={14} stroke={1.5} aria-hidden="true" />}
            >
              {t("jobs.open")}
            </Button>
          )}
          <ActionIcon variant="subtle" color="gray" aria-label={t("jobs.close")} onClick={onClose}>
            <IconX size={18} stroke={1.5} aria-hidden="true" />
          </ActionIcon>
        </span>
      </header>
      <OutcomeBody state={state} result={task.result} error={task.error} />
    </section>
  );
}
