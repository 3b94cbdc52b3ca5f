/** Recent tasks: what the next user would see in the overview, pictures of the last one's screens among it. */
import type { Answers, Question } from "./ask.js";
import { type Repair, some, type Verdict } from "./repair.js";

export const RECENTS: Question = { name: "recents", command: "dumpsys activity recents" };

export interface Task {
  readonly id: number;
  /** Up to Android 10 tasks are removed by it. */
  readonly stack: number | null;
  readonly package: string;
}

/** Tasks that are no home screen; null when the phone does not tell. */
export function readRecents(answers: Answers): Task[] | null {
  const text = answers.get(RECENTS.name)?.text ?? "";
  if (!/RECENT TASKS|Recent tasks/.test(text)) return null;
  const tasks: Task[] = [];
  for (const piece of text.split(/^ *\* Recent #\d+: /m).slice(1)) {
    const line = piece.split("\n", 1)[0] ?? "";
    const id = /#(\d+)/.exec(line)?.[1];
    if (id === undefined || /type=(home|recents|dream|assistant)/.test(line)) continue;
    if (/mActivityType=(home|recents)|activityType=(home|recents)/i.test(piece)) continue;
    const stack = /StackId=(-?\d+)/.exec(line)?.[1];
    // Up to Android 7 the home stack is 0, and tasks there are the launcher's.
    if (stack === "0" && !/type=/.test(line)) continue;
    const name = /[AI]=(?:\d+:)?([\w.]+)/.exec(line)?.[1] ?? /realActivity=\{?([\w.]+)\//.exec(piece)?.[1] ?? "an app";
    tasks.push({ id: Number(id), stack: stack === undefined ? null : Number(stack), package: name });
  }
  return tasks;
}

/** From Android 11 on a stack is its task. One that lives on the disk only has none, and goes with its app's data. */
export function repairRecents(now: readonly Task[] | null): Repair[] {
  return (now ?? []).slice(0, 200).map(({ id, stack, package: name }) => ({
    item: "recent-tasks",
    what: name,
    command: `am stack remove ${stack !== null && stack >= 0 ? stack : id} || am task remove ${id}`,
  }));
}

export function judgeRecents(now: readonly Task[] | null): Verdict {
  if (!now) return { result: "unverifiable", detail: "this phone does not list its recent tasks" };
  if (now.length > 0) return { result: "failed", detail: `cannot be removed: ${some(now.map((task) => task.package))}` };
  return { result: "verified", detail: "none" };
}
