import type { TaskState } from "@phonerack/contract/api";
import {
  IconAlertTriangle,
  IconBan,
  IconCheck,
  IconCircleDashed,
  IconClockX,
  IconLoader2,
  IconX,
  type TablerIcon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import css from "./jobs.module.css";

export const TASK_ICONS: Record<TaskState, TablerIcon> = {
  waiting: IconCircleDashed,
  running: IconLoader2,
  done: IconCheck,
  failed: IconX,
  stale: IconClockX,
  interrupted: IconAlertTriangle,
  cancelled: IconBan,
};

/** How one phone's part stands: always icon, word and colour. `count`: of so many phones. */
export function TaskMark({ state, count }: { state: TaskState; count?: string }) {
  const { t } = useTranslation();
  const Icon = TASK_ICONS[state];
  return (
    <span className={css.mark} data-task={state} title={t(`jobs.taskHow.${state}`)}>
      <Icon size={14} stroke={1.5} aria-hidden="true" />
      {count !== undefined && <span>{count}</span>} {t(`jobs.task.${state}`)}
    </span>
  );
}
