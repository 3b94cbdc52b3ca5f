/**
 * What tasks were begun and how they ended, as lines of one file: a task begins only when its line is on disk. Lines of one moment share a write and a
 * sync; the file is written anew from memory when it has grown, or when a write failed in the middle of a line. What the lines mean is `tasks.ts`'s.
 */
import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import { writeAtomically } from "../atomic-file.js";

/** Beyond it the file is written anew. */
const FILE_BYTES = 64 * 1024 * 1024;

export interface TaskJournalParts {
  readonly path: string;
  /** All that counts now, as lines: what the file is written anew from. */
  readonly lines: () => Iterable<string>;
  readonly fileBytes?: number;
}

interface Waiting {
  readonly line: string;
  readonly settle: (error?: unknown) => void;
}

export class TaskJournal {
  readonly #parts: TaskJournalParts;
  readonly #most: number;
  #file: FileHandle | undefined;
  #bytes = 0;
  /** What it had when it was last written anew: much that counts must not be written again each time. */
  #least = 0;
  #waiting: Waiting[] = [];
  #working: Promise<void> | undefined;

  constructor(parts: TaskJournalParts) {
    this.#parts = parts;
    this.#most = parts.fileBytes ?? FILE_BYTES;
  }

  /** The lines of an earlier run; one that is no JSON, which a crash left half written, is left out. */
  static async read(path: string): Promise<unknown[]> {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    return text.split("\n").flatMap((line) => {
      try {
        return line === "" ? [] : [JSON.parse(line) as unknown];
      } catch {
        return [];
      }
    });
  }

  /** Resolves when the line would survive a loss of power; fails with `data_unwritable`. What it says must count in `lines` already. */
  write(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, settle: (error) => (error === undefined ? resolve() : reject(error as Error)) });
      this.#working ??= this.#work();
    });
  }

  /** Writes out what waits and closes. */
  async stop(): Promise<void> {
    await this.#working;
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
  }

  async #work(): Promise<void> {
    // Lines of the same turn of the event loop go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#append(batch.map(({ line }) => line));
        for (const { settle } of batch) settle();
      } catch (cause) {
        await this.#file?.close().catch(() => undefined);
        this.#file = undefined;
        const error = new PhonerackError("data_unwritable", this.#parts.path, { cause });
        for (const { settle } of batch) settle(error);
      }
    }
    this.#working = undefined;
  }

  async #append(lines: readonly string[]): Promise<void> {
    const { path } = this.#parts;
    if (this.#file === undefined || this.#bytes > Math.max(this.#most, 2 * this.#least)) {
      await this.#file?.close();
      this.#file = undefined;
      await writeAtomically(path, [...this.#parts.lines()].map((line) => `${line}\n`).join(""));
      this.#bytes = this.#least = (await stat(path)).size;
      this.#file = await open(path, "a", 0o600);
      return;
    }
    const text = Buffer.from(`${lines.join("\n")}\n`);
    await this.#file.appendFile(text);
    await this.#file.datasync();
    this.#bytes += text.length;
  }
}
