/**
 * The decision journal: every answer of the gate, as one numbered JSON line with all the facts it rested on, so that it can be replayed. Written by group
 * commit: decisions of a few milliseconds share one write and one sync, and an injection never waits for the disk: it has room there before it happens. What an
 * input said (text, position) is not in it. What is in it is carried into the lab's log by `carrier.ts`; until then it is kept, and where there is no room to keep
 * it nothing is done.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, truncate, unlink } from "node:fs/promises";
import { join } from "node:path";
import { type GateDecision, type GateFacts, gateVersion } from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";
import { writeAtomically } from "../atomic-file.js";
import { ReservedFile } from "./reserved-file.js";

export interface JournalEntry {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly device: string;
  readonly facts: GateFacts;
  readonly decision: GateDecision["decision"];
  readonly rule: GateDecision["rule"];
  /** Which service of adb was opened, by its name; or what the guard did. It does not count in the decision. */
  readonly service?: string;
}

export interface JournalOptions {
  /** Told of writes that failed; they are tried again. */
  readonly onError: (error: unknown) => void;
  /** Of one file, and how many files are kept; default 8 MiB and 64. */
  readonly fileBytes?: number;
  readonly files?: number;
}

/** A part of a file that is on disk and was not yet carried away. */
export interface Unsent {
  readonly lines: readonly string[];
  /** The number of the last. */
  readonly upTo: number;
}

const LINE_END = 10;
const COMMIT_MS = 4;
/** A disk that takes longer is none. */
const OVERDUE_MS = 1_000;
const RETRY_MS = 1_000;
const FILE_BYTES = 8 * 1024 * 1024;
const FILES = 64;
/** By the number of its first line. */
const NAME = /^decisions-(\d{16})\.jsonl$/;
const POLICY = gateVersion(sha256);

interface JournalFile {
  readonly first: number;
  readonly path: string;
}

export class DecisionJournal {
  /** Random: which journal its numbers belong to. */
  #id: string;
  readonly #folder: string;
  readonly #options: Required<JournalOptions>;
  readonly #onCommit = new Set<() => void>();
  /** Oldest first. */
  readonly #files: JournalFile[];
  #waiting: string[] = [];
  #waitingSince = 0;
  /** Bytes of lines that are not on disk. */
  #pending = 0;
  #failing = false;
  #committing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #file: ReservedFile | undefined;
  /** Of the line that comes next; of the last that is on disk; of the last that was carried away. */
  #next: number;
  #written: number;
  #carried: number;
  /** What stood here when it was first opened since it was last compared with the log; undefined: it was compared. */
  #since: number | undefined;
  /** What our numbers are ahead of those that the log knows. */
  #ahead: number;
  #read: { readonly path: string; readonly lines: readonly string[]; readonly last: number } | undefined;

  private constructor(folder: string, options: Required<JournalOptions>, found: Found) {
    this.#folder = folder;
    this.#options = options;
    this.#id = found.id;
    this.#since = found.since ?? found.last;
    this.#ahead = found.ahead;
    this.#files = found.files;
    this.#written = found.last;
    this.#next = found.last + 1;
    this.#carried = found.carried;
  }

  /** Opens `<dataDir>/decisions`, and goes on with the numbers that are there. */
  static async open(dataDir: string, options: JournalOptions): Promise<DecisionJournal> {
    const folder = join(dataDir, "decisions");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const journal = new DecisionJournal(folder, { fileBytes: FILE_BYTES, files: FILES, ...options }, await look(folder));
    // A restart before it was compared must not take what was written meanwhile for what was there.
    await journal.#keepCarried().catch(options.onError);
    // Room for the first, before there is one.
    journal.#commit();
    await journal.#committing;
    return journal;
  }

  get id(): string {
    return this.#id;
  }

  /** How many lines were not yet carried away. */
  get unsent(): number {
    return this.#next - 1 - this.#carried;
  }

  /** Whether the disk keeps up, and has room. */
  get takes(): boolean {
    return this.#takes(0);
  }

  #takes(bytes: number): boolean {
    if (this.#failing || this.#pending + bytes > (this.#file?.room ?? 0)) return false;
    const late = this.#waiting.length > 0 && performance.now() - this.#waitingSince > OVERDUE_MS;
    return !late && this.#unsentFiles() <= this.#options.files;
  }

