import { ActionIcon, Button, Menu } from "@mantine/core";
import type { DeviceId } from "@phonerack/contract/api";
import { IconDots, IconPackageImport, IconTerminal2, IconUsersGroup, IconX } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { shownError } from "../api/sentence.js";
import { formatNumber } from "../language/format.js";
import { useLive } from "../live/live.js";
import { useActor } from "../session/use-session.js";
import { STATUSES, statusOf } from "../status/status.js";
import { StatusMark } from "../status/status-mark.js";
import { useWorkActions } from "../workbench/use-work-actions.js";
import { WorkItems } from "../workbench/work-items.js";
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
  const listed = useMemo(() => [...ids], [ids]);
  const { devices, free, mine, lease, drive, release, action } = useSelectionActions(listed);
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
        <Work ids={listed} />
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

/** What is done most on the phones that one holds, and the rest behind one button. */
function Work({ ids }: { ids: readonly DeviceId[] }) {
  const { t } = useTranslation();
  const { held, begin } = useWorkActions(ids);
  if (held.length === 0) return null;
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={t("work.install", { count: held.length })}
        leftSection={<IconPackageImport size={14} stroke={1.5} aria-hidden="true" />}
        onClick={() => begin("install")}
      >
        {t("work.short.install")}
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={t("work.run", { count: held.length })}
        leftSection={<IconTerminal2 size={14} stroke={1.5} aria-hidden="true" />}
        onClick={() => begin("run")}
      >
        {t("work.short.run")}
      </Button>
      <Menu position="top-end" shadow="none">
        <Menu.Target>
          <ActionIcon variant="default" size={26} aria-label={t("work.more")}>
            <IconDots size={16} stroke={1.5} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <WorkItems ids={ids} but={SHOWN} />
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

const SHOWN = ["install", "run"] as const;

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
