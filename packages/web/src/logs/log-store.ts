/** The lines that a page keeps of a phone's log: so many, the oldest go first; which of them match what is wished, and what stands where among those. */
import { type LogLevel, readLogDivider, readLogLine } from "@phonerack/contract/api";
import { LEVELS, type LogEntry, type LogFilter, type LogNote, type LogView, NO_FILTER } from "./entries.js";

export interface StoreLimits {
  readonly lines: number;
  /** Characters of all lines together. */
  readonly characters: number;
}

const LIMITS: StoreLimits = { lines: 200_000, characters: 32 * 1024 * 1024 };
/** What an entry takes beside its text, about. */
const OVERHEAD = 60;
const MOST_PACKAGES = 200;
const MOST_PROCESSES = 5_000;
const RANK = Object.fromEntries(LEVELS.map((level, rank) => [level, rank])) as Readonly<Record<LogLevel, number>>;
/** A package's name, or a process of one. */
const PACKAGE = /^([A-Za-z]\w*(?:\.\w+)+)(?::|$)/;

export class LogStore {
  readonly #limits: StoreLimits;
  #entries: LogEntry[] = [];
  #characters = 0;
  #seq = 0;
  #rest = "";
  #buffer = "";
  #dropped = 0;
  readonly #processes = new Map<number, string>();
  readonly #packages = new Set<string>();
  #filter: LogFilter = NO_FILTER;
  #matches: (entry: LogEntry) => boolean = () => true;
  #hasText: (entry: LogEntry) => boolean = () => false;
  #badRegex: string | null = null;
  /** Those that match, oldest first, and how many before them are gone. */
  #shown: LogEntry[] = [];
  #gone = 0;
  /** The place at which it was paused. */
  #pausedAt: number | null = null;

  constructor(limits: StoreLimits = LIMITS) {
    this.#limits = limits;
  }