  /** Takes a decision to write. False when the disk cannot keep up or is full: the input must then not happen. */
  add(entry: JournalEntry): boolean {
    const line = JSON.stringify({ n: this.#next, ...entry, policy: POLICY });
    const bytes = Buffer.byteLength(line) + 1;
    if (!this.#takes(bytes)) return false;
    this.#next++;
    this.#pending += bytes;
    if (this.#waiting.length === 0) this.#waitingSince = performance.now();
    this.#waiting.push(line);
    this.#timer ??= setTimeout(() => this.#commit(), COMMIT_MS);
    return true;
  }

  /** Calls after lines were written. @returns forgets the listener. */
  onCommit(listener: () => void): () => void {
    this.#onCommit.add(listener);
    return () => void this.#onCommit.delete(listener);
  }

  /** The next lines that are on disk and were not carried away, up to about `bytes`; undefined: there are none. */
  async unsentLines(bytes: number): Promise<Unsent | undefined> {
    const from = this.#carried + 1;
    if (from > this.#written) return undefined;
    const file = this.#files.filter(({ first }) => first <= from).at(-1) ?? this.#files[0];
    if (!file) return undefined;
    const lines: string[] = [];
    let size = 0;
    let upTo = this.#carried;
    for (const line of await this.#linesOf(file, from)) {
      const n = numberOf(line);
      if (n === undefined || n < from || n > this.#written) continue;
      if (lines.length > 0 && (size += line.length) > bytes) break;
      lines.push(this.#ahead === 0 ? line : line.replace(/\d+/, String(n - this.#ahead)));
      upTo = n;
    }
    // A file whose rest was lost with the machine: what follows stands in the next.
    if (lines.length === 0) {
      const next = this.#files[this.#files.indexOf(file) + 1];
      if (next) this.#carried = Math.max(this.#carried, next.first - 1);
      return next ? this.unsentLines(bytes) : undefined;
    }
    return { lines, upTo };
  }

  /**
   * Before the first line is sent: so many of this journal stand in the log. When those are more than there were here at the start, somebody has put an older state of
   * the disk back, and its numbers are used up: what was written since goes on as another journal. @returns whether it does
   */
  async reconcile(upTo: number): Promise<boolean> {
    const since = this.#since;
    if (since === undefined) return false;
    const wasPutBack = upTo + this.#ahead > since;
    await this.#keepCarried(wasPutBack ? { id: newId(), carried: since, ahead: since, since: null } : { since: null });
    return wasPutBack;
  }

  /** Lines up to this number, as the log counts, stand in it: files with nothing else go when there are too many, and a restart begins after them. */
  async carried(upTo: number): Promise<void> {
    if (upTo + this.#ahead <= this.#carried) return;
    await this.#keepCarried({ carried: Math.min(upTo + this.#ahead, this.#written) });
    while (this.#files.length > this.#options.files && (this.#files[1]?.first ?? Number.POSITIVE_INFINITY) <= this.#carried + 1) {
      const [oldest] = this.#files.splice(0, 1);
      if (oldest) await unlink(oldest.path).catch(this.#options.onError);
    }
  }

  /** Writes what it is to be, and is that then: what was sent under a name that is forgotten would be sent again under another. */
  async #keepCarried(change: { id?: string; carried?: number; ahead?: number; since?: null } = {}): Promise<void> {
    const { id = this.#id, carried = this.#carried, ahead = this.#ahead } = change;
    const since = change.since === null ? undefined : this.#since;
    const state = { journal: id, upTo: carried, ...(ahead > 0 && { ahead }), ...(since !== undefined && { since }) };
    await writeAtomically(join(this.#folder, "carried.json"), JSON.stringify(state));
    [this.#id, this.#carried, this.#ahead, this.#since] = [id, carried, ahead, since];
  }

  /** Writes out what waits, once more if need be, and closes. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#committing;
    if (this.#waiting.length > 0) this.#commit();
    await this.#committing;
    clearTimeout(this.#timer);
    await this.#file?.close();
    this.#file = undefined;
  }

  /** Read again only when all that was read is carried away. */
  async #linesOf({ path }: JournalFile, from: number): Promise<readonly string[]> {
    const known = this.#read;
    if (known?.path === path && known.last >= from) return known.lines;
    const current = this.#files.at(-1)?.path === path ? this.#file : undefined;
    const text = (await (current?.read() ?? readFile(path))).toString("utf8");
    const lines = text.split("\n").filter((line) => (numberOf(line) ?? 0) >= from);
    this.#read = { path, lines, last: numberOf(lines.at(-1) ?? "") ?? 0 };
    return lines;
  }

  #unsentFiles(): number {
    return this.#files.filter((_, at) => (this.#files[at + 1]?.first ?? Number.POSITIVE_INFINITY) > this.#carried + 1).length;
  }

  /** Writes what waits, and takes room for what comes. */
  #commit(): void {
    clearTimeout(this.#timer);
    if (this.#committing) return;
    const lines = this.#waiting;
    this.#waiting = [];
    this.#committing = this.#work(lines).then((written) => {
      this.#committing = undefined;
      this.#waitingSince = performance.now();
      // What was accepted before the disk was found full has its room.
      const soon = written && this.#waiting.length > 0 ? COMMIT_MS : RETRY_MS;
      this.#timer = this.#waiting.length > 0 || this.#failing ? setTimeout(() => this.#commit(), soon) : undefined;
      if (written && lines.length > 0) for (const listener of this.#onCommit) listener();
    });
  }

  /** Never rejects. @returns whether these lines are on disk; if not they wait again */
  async #work(lines: readonly string[]): Promise<boolean> {
    let written = lines.length === 0;
    try {
      if (!written) await this.#write(lines);
      written = true;
      await this.#makeRoom();
      this.#failing = false;
    } catch (error) {
      this.#options.onError(error);
      this.#failing = true;
      if (!written) this.#waiting = [...lines, ...this.#waiting];
    }
    return written;
  }

  async #write(lines: readonly string[]): Promise<void> {
    this.#file ??= await this.#begin();
    try {
      const bytes = Buffer.from(`${lines.join("\n")}\n`);
      await this.#file.append(bytes);
      this.#pending -= bytes.length;
      this.#written += lines.length;
    } catch (error) {
      // A half-written line must not be continued: the next attempt begins a new file.
      await this.#close();
      throw error;
    }
  }

  /** The old file keeps its room until the new one has some. */
  async #makeRoom(): Promise<void> {
    if (this.#file && this.#file.bytes < this.#options.fileBytes) return this.#file.reserve();
    const next = await this.#begin();
    try {
      await next.reserve();
    } catch (error) {
      await this.#giveUp(next);
      throw error;
    }
    // At once: while there is no file nothing is accepted.
    const old = this.#file;
    this.#file = next;
    await old?.close().catch(this.#options.onError);
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(this.#options.onError);
  }

  /** A file of its own for what comes now. One that begins with the same number holds half a write at most. */
  async #begin(): Promise<ReservedFile> {
    const first = this.#written + 1;
    const path = join(this.#folder, `decisions-${String(first).padStart(16, "0")}.jsonl`);
    const file = await ReservedFile.create(path);
    if (this.#files.at(-1)?.first !== first) this.#files.push({ first, path });
    this.#read = undefined;
    return file;
  }

  /** One that was just begun. */
  async #giveUp(file: ReservedFile): Promise<void> {
    await file.close().catch(this.#options.onError);
    const path = this.#files.pop()?.path;
    if (path !== undefined) await unlink(path).catch(this.#options.onError);
  }
}

interface Found {
  readonly id: string;
  readonly files: JournalFile[];
  readonly last: number;
  readonly carried: number;
  readonly ahead: number;
  readonly since: number | undefined;
}

async function look(folder: string): Promise<Found> {
  const known = await readCarried(folder);
  const found = known ? (await readdir(folder)).filter((name) => NAME.test(name)).sort() : [];
  const files = found.map((name) => ({ first: Number(NAME.exec(name)?.[1]), path: join(folder, name) }));
  const id = known?.journal ?? newId();
  let last = known?.upTo ?? 0;
  const newest = files.at(-1);
  if (newest) {
    const bytes = await readFile(newest.path);
    // Half a line, and room that nobody used: what a crash leaves.
    const end = bytes.lastIndexOf(LINE_END) + 1;
    if (end < bytes.length) await truncate(newest.path, end);
    const lines = bytes.subarray(0, end).toString("utf8").split("\n");
    const numbers = lines.flatMap((line) => numberOf(line) ?? []);
    last = Math.max(last, numbers.at(-1) ?? newest.first - 1);
  }
  // Before the first line is written: numbers of a journal that nobody can name again would be counted as another's.
  if (!known) await writeAtomically(join(folder, "carried.json"), JSON.stringify({ journal: id, upTo: 0 }));
  return { id, files, last, carried: known?.upTo ?? 0, ahead: known?.ahead ?? 0, since: known?.since };
}

function newId(): string {
  return randomBytes(10).toString("hex");
}

interface Carried {
  readonly journal: string;
  readonly upTo: number;
  readonly ahead: number;
  readonly since: number | undefined;
}

async function readCarried(folder: string): Promise<Carried | undefined> {
  try {
    const {
      journal,
      upTo,
      ahead = 0,
      since,
    } = JSON.parse(await readFile(join(folder, "carried.json"), "utf8")) as Record<string, unknown>;
    if (typeof journal === "string" && Number.isSafeInteger(upTo) && Number.isSafeInteger(ahead))
      return {
        journal,
        upTo: Number(upTo),
        ahead: Number(ahead),
        since: Number.isSafeInteger(since) ? Number(since) : undefined,
      };
  } catch {
    // None yet, or not ours: what is there is left, and numbers begin anew under another name.
  }
  return undefined;
}

/** undefined: half a line, which its crash cut off. */
function numberOf(line: string): number | undefined {
  const n = /^\{"n":(\d+),/.exec(line)?.[1];
  return n !== undefined && line.endsWith("}") ? Number(n) : undefined;
}
