/** A job and its tasks as they stand in the database, and what people are shown of them. */
import type { DeviceAction, Job, JobPace, JobState, JobTask, TaskState } from "@phonerack/contract/bus";
import { TASK_OVER } from "@phonerack/contract/bus";

export interface JobRow {
  readonly id: string;
  readonly tenant: string;
  readonly actor: string;
  readonly actorName: string;
  readonly name: string;
  readonly action: DeviceAction;
  readonly mode: "unicast" | "group" | "script";
  readonly pace: JobPace;
  readonly agreed: boolean;
  readonly state: JobState;
  readonly reason: string | null;
  readonly size: number;
  readonly createdAt: number;
  readonly endedAt: number | null;
}

export interface TaskRow {
  readonly jobId: string;
  readonly number: number;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly epoch: number;
  readonly leaseId: string;
  readonly state: TaskState;
  readonly attempt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly error: JobTask["error"];
  readonly result: JobTask["result"];
}

export type Counts = Record<TaskState, number>;

export function noCounts(): Counts {
  return { waiting: 0, running: 0, done: 0, failed: 0, stale: 0, interrupted: 0, cancelled: 0 };
}

export function countsOf(tasks: Iterable<{ readonly state: TaskState }>): Counts {
  const counts = noCounts();
  for (const { state } of tasks) counts[state]++;
  return counts;
}

/** What people see of it; `progress` where it is better known than by what is over. */
export function jobView(row: JobRow, counts: Counts, progress?: number): Job {
  const { agreed: _agreed, mode: _mode, action, ...rest } = row;
  const over = [...TASK_OVER].reduce((sum, state) => sum + counts[state], 0);
  return { ...rest, action: withoutText(action), counts, progress: progress ?? over / row.size };
}

/** Of a clipboard nobody is shown what stood in it. */
export function withoutText(action: DeviceAction): DeviceAction {
  return action.type === "clipboard" ? { ...action, text: "" } : action;
}

export function taskView(task: TaskRow, now?: { readonly progress: number | null; readonly note: string | null }): JobTask {
  const { deviceId, deviceName, state, attempt, startedAt, endedAt, error, result } = task;
  const { progress = null, note = null } = now ?? {};
  return { deviceId, deviceName, state, attempt, progress, note, startedAt, endedAt, error, result };
}
