/** The tasks that this agent has heard of, and what became of them: within a day and a bound, and whole again from the journal's lines after a restart. */
import { type ActionType, PhonerackError, REPEATABLE, TaskId, TaskStanding } from "@phonerack/contract/bus";

/** Who asks later than that is told that nobody knows of it. */
const KEEP_MS = 24 * 60 * 60_000;
const MOST_KEPT = 20_000;
/** Of all outputs together; the oldest go first. Whoever ordered the task has them long since. */
const OUTPUT_BYTES = 64 * 1024 * 1024;

export interface Known {
  readonly task: string;
  readonly deviceId: string;
  readonly type: ActionType;
  /** When it came, was begun, or ended. */
  at: number;
  /** Its first line is to be on disk, or is: it may have been begun. */
  begun: boolean;
  standing: TaskStanding;
}

/** A line of the journal, before anybody has looked at it. */
interface Line {
  readonly begun?: unknown;
  readonly ended?: unknown;
  readonly device?: unknown;
  readonly type?: unknown;
  readonly at?: unknown;
}

export class KnownTasks {
  readonly #all = new Map<string, Known>();
  /** Forgotten although they were begun: to be done again, and done already perhaps. */
  readonly #begunBefore = new Set<string>();
  #outputBytes = 0;

  /** Takes up what an earlier run wrote. What was begun and did not end is interrupted, or forgotten where it may be done again. */
  takeUp(lines: readonly unknown[], now: number): void {
    for (const line of lines) if (typeof line === "object" && line !== null) this.#takeLine(line);
    for (const known of this.#all.values()) {
      if (known.standing.state !== "running") continue;
      if (REPEATABLE.has(known.type)) {
        this.#all.delete(known.task);
        this.#begunBefore.add(known.task);
      } else this.end(known, { state: "interrupted", error: new PhonerackError("interrupted").toJSON() }, now);
    }
    this.#tidy(now);
  }

  /** An earlier run had begun it, and nobody knows how far it came. */
  wasBegun(task: string): boolean {
    return this.#begunBefore.has(task);
  }

  get(task: string): Known | undefined {
    return this.#all.get(task);
  }

  add({ task, deviceId, type, at }: Pick<Known, "task" | "deviceId" | "type" | "at">): Known {
    const standing = { ...nothingKnown(task, deviceId), state: "running" } as const;
    const known: Known = { task, deviceId, type, at, begun: false, standing };
    this.#all.set(task, known);
    return known;
  }

  /** It never came about: whoever asks again begins it anew. */
  forget(known: Known): void {
    if (this.#all.get(known.task) === known) this.#all.delete(known.task);
  }

  end(known: Known, outcome: Partial<TaskStanding> & Pick<TaskStanding, "state">, now: number): void {
    known.standing = { ...nothingKnown(known.task, known.deviceId), ...outcome };
    known.at = now;
    // The oldest stand first.
    this.#all.delete(known.task);
    this.#all.set(known.task, known);
    this.#outputBytes += outputOf(known);
    this.#tidy(now);
  }

  /** As the journal's lines. */
  *lines(): Iterable<string> {
    for (const known of this.#all.values()) {
      if (known.standing.state !== "running") yield endedLine(known);
      else if (known.begun) yield begunLine(known);
    }
  }

  /** What is no line of ours is left out. */
  #takeLine(line: Line): void {
    const { device, type, at } = line;
    if (typeof type !== "string" || typeof at !== "number") return;
    const begun = TaskId.safeParse(line.begun);
    if (begun.success && typeof device === "string")
      this.add({ task: begun.data, deviceId: device, type: type as ActionType, at }).begun = true;
    const ended = TaskStanding.safeParse(line.ended);
    if (!ended.success) return;
    const { task, deviceId } = ended.data;
    const known = this.#all.get(task) ?? this.add({ task, deviceId, type: type as ActionType, at });
    known.begun = true;
    this.end(known, ended.data, at);
  }

  #tidy(now: number): void {
    const over = this.#all.size - MOST_KEPT;
    let seen = 0;
    for (const known of this.#all.values()) {
      if (known.standing.state === "running") continue;
      const old = now - known.at > KEEP_MS;
      if (!old && seen >= over && this.#outputBytes <= OUTPUT_BYTES) return;
      this.#outputBytes -= outputOf(known);
      if (old || seen < over) this.#all.delete(known.task);
      else known.standing = { ...known.standing, result: withoutOutput(known.standing.result) };
      seen++;
    }
  }
}

export function nothingKnown(task: string, deviceId: string): TaskStanding {
  return { task, deviceId, state: "unknown", progress: null, note: null, error: null, result: null };
}

export function begunLine({ task, deviceId, type, at }: Known): string {
  return JSON.stringify({ begun: task, device: deviceId, type, at });
}

export function endedLine({ standing, type, at }: Known): string {
  return JSON.stringify({ ended: standing, type, at });
}

function outputOf({ standing: { result } }: Known): number {
  return (result?.stdout?.length ?? 0) + (result?.stderr?.length ?? 0);
}

function withoutOutput(result: TaskStanding["result"]): TaskStanding["result"] {
  if (!result || (result.stdout === undefined && result.stderr === undefined)) return result;
  const { stdout: _out, stderr: _error, ...rest } = result;
  return { ...rest, truncated: true, note: "what it printed is not kept any more" };
}
