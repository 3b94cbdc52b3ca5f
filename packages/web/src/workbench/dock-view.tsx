import { ActionIcon, Progress } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronUp, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../frame/error-note.js";
import { overOf } from "../jobs/job-counts.js";
import { formatNumber, formatPercent } from "../language/format.js";
import { useLive } from "../live/live.js";
import { useSelectedIds } from "../wall/use-selection.js";
import { Consent } from "./consent.js";
import type { DockItem } from "./dock.js";
import { useDockItems } from "./use-dock.js";
import css from "./workbench.module.css";

interface DockViewProps {
  onWall: boolean;
  /** The job whose page is open: it is not told twice. */
  job: string | undefined;
}

/** What was begun here, at the lower edge of every page until it has ended; can be made small, and left. */
export function DockView({ onWall, job }: DockViewProps) {
  const { t } = useTranslation();
  const items = useDockItems().filter((item) => item.job === undefined || item.job.id !== job);
  const [small, { toggle }] = useDisclosure(false);
  // The wall's selection bar lies at the same edge.
  const barred = useSelectedIds().size > 0 && onWall;
  if (items.length === 0) return null;
  const running = items.filter(({ stage }) => stage !== "ended" && stage !== "failed").length;
  return (
    <section className={css.dock} aria-label={t("dock.title")} data-small={small || undefined} data-above={barred || undefined}>
      <header className={css.dockHead}>
        <h2>{running > 0 ? t("dock.small", { count: running }) : t("dock.ended")}</h2>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-expanded={!small}
          aria-label={t(small ? "dock.expand" : "dock.collapse")}
          onClick={toggle}
        >
          {small ? <IconChevronUp size={16} stroke={1.5} /> : <IconChevronDown size={16} stroke={1.5} />}
        </ActionIcon>
      </header>
      {!small && (
        <ul className={css.items}>
          {items.map((item) => (
            <li key={item.key} className={css.item}>
              <Item item={item} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Item({ item }: { item: DockItem }) {
  const { t } = useTranslation();
  const { dock, devices } = useLive();
  const { key, title, stage, part, job, error } = item;
  const [first = ""] = item.devices;
  const phones =
    item.devices.length === 1 ? (devices.get(first)?.name ?? first) : t("jobs.phones", { count: item.devices.length });
  const moving = stage === "uploading" || stage === "reading" || stage === "working";
  const { words, tone } = useWords(item);
  return (
    <>
      <div className={css.itemLine}>
        <strong title={title}>{title}</strong>
        {job && (
          <Link to="/jobs/$id" params={{ id: job.id }}>
            {t("dock.show")}
          </Link>
        )}
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={t(moving && !job ? "dock.giveUp" : "dock.dismiss")}
          onClick={() => dock.drop(key)}
        >
          <IconX size={16} stroke={1.5} aria-hidden="true" />
        </ActionIcon>
      </div>
      {stage === "failed" && error !== undefined ? (
        <ErrorNote error={error} />
      ) : (
        <p {...(moving ? {} : { role: "status" })} data-tone={tone}>
          {item.devices.length > 0 && `${phones} · `}
          {words}
        </p>
      )}
      {moving && (
        <Progress className={css.itemBar ?? ""} size={4} value={part * 100} aria-label={words} animated={stage === "reading"} />
      )}
      {stage === "asked" && (
        <div className={css.agree}>
          <Consent devices={item.devices} pending={false} onAgree={() => dock.agree(key)} />
        </div>
      )}
    </>
  );
}

function useWords({ kind, stage, part, job, build }: DockItem): { words: string; tone?: "done" | "failed" } {
  const { t } = useTranslation();
  switch (stage) {
    case "uploading":
      return { words: t("dock.stage.uploading", { part: formatPercent(part * 100) }) };
    case "working": {
      const over = job ? overOf(job) : 0;
      return { words: t("dock.stage.working", { over: formatNumber(over), size: formatNumber(job?.size ?? 0) }) };
    }
    case "ended": {
      if (build) return { words: t("dock.stage.kept"), tone: "done" };
      const { size, done } = { size: job?.size ?? 0, done: job?.counts.done ?? 0 };
      if (done === size) return { words: t("dock.stage.done"), tone: "done" };
      if (done === 0) return { words: t("dock.stage.failed"), tone: "failed" };
      const words = t("dock.stage.some", { done: formatNumber(done), failed: formatNumber(size - done) });
      return { words, tone: "failed" };
    }
    case "reading":
      return { words: t(kind === "job" ? "dock.stage.beginning" : "dock.stage.reading") };
    case "asked":
    case "failed":
      return { words: t(`dock.stage.${stage}`), ...(stage === "failed" ? { tone: "failed" as const } : {}) };
  }
}
