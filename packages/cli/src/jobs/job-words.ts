/** Jobs as people read them in a terminal. */
import type { Job, JobOutcome, JobTask } from "@phonerack/contract/api";
import { readable, TASK_OVER, TaskState } from "@phonerack/contract/api";
import { table } from "../table.js";

const NAMES_SHOWN = 8;

export function jobTable(jobs: readonly Job[]): string {
  return table(
    [
      ["ID", ({ id }) => id],
      ["NAME", ({ name }) => name.slice(0, 50)],
      ["BY", ({ actorName }) => actorName],
      ["BEGAN", ({ createdAt }) => new Date(createdAt).toISOString().slice(0, 16).replace("T", " ")],
      ["STATE", ({ state }) => state],
      ["DEVICES", countWords],
    ],
    jobs,
  );
}

/** `20 devices: 18 done, 2 failed`. */
export function jobLine(job: Job): string {
  const why = job.reason === null ? "" : ` (${job.reason})`;
  return `${job.id}: ${job.name}: ${job.state}${why}, ${devices(job.size)}: ${countWords(job)}`;
}

function countWords({ counts }: Job): string {
  return TaskState.options
    .filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${state}`)
    .join(", ");
}

export function taskTable(tasks: readonly JobTask[]): string {
  return table(
    [
      ["DEVICE", ({ deviceName }) => deviceName],
      ["STATE", ({ state, attempt }) => (attempt > 1 ? `${state} (attempt ${attempt})` : state)],
      ["SECONDS", ({ startedAt, endedAt }) => (startedAt && endedAt ? ((endedAt - startedAt) / 1_000).toFixed(1) : "")],
      [
        "NOTE",
        (task) =>
          noteOf(task)
            .replaceAll(/\s*\n\s*/g, "; ")
            .slice(0, 120),
      ],
    ],
    tasks,
  );
}

function noteOf({ note, error, result, progress }: JobTask): string {
  if (result?.exitCode !== undefined) return `exit ${result.exitCode}`;
  if (error) return errorWords(error);
  const part = progress === null || progress === 0 ? "" : `${Math.round(progress * 100)} % `;
  return part + (note ?? result?.note ?? "");
}

/** Each group of devices whose outcome is the same, and that outcome once. */
export function outcomeWords(outcomes: readonly JobOutcome[]): string {
  return outcomes.map(oneOutcome).join("\n");
}

function oneOutcome({ state, result, error, devices: those }: JobOutcome): string {
  const exit = result?.exitCode === undefined ? "" : `, exit ${result.exitCode}`;
  const lines = [`${devices(those.length)} ${state}${exit}: ${namesOf(those)}`];
  // An exit code beside what was printed says it already.
  if (error && error.code !== "command_failed") lines.push(indented(errorWords(error)));
  for (const text of [result?.stdout, result?.stderr]) if (text) lines.push(indented(text.trimEnd()));
  if (result?.truncated) lines.push(indented("(more was printed than is kept)"));
  if (result?.note) lines.push(indented(result.note));
  if (result?.artifact) lines.push(indented(result.artifact));
  return lines.join("\n");
}

function errorWords({ message, detail }: { message: string; detail?: string | undefined }): string {
  return detail === undefined ? message : `${message} (${detail})`;
}

function indented(text: string): string {
  // What a phone prints must not drive this terminal.
  return readable(text.replaceAll("\r\n", "\n"))
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}

function namesOf(those: JobOutcome["devices"]): string {
  const shown = those.slice(0, NAMES_SHOWN).map(({ name }) => name);
  const rest = those.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join(", ");
}

function devices(count: number): string {
  return count === 1 ? "1 device" : `${count} devices`;
}

/** Whether it is done on all. */
export function wentWell(job: Job): boolean {
  return job.counts.done === job.size;
}

/** Between 0 and 1, of all of it. */
export function progressLine(job: Job): string {
  const over = [...TASK_OVER].reduce((sum, state) => sum + job.counts[state], 0);
  return `${Math.round(job.progress * 100)} %, ${over} of ${job.size}`;
}
