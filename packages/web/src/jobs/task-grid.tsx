import type { DeviceId, JobTask } from "@phonerack/contract/api";
import { type KeyboardEvent, memo, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatPercent } from "../language/format.js";
import { useDevices, useLive } from "../live/live.js";
import css from "./jobs.module.css";
import { TASK_ICONS } from "./task-mark.js";
import { placeTasks } from "./task-places.js";

/** A row of squares is as wide as a row of slots. */
const SLOTS = 64;

interface TaskGridProps {
  tasks: readonly JobTask[];
  chosen: DeviceId | undefined;
  onChoose: (id: DeviceId | undefined) => void;
}

/** Each phone a square, as they stand in the room; one stop for Tab, arrows go from one to the next. A thousand fit. */
export function TaskGrid({ tasks, chosen, onChoose }: TaskGridProps) {
  const { t } = useTranslation();
  const { devices } = useLive();
  // Where they stand is known once the list of phones is there.
  const known = useDevices() !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `known` says when `devices` has something to say.
  const places = useMemo(() => placeTasks(tasks, devices), [tasks, devices, known]);
  const order = useMemo(() => places.flatMap((place) => place.tasks.map(({ deviceId }) => deviceId)), [places]);
  const [at, setAt] = useState<DeviceId>();
  const current = at !== undefined && order.includes(at) ? at : (chosen ?? order[0]);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = STEPS[event.key];
    if (step === undefined || current === undefined) return;
    const next = order[order.indexOf(current) + step];
    if (next === undefined) return;
    event.preventDefault();
    setAt(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-task-of="${next}"]`)?.focus();
  };
  return (
    <section className={css.grid} aria-label={t("jobs.grid")} onKeyDown={onKeyDown}>
      {places.map((place) => (
        <div key={place.chassis ?? ""} className={css.place} data-many={place.tasks.length > SLOTS || undefined}>
          <span>{place.chassis === null ? t("jobs.noChassis") : t("jobs.chassis", { name: place.chassis })}</span>
          <div className={css.squares}>
            {place.tasks.map((task) => (
              <Square
                key={task.deviceId}
                task={task}
                chosen={task.deviceId === chosen}
                tabbable={task.deviceId === current}
                onChoose={onChoose}
              />
            ))}
          </div>
        </div>
      ))}
    </section>
  );
}

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 10, ArrowUp: -10 };

interface SquareProps {
  task: JobTask;
  chosen: boolean;
  tabbable: boolean;
  onChoose: TaskGridProps["onChoose"];
}

const Square = memo(function Square({ task, chosen, tabbable, onChoose }: SquareProps) {
  const { t } = useTranslation();
  const { deviceId, deviceName, state, progress, note, error } = task;
  const Icon = TASK_ICONS[state];
  const words = [deviceName, t(`jobs.task.${state}`), progress !== null && formatPercent(progress * 100), note, error?.message];
  const label = words.filter(Boolean).join(", ");
  return (
    <button
      type="button"
      className={css.square}
      data-task={state}
      data-task-of={deviceId}
      aria-pressed={chosen}
      aria-label={label}
      title={label}
      tabIndex={tabbable ? 0 : -1}
      onClick={() => onChoose(chosen ? undefined : deviceId)}
    >
      {state === "running" && progress !== null && <span style={{ height: `${progress * 100}%` }} />}
      <Icon size={12} stroke={2} aria-hidden="true" />
    </button>
  );
}, sameSquare);

function sameSquare(a: SquareProps, b: SquareProps): boolean {
  return (
    a.chosen === b.chosen &&
    a.tabbable === b.tabbable &&
    a.onChoose === b.onChoose &&
    a.task.deviceId === b.task.deviceId &&
    a.task.state === b.task.state &&
    a.task.progress === b.task.progress &&
    a.task.note === b.task.note &&
    a.task.error?.message === b.task.error?.message
  );
}
