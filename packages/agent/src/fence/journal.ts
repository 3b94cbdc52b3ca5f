/**
 * What the fence has disabled, of all phones, on disk before it is done: a crash at any moment leaves a list of everything that is to be enabled
 * again, and of nothing that somebody else had disabled.
 */
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { DeviceId, PackageName, PhonerackError } from "@phonerack/contract/bus";
import { writeAtomically } from "../atomic-file.js";
import { GroupCommit } from "../group-commit.js";

const RETRY_MS = 1_000;

export interface FenceJournalParts {
  readonly dataDir: string;
  /** Told of a file that is not ours and of writes that failed; they are tried again. */
  onProblem(error: unknown): void;
}

export class FenceJournal {
  readonly #parts: FenceJournalParts;
  readonly #path: string;
  readonly #fences = new Map<string, ReadonlySet<string>>();
  readonly #commit = new GroupCommit(() => this.#write());
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  private constructor(parts: FenceJournalParts) {
    this.#parts = parts;
    this.#path = join(parts.dataDir, "fences.json");
  }

  /** Reads `fences.json`. A file that is none is put aside: cleaning knows what was enabled before, too. Fails when it may not be read. */
  static async open(parts: FenceJournalParts): Promise<FenceJournal> {
    const journal = new FenceJournal(parts);
    let text: string;
    try {
      text = await readFile(journal.#path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return journal;
    }
    try {
      for (const [id, names] of parseFences(text)) journal.#fences.set(id, new Set(names));
    } catch (error) {
      parts.onProblem(error);
      await rename(journal.#path, `${journal.#path}.unreadable-${Date.now()}`);
    }
    return journal;
  }

  /** What is, or may be, disabled on this phone by us. */
  of(id: string): ReadonlySet<string> {
    return this.#fences.get(id) ?? NONE;
  }

  /** These are about to be disabled. Resolves when that is on disk; fails with `data_unwritable`, and then nothing may be disabled. */
  async add(id: string, names: readonly string[]): Promise<void> {
    this.#fences.set(id, new Set([...this.of(id), ...names]));
    await this.#commit.commit();
  }

  /** These were seen to be enabled, or to be gone. A crash that takes this back only has them enabled once more. */
  remove(id: string, names: Iterable<string>): void {
    const left = new Set(this.of(id));
    for (const name of names) left.delete(name);
    if (left.size === this.of(id).size) return;
    if (left.size > 0) this.#fences.set(id, left);
    else this.#fences.delete(id);
    this.#saveSoon();
  }

  /** Writes what is not yet on disk. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    await this.#commit.commit().catch(() => undefined);
  }

  #saveSoon(): void {
    // Its failure is told and mended by #write.
    this.#commit.commit().catch(() => undefined);
  }

  async #write(): Promise<void> {
    const fences = Object.fromEntries([...this.#fences].map(([id, names]) => [id, [...names]]));
    try {
      await writeAtomically(this.#path, `${JSON.stringify({ version: 1, fences })}\n`);
    } catch (error) {
      this.#parts.onProblem(error);
      clearTimeout(this.#retry);
      if (!this.#stopped) this.#retry = setTimeout(() => this.#saveSoon(), RETRY_MS);
      throw new PhonerackError("data_unwritable", this.#path, { cause: error });
    }
  }
}

/** Throws on anything else than what we wrote: these names go into a shell's command line. */
function parseFences(text: string): [string, string[]][] {
  const json: unknown = JSON.parse(text);
  const fences = typeof json === "object" && json !== null && "fences" in json ? json.fences : undefined;
  if (typeof fences !== "object" || fences === null) throw new PhonerackError("data_unwritable", "fences.json is not ours");
  return Object.entries(fences).map(([id, names]) => [DeviceId.parse(id), PackageName.array().parse(names)]);
}

const NONE: ReadonlySet<string> = new Set();
