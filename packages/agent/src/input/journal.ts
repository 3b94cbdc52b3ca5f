/**
 * The decision journal: every answer of the gate, as one JSON line with all the facts it rested on, so that it can be replayed. Written by group
 * commit: decisions of a few milliseconds share one write and one sync, and an injection never waits for the disk. What an input said
 * (text, position) is not in it.
 */
import { type FileHandle, mkdir, open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { GateDecision, GateFacts } from "@phonerack/policy";

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

const COMMIT_MS = 4;
/** Lines waiting for the disk. Beyond it inputs are refused: what cannot be proved is not done. */
const MOST_WAITING = 50_000;
const FILE_BYTES = 64 * 1024 * 1024;
const FILES = 8;
const NAME = /^decisions-\d{13}-\d{4}\.jsonl$/;

export class DecisionJournal {
  readonly #folder: string;
  readonly #onError: (error: unknown) => void;
  #waiting: string[] = [];
  #writing = 0;
  #committing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #file: { handle: FileHandle; bytes: number } | undefined;
  #count = 0;

  private constructor(folder: string, onError: (error: unknown) => void) {
    this.#folder = folder;
    this.#onError = onError;
  }

  /** Opens `<dataDir>/decisions`. `onError` hears of writes that failed; they are tried again. */
  static async open(dataDir: string, onError: (error: unknown) => void): Promise<DecisionJournal> {
    const journal = new DecisionJournal(join(dataDir, "decisions"), onError);
    await mkdir(journal.#folder, { recursive: true, mode: 0o700 });
    return journal;
  }

  /** Takes a decision to write. False when the disk cannot keep up: the input must then not happen. */
  add(entry: JournalEntry): boolean {
    if (this.#waiting.length + this.#writing >= MOST_WAITING) return false;
    this.#waiting.push(JSON.stringify(entry));
    this.#timer ??= setTimeout(() => this.#commit(), COMMIT_MS);
    return true;
  }

  /** Writes out what waits, once more if need be, and closes. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#committing;
    if (this.#waiting.length > 0) this.#commit();
    await this.#committing;
    clearTimeout(this.#timer);
    await this.#file?.handle.close();
    this.#file = undefined;
  }

  #commit(): void {
    clearTimeout(this.#timer);
    if (this.#committing || this.#waiting.length === 0) return;
    const lines = this.#waiting;
    this.#waiting = [];
    this.#writing = lines.length;
    let failed = false;
    this.#committing = this.#write(lines)
      .catch((error: unknown) => {
        this.#onError(error);
        failed = true;
        this.#waiting = [...lines, ...this.#waiting];
      })
      .then(() => {
        this.#writing = 0;
        this.#committing = undefined;
        this.#timer = this.#waiting.length > 0 ? setTimeout(() => this.#commit(), failed ? 1_000 : COMMIT_MS) : undefined;
      });
  }

  async #write(lines: readonly string[]): Promise<void> {
    const text = Buffer.from(`${lines.join("\n")}\n`);
    this.#file ??= await this.#next();
    try {
      await this.#file.handle.appendFile(text);
      await this.#file.handle.datasync();
      this.#file.bytes += text.length;
    } catch (error) {
      // A half-written line must not be continued: the next attempt begins a new file.
      await this.#close();
      throw error;
    }
    if (this.#file.bytes >= FILE_BYTES) await this.#close();
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close().catch(this.#onError);
  }

  async #next(): Promise<{ handle: FileHandle; bytes: number }> {
    const old = (await readdir(this.#folder)).filter((name) => NAME.test(name)).sort();
    for (const name of old.slice(0, Math.max(0, old.length - (FILES - 1)))) await unlink(join(this.#folder, name));
    const name = `decisions-${String(Date.now()).padStart(13, "0")}-${String(this.#count++ % 10_000).padStart(4, "0")}.jsonl`;
    return { handle: await open(join(this.#folder, name), "ax", 0o600), bytes: 0 };
  }
}
