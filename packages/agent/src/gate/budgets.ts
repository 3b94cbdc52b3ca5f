/**
 * How often each phone was touched by hand in apps that are nobody's here, in the last hour and day. Kept in a file that only grows (one line a
 * touch, many lines one write), so that an agent that was killed does not begin anew; made short at each start.
 */
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DAILY } from "@phonerack/policy";
import { writeAtomically } from "../atomic-file.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const COMMIT_MS = 5;
const RETRY_MS = 1_000;
const LINE = /^(\d{13}) ([a-z0-9-]{4,40})$/;

/** Taps and swipes so far. */
export interface Spent {
  readonly hour: number;
  readonly day: number;
}

export interface BudgetsParts {
  readonly dataDir: string;
  /** Told of writes that failed; they are tried again. */
  readonly onProblem: (error: unknown) => void;
}

export class Budgets {
  readonly #path: string;
  readonly #onProblem: (error: unknown) => void;
  /** Times of the last day, oldest first. */
  readonly #spent = new Map<string, number[]>();
  #waiting: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** The last write may have ended in the middle of a line. */
  #torn = false;

  private constructor(path: string, onProblem: (error: unknown) => void) {
    this.#path = path;
    this.#onProblem = onProblem;
  }

  /** Reads `budgets.log`; lines that are none, as a crash leaves them, are passed over. Fails when it cannot be read or written. */
  static async load({ dataDir, onProblem }: BudgetsParts): Promise<Budgets> {
    const budgets = new Budgets(join(dataDir, "budgets.log"), onProblem);
    const text = await readFile(budgets.#path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      return "";
    });
    const since = Date.now() - DAY_MS;
    const kept = text.split("\n").filter((line) => Number(LINE.exec(line)?.[1] ?? 0) > since);
    for (const line of kept) budgets.#count(line.slice(14), Number(line.slice(0, 13)));
    if (text.length > 0) await writeAtomically(budgets.#path, kept.map((line) => `${line}\n`).join(""));
    return budgets;
  }

  spent(device: string, now: number): Spent {
    const times = this.#spent.get(device);
    if (!times) return NOTHING;
    while (times[0] !== undefined && times[0] <= now - DAY_MS) times.shift();
    let hour = 0;
    for (let at = times.length - 1; at >= 0 && (times[at] ?? 0) > now - HOUR_MS; at--) hour++;
    return { hour, day: times.length };
  }

  /** Counts one touch, before it happens. */
  spend(device: string, now: number): void {
    this.#count(device, now);
    this.#waiting.push(`${now} ${device}\n`);
    this.#timer ??= setTimeout(() => this.#commit(), COMMIT_MS);
  }

  /** Writes what waits. */
  async stop(): Promise<void> {
    this.#commit();
    await this.#writing;
    clearTimeout(this.#timer);
  }

  #count(device: string, at: number): void {
    const times = this.#spent.get(device);
    if (!times) this.#spent.set(device, [at]);
    // Beyond the day's budget nothing is allowed that could be counted, but a clock that was set back must not fill memory.
    else if (times.push(at) > 2 * DAILY) times.shift();
  }

  #commit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#waiting.splice(0);
    if (lines.length > 0) this.#writing = this.#writing.then(() => this.#append(lines));
  }

  /** Never fails. What a full disk cut is written again: it may count twice after a restart, never less than once. */
  async #append(lines: readonly string[]): Promise<void> {
    try {
      await appendFile(this.#path, `${this.#torn ? "\n" : ""}${lines.join("")}`, { mode: 0o600 });
      this.#torn = false;
    } catch (error) {
      this.#onProblem(error);
      this.#torn = true;
      this.#waiting.unshift(...lines);
      this.#timer ??= setTimeout(() => this.#commit(), RETRY_MS);
    }
  }
}

const NOTHING: Spent = { hour: 0, day: 0 };
