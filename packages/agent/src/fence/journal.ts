/**
 * What the fence has disabled, of all phones, on disk before it is done: a crash at any moment leaves a list of everything that is to be enabled
 * again, and of nothing that somebody else had disabled.
 */
import { join } from "node:path";
import { DeviceId, PackageName, PhonerackError } from "@phonerack/contract/bus";
import { KeptFile, readKept } from "../kept-file.js";

export interface FenceJournalParts {
  readonly dataDir: string;
  /** Told of a file that is not ours and of writes that failed; they are tried again. */
  readonly onProblem: (error: unknown) => void;
}

export class FenceJournal {
  readonly #file: KeptFile;
  readonly #fences = new Map<string, ReadonlySet<string>>();

  private constructor(path: string, { onProblem }: FenceJournalParts) {
    this.#file = new KeptFile({ path, onProblem, text: () => this.#text() });
  }

  /** Reads `fences.json`. A file that is none is put aside: cleaning knows what was enabled before, too. Fails when it may not be read. */
  static async open(parts: FenceJournalParts): Promise<FenceJournal> {
    const path = join(parts.dataDir, "fences.json");
    const journal = new FenceJournal(path, parts);
    const known = (await readKept(path, parseFences, parts.onProblem)) ?? [];
    for (const [id, names] of known) journal.#fences.set(id, new Set(names));
    return journal;
  }

  /** What is, or may be, disabled on this phone by us. */
  of(id: string): ReadonlySet<string> {
    return this.#fences.get(id) ?? NONE;
  }

  /** These are about to be disabled. Resolves when that is on disk; fails with `data_unwritable`, and then nothing may be disabled. */
  async add(id: string, names: readonly string[]): Promise<void> {
    this.#fences.set(id, new Set([...this.of(id), ...names]));
    await this.#file.saved(this.#file.change());
  }

  /** These were seen to be enabled, or to be gone. A crash that takes this back only has them enabled once more. */
  remove(id: string, names: Iterable<string>): void {
    const left = new Set(this.of(id));
    for (const name of names) left.delete(name);
    if (left.size === this.of(id).size) return;
    if (left.size > 0) this.#fences.set(id, left);
    else this.#fences.delete(id);
    this.#file.change();
    this.#file.saveSoon();
  }

  /** Writes what is not yet on disk. */
  stop(): Promise<void> {
    return this.#file.stop();
  }

  #text(): string {
    const fences = Object.fromEntries([...this.#fences].map(([id, names]) => [id, [...names]]));
    return `${JSON.stringify({ version: 1, fences })}\n`;
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
