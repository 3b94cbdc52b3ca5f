/** What the shell runs, as processes of user 2000: `ps` shows them, `kill` ends them, a reboot ends all. */
import { type Process, type Processes, UID } from "../phone/processes.js";

/** Why a job's signal aborted. */
export class Killed extends Error {
  /** @param signal 1 hang-up, 2 interrupt, 9 kill, 13 pipe, 15 terminate */
  constructor(readonly signal: number) {
    super(`killed by signal ${signal}`);
    this.name = "Killed";
  }
}

/** The exit status a shell reports for a signal that aborted with `reason`. */
export function statusOf(reason: unknown): number {
  return 128 + (reason instanceof Killed ? reason.signal : 1);
}

export interface Job {
  readonly pid: number;
  readonly signal: AbortSignal;
  /** Resolves when it goes on, or is over; undefined while it is not stopped. */
  readonly stopped: () => Promise<void> | undefined;
  abort(reason: Killed): void;
  /** It runs this program from now on. */
  becomes(name: string, args: string): void;
  /** From now on it outlives its shell. */
  detach(): void;
  /** It ended by itself. */
  end(): void;
}

/** More of a command line than this `ps` does not show (PAGE_SIZE on Linux). */
const MAX_ARGS = 4096;

export class Jobs {
  readonly #processes: Processes;
  readonly #running = new Map<number, AbortController>();
  #stopListening: (() => void) | undefined;

  constructor(processes: Processes) {
    this.#processes = processes;
  }

  /** Processes of the shell user now. */
  get count(): number {
    return this.#running.size;
  }

  /** @param above when it aborts, the job does, for the same reason; undefined for a job that outlives its shell. */
  start(name: string, above: AbortSignal | undefined, { ppid, args }: { ppid?: number; args?: string } = {}): Job {
    const process: Process = this.#processes.start({
      name,
      uid: UID.shell,
      ...(ppid === undefined ? {} : { ppid }),
      ...(args === undefined ? {} : { args: args.slice(0, MAX_ARGS) }),
    });
    const controller = new AbortController();
    const follow = (): void => controller.abort(above?.reason);
    if (above?.aborted) follow();
    above?.addEventListener("abort", follow, { once: true });
    this.#running.set(process.pid, controller);
    this.#stopListening ??= this.#processes.exits.add(({ process: { pid }, reason }) => this.#ended(pid, reason));
    return {
      pid: process.pid,
      signal: controller.signal,
      stopped: () => this.#processes.stopped(process.pid),
      abort: (reason) => controller.abort(reason),
      becomes: (program, words) => this.#processes.becomes(process.pid, { name: program, args: words.slice(0, MAX_ARGS) }),
      detach: () => above?.removeEventListener("abort", follow),
      end: () => {
        above?.removeEventListener("abort", follow);
        if (this.#running.delete(process.pid)) this.#processes.end(process.pid);
        if (this.#running.size === 0) {
          this.#stopListening?.();
          this.#stopListening = undefined;
        }
      },
    };
  }

  /** Ends everything, as when the phone goes down. */
  endAll(): void {
    for (const pid of Array.from(this.#running.keys())) this.#processes.end(pid, "signal 9");
  }

  #ended(pid: number, reason: string): void {
    const controller = this.#running.get(pid);
    if (!controller) return;
    this.#running.delete(pid);
    controller.abort(new Killed(Number(/^signal (\d+)$/.exec(reason)?.[1] ?? 9)));
  }
}