  /** A piece of the phone's log; it may end anywhere. */
  add(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const buffer = readLogDivider(line);
      if (buffer !== undefined) this.#buffer = buffer;
      const read = readLogLine(line);
      if (read) this.#put({ ...read, seq: this.#seq++, buffer: this.#buffer, process: this.#processes.get(read.pid) ?? "" });
    }
    this.#forget();
  }

  /** Something to be said between the lines. */
  note(note: LogNote): void {
    if (note.type === "dropped") this.#dropped += note.lines;
    // Drops that follow each other are one.
    const last = this.#entries.at(-1);
    if (note.type === "dropped" && last?.note?.type === "dropped") {
      const grown = { ...last, note: { ...note, lines: last.note.lines + note.lines } };
      this.#entries[this.#entries.length - 1] = grown;
      if (this.#shown.at(-1) === last) this.#shown[this.#shown.length - 1] = grown;
      return;
    }
    const blank = { time: null, uid: "", pid: 0, tid: 0, level: "F", tag: "", text: "", buffer: "", process: "" } as const;
    this.#put({ ...blank, seq: this.#seq++, note });
  }

  name(processes: readonly { readonly pid: number; readonly name: string }[]): void {
    for (const { pid, name } of processes) {
      this.#processes.delete(pid);
      this.#processes.set(pid, name);
      const found = PACKAGE.exec(name)?.[1];
      if (found !== undefined && this.#packages.size < MOST_PACKAGES) this.#packages.add(found);
    }
    for (const pid of this.#processes.keys()) {
      if (this.#processes.size <= MOST_PROCESSES) break;
      this.#processes.delete(pid);
    }
  }

  /** Looks at all that is kept anew. A regular expression that is none matches nothing away. */
  filter(filter: LogFilter): void {
    this.#filter = filter;
    this.#compile();
    this.#gone = 0;
    this.#pausedAt = this.#pausedAt === null ? null : 0;
    this.#shown = this.#entries.filter((entry) => this.#matches(entry));
    if (this.#pausedAt !== null) this.#pausedAt = this.#shown.length;
  }

  pause(paused: boolean): void {
    this.#pausedAt = paused ? this.#end : null;
  }

  clear(): void {
    this.#entries = [];
    this.#shown = [];
    this.#characters = 0;
    this.#dropped = 0;
    this.#gone = 0;
    if (this.#pausedAt !== null) this.#pausedAt = 0;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** @param from null: the last ones */
  view(from: number | null, count: number): LogView {
    const end = this.#pausedAt ?? this.#end;
    const first = Math.min(this.#gone, end);
    const at = Math.min(Math.max(from ?? end - count, first), Math.max(first, end - 1));
    return {
      type: "view",
      first,
      end,
      from: at,
      rows: this.#shown.slice(at - this.#gone, Math.min(at + count, end) - this.#gone),
      kept: this.#entries.length,
      dropped: this.#dropped,
      unseen: this.#pausedAt === null ? null : this.#end - this.#pausedAt,
      packages: [...this.#packages].sort(),
      badRegex: this.#badRegex,
    };
  }

  /** The place of the next shown line that has the text, from this one on, going round at the ends; null: none has. */
  find(from: number, step: 1 | -1): number | null {
    const length = (this.#pausedAt ?? this.#end) - this.#gone;
    if (length <= 0) return null;
    for (let gone = 0, at = from - this.#gone; gone < length; gone++, at += step) {
      const place = ((at % length) + length) % length;
      const entry = this.#shown[place];
      if (entry && this.#hasText(entry)) return place + this.#gone;
    }
    return null;
  }

  /** As logcat would print it. */
  text(matching: boolean): string[] {
    return (matching ? this.#shown : this.#entries).map((entry) => `${lineOf(entry)}\n`);
  }

  get #end(): number {
    return this.#gone + this.#shown.length;
  }

  #put(entry: LogEntry): void {
    this.#entries.push(entry);
    this.#characters += entry.text.length + OVERHEAD;
    if (entry.process !== "" && this.#packages.size < MOST_PACKAGES) {
      const name = PACKAGE.exec(entry.process)?.[1];
      if (name !== undefined) this.#packages.add(name);
    }
    if (this.#matches(entry)) this.#shown.push(entry);
  }

  /** In blocks: an array that loses its first at each line is slow. */
  #forget(): void {
    const { lines, characters } = this.#limits;
    if (this.#entries.length <= lines * 1.05 && this.#characters <= characters * 1.05) return;
    let cut = Math.max(0, this.#entries.length - lines);
    for (let at = 0; at < this.#entries.length; at++) {
      if (at >= cut && this.#characters <= characters) {
        cut = at;
        break;
      }
      this.#characters -= (this.#entries[at]?.text.length ?? 0) + OVERHEAD;
    }
    this.#entries = this.#entries.slice(cut);
    const oldest = this.#entries[0]?.seq ?? this.#seq;
    const kept = this.#shown.findIndex(({ seq }) => seq >= oldest);
    const gone = kept < 0 ? this.#shown.length : kept;
    this.#shown = this.#shown.slice(gone);
    this.#gone += gone;
  }

  #compile(): void {
    const { level, package: name, tag, text, isRegex, only } = this.#filter;
    this.#badRegex = null;
    this.#hasText = () => false;
    if (text !== "" && isRegex) {
      try {
        const expression = new RegExp(text, "iu");
        this.#hasText = (entry) => expression.test(entry.text) || expression.test(entry.tag);
      } catch (error) {
        this.#badRegex = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, "") : String(error);
      }
    } else if (text !== "") {
      const wanted = text.toLowerCase();
      this.#hasText = (entry) => entry.text.toLowerCase().includes(wanted) || entry.tag.toLowerCase().includes(wanted);
    }
    const least = RANK[level];
    const wantedTag = tag.toLowerCase();
    const filters = only && text !== "" && this.#badRegex === null;
    this.#matches = (entry) =>
      entry.note !== undefined ||
      (RANK[entry.level] >= least &&
        (name === "" || entry.process === name || entry.process.startsWith(`${name}:`)) &&
        (wantedTag === "" || entry.tag.toLowerCase().includes(wantedTag)) &&
        (!filters || this.#hasText(entry)));
  }
}

export function lineOf({ time, uid, pid, tid, level, tag, text, note }: LogEntry): string {
  if (note) return note.type === "dropped" ? `--------- ${note.lines} lines are missing here` : `--------- ${note.type}`;
  const at = time === null ? "" : new Date(time).toISOString().replace("T", " ").replace("Z", "");
  return `${at} ${uid.padStart(5)} ${String(pid).padStart(5)} ${String(tid).padStart(5)} ${level} ${tag.padEnd(8)}: ${text}`;
}
