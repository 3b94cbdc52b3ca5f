/** Has full tiles stored while the next are filled, and says when there is no more room for those that cannot be: a disk that takes no more must not fill the memory. */
import type { Logger } from "pino";
import type { LogTree } from "./tree.js";

/** From so many bytes on; a checkpoint stores all. */
const STORE_FROM_BYTES = 4 * 1024 * 1024;
const MOST_BYTES = 64 * 1024 * 1024;
const AGAIN_MS = 1_000;

export class TileFlow {
  readonly #log: Logger;
  readonly #most: number;
  #storing: Promise<Error | undefined> | undefined;

  /** `most`: bytes of full tiles that may wait; default 64 MiB. */
  constructor({ log, most = MOST_BYTES }: { log: Logger; most?: number | undefined }) {
    this.#log = log;
    this.#most = most;
  }

  /** Waits where too many are not stored. undefined: the tree may grow; else why it may not. */
  async room(tree: LogTree): Promise<Error | undefined> {
    if (tree.unstoredBytes < Math.min(STORE_FROM_BYTES, this.#most)) return undefined;
    const stored = this.#store(tree);
    return tree.unstoredBytes < this.#most ? undefined : stored;
  }

  /** One order at a time; after one that failed not at once again. Never fails. */
  #store(tree: LogTree): Promise<Error | undefined> {
    this.#storing ??= tree.store().then(
      () => {
        this.#storing = undefined;
        return undefined;
      },
      (error: Error) => {
        this.#log.error({ err: error }, "full tiles of the log cannot be stored");
        setTimeout(() => {
          this.#storing = undefined;
        }, AGAIN_MS).unref();
        return error;
      },
    );
    return this.#storing;
  }
}
