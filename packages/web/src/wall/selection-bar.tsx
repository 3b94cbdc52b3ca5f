import { ActionIcon, Button } from "@mantine/core";
import type { DeviceId } from "@phonerack/contract/api";
import { IconUsersGroup, IconX } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { shownError } from "../api/sentence.js";
import { formatNumber } from "../language/format.js";
import { useLive } from "../live/live.js";
import { useActor } from "../session/use-session.js";
import { STATUSES, statusOf } from "../status/status.js";
import { StatusMark } from "../status/status-mark.js";
import css from "./selection-bar.module.css";
import { useSelectedIds } from "./use-selection.js";
import { useSelectionActions } from "./use-selection-actions.js";

interface SelectionBarProps {
  /** What the filters leave on the wall. */
  shown: readonly DeviceId[];
}

/** What is selected and what can be done with it. Lies over the wall's lower edge, so that no tile moves when it comes. */
export function SelectionBar({ shown }: SelectionBarProps) {
  const ids = useSelectedIds();
  return ids.size > 0 ? <Bar ids={ids} shown={shown} /> : null;
}

function Bar({ ids, shown }: SelectionBarProps & { ids: ReadonlySet<DeviceId> }) {
  const { t } = useTranslation();
  const { selection } = useLive();
  const hidden = useMemo(() => ids.size - shown.filter((id) => ids.has(id)).length, [ids, shown]);
  const { devices, free, mine, lease, drive, release, action } = useSelectionActions(useMemo(() => [...ids], [ids]));
  const refused = action.error && (shownError(action.error).message ?? t("error.unreachable"));
  return (
    <div className={css.bar} role="toolbar" aria-label={t("wall.selection")}>
      <strong role="status">{t("wall.selected", { count: ids.size })}</strong>
      {hidden > 0 && <span className={css.dim}>{t("wall.selectedHidden", { count: hidden })}</span>}
      <Counts devices={devices} />
      {refused && (
        <span className={css.refused} role="alert" title={refused}>
          {refused}
        </span>
      )}
      <span className={css.actions}>
        {lease && (
          <Button size="compact-sm" variant="default" loading={action.running === "take"} onClick={lease}>
            {t("wall.leaseSelected", { count: free.length })}
          </Button>
        )}
        {drive && (
          <Button size="compact-sm" leftSection={<IconUsersGroup size={14} stroke={1.5} aria-hidden="true" />} onClick={drive}>
            {t("wall.driveSelected", { count: mine.length })}
          </Button>
        )}
        {release && (
          <Button size="compact-sm" variant="default" loading={action.running === "release"} onClick={release}>
            {t("wall.releaseSelected", { count: mine.length })}
          </Button>
        )}
        <ActionIcon variant="subtle" color="gray" aria-label={t("wall.clearSelection")} onClick={() => selection.clear()}>
          <IconX size={18} stroke={1.5} aria-hidden="true" />
        </ActionIcon>
      </span>
    </div>
  );
}

function Counts({ devices }: { devices: ReturnType<typeof useSelectionActions>["devices"] }) {
  const actor = useActor();
  const counts = new Map<string, number>();
  for (const device of devices) {
    const status = statusOf(device, actor);
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return (
    <span className={css.counts}>
      {STATUSES.filter((status) => counts.has(status)).map((status) => (
        <span key={status} className={css.count}>
          <StatusMark status={status} /> <span className={css.dim}>{formatNumber(counts.get(status) ?? 0)}</span>
        </span>
      ))}
    </span>
  );
}
