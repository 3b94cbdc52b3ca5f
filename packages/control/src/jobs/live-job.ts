/**
 * A job as the control that runs it knows it: what may begin now, when it stops, what its agents said of each phone. Pure but for its own state: who sends
 * and writes is `runner.ts`'s.
 */
import { type Job, TASK_OVER, type TaskState } from "@phonerack/contract/bus";
import { type Counts, countsOf, type JobRow, jobView, type TaskRow } from "./rows.js";

/** How many must be over before an error rate says anything, but at a wave's end. */
const ENOUGH = 5;
const FAILED: ReadonlySet<TaskState> = new Set<TaskState>(["failed", "stale", "interrupted"]);

export interface LiveTask {
  row: TaskRow;
  progress: number | null;
  note: string | null;
  /** Somebody is busy with it right now: nothing else is to be done about it. */
  busy: boolean;
  /** Its agent may have it: what became of it must be asked before anything is said of it. */
  sent: boolean;
  /** When its agent was last heard about it, or it was first sent. */
  heardAt: number;
  /** Not before then is anything done about it. */
  due: number;
  /** Since when it waits for its phone to be ready. */
  waitingSince: number | undefined;
  /** Since when its agent does not answer. */
  silentSince: number | undefined;
  /** Which agent it was sent to, as far as this control knows. */
  agentId: string | undefined;
  /** Its agent was told to give it up. */
  cancelled: boolean;
}

/** What changed in a task. */
export interface Change {
  readonly state: TaskState;
  readonly error?: TaskRow["error"];
  readonly result?: TaskRow["result"];
}

export class LiveJob {
  row: JobRow;
  readonly tasks: readonly LiveTask[];
  readonly dirty = new Set<LiveTask>();
  readonly #counts: Counts;
  /** Of its end, only one is to be written. */
  ending = false;
  pumping = false;

  /** `taken`: from another control, or an earlier run, that may have sent any of it. */
  constructor(row: JobRow, tasks: readonly TaskRow[], taken: boolean) {
    this.row = row;
    this.tasks = tasks.map((task) => ({
      row: task,
      progress: null,
      note: null,
      busy: false,
      sent: taken && !TASK_OVER.has(task.state),
      heardAt: 0,
      due: 0,
      waitingSince: undefined,
      silentSince: undefined,
      agentId: undefined,
      cancelled: false,
    }));
    this.#counts = countsOf(tasks);
  }

  get id(): string {
    return this.row.id;
  }

  get counts(): Counts {
    return this.#counts;
  }

  get over(): boolean {
    return this.#counts.waiting === 0 && this.#counts.running === 0;
  }

  view(): Job {
    let sum = 0;
    for (const { row, progress } of this.tasks) sum += TASK_OVER.has(row.state) ? 1 : (progress ?? 0);
    return jobView(this.row, { ...this.#counts }, sum / this.tasks.length);
  }

  /** Those that may begin now, within its pace. */
  *startable(now: number): Iterable<LiveTask> {
    if (this.row.state !== "running" || this.#counts.waiting === 0) return;
    const { concurrency } = this.row.pace;
    const last = this.#waveEnd();
    let active = 0;
    for (const { row, busy } of this.tasks) if (row.state === "running" || (row.state === "waiting" && busy)) active++;
    for (const task of this.tasks) {
      if (active >= concurrency || task.row.number >= last) return;
      if (task.row.state !== "waiting" || task.busy || task.due > now) continue;
      active++;
      yield task;
    }
  }

  change(task: LiveTask, { state, error = null, result = null }: Change, now: number): void {
    const before = task.row;
    if (TASK_OVER.has(before.state)) return;
    this.#counts[before.state]--;
    this.#counts[state]++;
    const over = TASK_OVER.has(state);
    const startedAt = state === "waiting" ? null : (before.startedAt ?? (over && !task.sent ? null : now));
    task.row = { ...before, state, error, result, startedAt, endedAt: over ? now : null };
    if (over) {
      task.progress = null;
      task.note = null;
    }
    this.dirty.add(task);
  }

  /** Why it is to stop: too many have failed; undefined: it goes on. */
  failing(): string | undefined {
    const { stopAt } = this.row.pace;
    if (this.row.state !== "running" || stopAt === null) return undefined;
    const over = this.tasks.filter(({ row }) => TASK_OVER.has(row.state) && row.state !== "cancelled");
    const failed = over.filter(({ row }) => FAILED.has(row.state)).length;
    if (over.length === 0 || (over.length < ENOUGH && !this.#atWaveEnd())) return undefined;
    if (failed / over.length <= stopAt) return undefined;
    return `${failed} of ${over.length} failed, more than ${Math.round(stopAt * 100)} %`;
  }

  /** The number before which everything may begin: the end of the first wave that is not over. */
  #waveEnd(): number {
    const { wave } = this.row.pace;
    if (wave === null) return Number.POSITIVE_INFINITY;
    const first = this.tasks.find(({ row }) => !TASK_OVER.has(row.state))?.row.number ?? 0;
    return (Math.floor(first / wave) + 1) * wave;
  }

  #atWaveEnd(): boolean {
    const { wave } = this.row.pace;
    const first = this.tasks.find(({ row }) => !TASK_OVER.has(row.state));
    return first === undefined || (wave !== null && first.row.number % wave === 0 && first.row.number > 0);
  }
}
