/**
 * The numbers of a group's steps: taken from the database in blocks, so that a step waits for no disk, and two controls never give the same
 * number to two steps. What is left of a block when a control ends is skipped.
 */
import { PhonerackError } from "@phonerack/contract/bus";
import type { GroupStore } from "./store.js";

export const BLOCK = 50;
/** When so few are left, the next block is fetched meanwhile. */
const LOW = 20;

interface Block {
  next: number;
  last: number;
}

export class Seqs {
  readonly #store: GroupStore;
  readonly #blocks = new Map<string, Block[]>();
  readonly #fetching = new Map<string, Promise<void>>();

  constructor(store: GroupStore) {
    this.#store = store;
  }

  /** The first block is taken with the row that is made. */
  begin(groupId: string): void {
    this.#blocks.set(groupId, [{ next: 1, last: BLOCK }]);
  }

  forget(groupId: string): void {
    this.#blocks.delete(groupId);
  }

  /** Fails with `group_over`. */
  async next(groupId: string): Promise<number> {
    let left = this.#left(groupId);
    if (left === 0) await this.#fetch(groupId);
    else if (left <= LOW) this.#fetch(groupId).catch(() => undefined);
    const block = this.#blocks.get(groupId)?.find(({ next, last }) => next <= last);
    if (!block) throw new PhonerackError("group_over", groupId);
    left = block.next++;
    return left;
  }

  #left(groupId: string): number {
    return (this.#blocks.get(groupId) ?? []).reduce((sum, { next, last }) => sum + Math.max(0, last - next + 1), 0);
  }

  #fetch(groupId: string): Promise<void> {
    const under = this.#fetching.get(groupId) ?? this.#fetchNow(groupId).finally(() => this.#fetching.delete(groupId));
    this.#fetching.set(groupId, under);
    return under;
  }

  async #fetchNow(groupId: string): Promise<void> {
    const last = await this.#store.takeSeqs(groupId, BLOCK);
    if (last === undefined) throw new PhonerackError("group_over", groupId);
    const blocks = (this.#blocks.get(groupId) ?? []).filter((block) => block.next <= block.last);
    this.#blocks.set(groupId, [...blocks, { next: last - BLOCK + 1, last }]);
  }
}
