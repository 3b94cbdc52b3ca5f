/**
 * The processes that a phone's holder has running on it: stopped, let go on, or ended. Ours are those whose commands we have running by our own streams, word by
 * word, and no more of them than that: a name anybody can take. What hangs under no live service any more (`nohup`, `setsid`, a double fork) is ended rather than
 * stopped, since nobody would let it go on.
 */
import { PhonerackError } from "@phonerack/contract/bus";
import { ask, type Question } from "../cleaning/ask.js";
import { Contact } from "../cleaning/contact.js";
import { PROCESSES, type Process, type Running, readProcesses, strangers } from "../cleaning/processes.js";
import type { PhoneLink } from "../transports/link.js";

/** What starts others while they are stopped is found by looking again. */
const ROUNDS = 6;
/** While they stand still it is looked again so often: a service may have been on its way. */
const AGAIN_MS = 500;
const WORK_MS = 30_000;
const MOST_PIDS = 1_500;
/** As `ps` may cut a command line. */
const COMPARED = 2_000;

type Wish = "run" | "stop" | "end";

export interface FreezerParts {
  /** Throws while the phone is not connected. */
  link(): PhoneLink;
  /** It could not be done; it is tried again while it is wished for. */
  onProblem(error: unknown): void;
}

export class Freezer {
  readonly #parts: FreezerParts;
  readonly #stopped = new Set<number>();
  #wish: Wish = "run";
  /** Something is to be done about the wish. */
  #stale = false;
  #working: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: FreezerParts) {
    this.#parts = parts;
  }

  /** Stops them, and whatever comes, until `thaw`. */
  freeze(): void {
    this.#want("stop");
  }

  thaw(): void {
    if (this.#wish === "stop") this.#want("run");
  }

  /** Ends them all. Resolves when it is done, or could not be; never fails. */
  async end(): Promise<void> {
    this.#want("end");
    await this.#working;
  }

  /** The connection is over. */
  lost(): void {
    clearTimeout(this.#timer);
    this.#stopped.clear();
    this.#wish = "run";
    this.#stale = false;
  }

  #want(wish: Wish): void {
    clearTimeout(this.#timer);
    this.#wish = wish;
    this.#stale = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    while (this.#stale) {
      this.#stale = false;
      const wish = this.#wish;
      try {
        if (wish === "run") await this.#goOn();
        else await this.#act(wish);
      } catch (error) {
        this.#parts.onProblem(error);
      }
    }
    if (this.#wish === "stop") this.#timer = setTimeout(() => this.#want("stop"), AGAIN_MS);
  }

  async #act(wish: Wish): Promise<void> {
    const link = this.#parts.link();
    let answers = await this.#ask(link, PROCESSES);
    for (let round = 0; round < ROUNDS; round++) {
      const running = readProcesses(answers);
      if (!running) throw new PhonerackError("phone_failed", "it does not tell what runs on it");
      // Another wish is not kept waiting.
      if (this.#wish !== wish) return;
      const { live, loose } = theirs(running, link.running);
      const kill = wish === "end" ? [...live, ...loose] : loose;
      const stop = wish === "end" ? [] : live.filter(({ state }) => state !== "T");
      if (kill.length + stop.length === 0) return;
      for (const { pid } of stop) this.#stopped.add(pid);
      answers = await this.#ask(link, { ...PROCESSES, command: `${signalling(stop, kill)} ${PROCESSES.command}` });
    }
  }

  async #goOn(): Promise<void> {
    if (this.#stopped.size === 0) return;
    const pids = [...this.#stopped].slice(0, MOST_PIDS).join(" ");
    this.#stopped.clear();
    await this.#ask(this.#parts.link(), { name: "going-on", command: `kill -CONT ${pids} 2>/dev/null` });
  }

  #ask(link: PhoneLink, question: Question) {
    const contact = new Contact({ ready: () => Promise.resolve(link), signal: AbortSignal.timeout(WORK_MS) });
    return ask(contact, [question]);
  }
}

/** The holder's processes: below a service that is still open, and loose ones. */
export function theirs(running: Running, ours: readonly string[]): { live: Process[]; loose: Process[] } {
  const { list, adbd } = running;
  const spared = oursAmong(
    list.filter(({ parent }) => parent === adbd),
    ours,
  );
  const byPid = new Map(list.map((one) => [one.pid, one]));
  const hangs = (one: Process): boolean => {
    for (let at: Process | undefined = one, steps = 0; at && steps < 100; at = byPid.get(at.parent), steps++)
      if (at.parent === adbd) return true;
    return false;
  };
  const found = strangers(running, ({ pid }) => spared.has(pid));
  return { live: found.filter(hangs), loose: found.filter((one) => !hangs(one)) };
}

/** Where more processes than streams say that they are ours, somebody lies: none is spared. */
function oursAmong(tops: readonly Process[], commands: readonly string[]): ReadonlySet<number> {
  const spared = new Set<number>();
  const counts = new Map<string, number>();
  for (const command of commands.map(plain)) counts.set(command, (counts.get(command) ?? 0) + 1);
  const words = tops.map((one) => ({ pid: one.pid, args: plain(one.args.replace(/^\S*\bsh -c /, "")) }));
  for (const [command, count] of counts) {
    const same = words.filter(({ args }) => isSame(args, command));
    if (same.length <= count) for (const { pid } of same) spared.add(pid);
  }
  return spared;
}

/** A shell that runs one program becomes it: the words before (variables) and after (redirections) are gone then. */
function isSame(args: string, command: string): boolean {
  if (args.length >= COMPARED) return command.startsWith(args.slice(0, COMPARED));
  return args === command || (args.length > command.length / 2 && command.includes(args));
}

/** Quotes are the shell's to take away, and what is no plain character `ps` shows as another. */
function plain(text: string): string {
  return text
    .replace(/["'\\]/g, "")
    .replace(/[\s?\p{Cc}]+/gu, " ")
    .trim();
}

/** First all are stopped, so that none starts another while its brothers die. */
function signalling(stop: readonly Process[], kill: readonly Process[]): string {
  const pids = (some: readonly Process[]) =>
    some
      .slice(0, MOST_PIDS)
      .map(({ pid }) => pid)
      .join(" ");
  const all = [...stop, ...kill];
  const ending = kill.length > 0 ? ` kill -KILL ${pids(kill)} 2>/dev/null;` : "";
  return `kill -STOP ${pids(all)} 2>/dev/null;${ending}`;
}
