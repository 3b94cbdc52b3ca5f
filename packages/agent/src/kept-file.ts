/**
 * A small file of ours that is written whole: many changes share one write and one sync, a write that failed is told and tried again. What a change
 * may do before it is on disk is its owner's business.
 */
import { readFile, rename } from "node:fs/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import { writeAtomically } from "./atomic-file.js";

const RETRY_MS = 1_000;

export interface KeptFileParts {
  readonly path: string;
  /** All of it, as it is at that moment. */
  readonly text: () => string;
  /** Told of writes that failed. */
  readonly onProblem: (error: unknown) => void;
  /** Everything up to this change is on disk now. */
  readonly onWritten?: (upTo: number) => void;
}

/**
 * Reads a file of ours. undefined: there is none, or it is not ours; one that is not is put aside and told. Fails when it may not be read: it must not be
 * written over either.
 */
export async function readKept<T>(
  path: string,
  parse: (text: string) => T,
  onProblem: (error: unknown) => void,
): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return parse(text);
  } catch (error) {
    onProblem(error);
    await rename(path, `${path}.unreadable-${Date.now()}`);
    return undefined;
  }
}

export class KeptFile {
  readonly #parts: KeptFileParts;
  #changes = 0;
  #written = 0;
  #beingWritten = 0;
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(parts: KeptFileParts) {
    this.#parts = parts;
  }

  /** Something has changed. @returns the number of the change */
  change(): number {
    return ++this.#changes;
  }

  /** Whether this change is on disk. */
  has(change: number): boolean {
    return change <= this.#written;
  }

  /** Resolves when this change, by default the last, is on disk; fails with `data_unwritable`. Changes that come while a write is under way share the next. */
  saved(change = this.#changes): Promise<void> {
    if (change <= this.#written) return Promise.resolve();
    if (change <= this.#beingWritten) return this.#current;
    const begin = () => {
      this.#next = undefined;
      return (this.#current = this.#write());
    };
    return (this.#next ??= this.#current.then(begin, begin));
  }

  /** For changes that nobody waits for; their failure is told and mended. */
  saveSoon(): void {
    this.saved().catch(() => undefined);
  }

  /** Writes what is not yet on disk, once more. Never fails. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.saved().catch(() => undefined);
    clearTimeout(this.#retry);
  }

  async #write(): Promise<void> {
    const { path, onProblem, onWritten } = this.#parts;
    const upTo = (this.#beingWritten = this.#changes);
    try {
      await writeAtomically(path, this.#parts.text());
    } catch (error) {
      this.#beingWritten = this.#written;
      onProblem(error);
      clearTimeout(this.#retry);
      if (!this.#stopped) this.#retry = setTimeout(() => this.saveSoon(), RETRY_MS);
      throw new PhonerackError("data_unwritable", path, { cause: error });
    }
    this.#written = upTo;
    onWritten?.(upTo);
  }
}
