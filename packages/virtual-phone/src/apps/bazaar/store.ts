/**
 * What Bazaar's people did: likes, comments, follows and orders. It stands for somebody else's shop and network: tests read these
 * counters to prove that nothing automatic changed them.
 */
import { DataKey } from "../../phone/app-data.js";
import { BAZAAR } from "../manifests.js";

export interface Comment {
  readonly author: string;
  readonly text: string;
}

export interface Order {
  readonly number: number;
  readonly product: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
}

export interface BazaarCounters {
  readonly likes: number;
  readonly comments: number;
  readonly follows: number;
  readonly orders: number;
}

/** Most entries of a kind that one phone keeps. */
const MAX = 500;

class BazaarStore {
  readonly #liked = new Set<number>();
  readonly #followed = new Set<string>();
  readonly #comments = new Map<number, readonly Comment[]>();
  #orders: readonly Order[] = [];

  /** What this phone's person did, in all. */
  get counters(): BazaarCounters {
    let comments = 0;
    for (const list of this.#comments.values()) comments += list.length;
    return { likes: this.#liked.size, comments, follows: this.#followed.size, orders: this.#orders.length };
  }
  /** Newest first. */
  get orders(): readonly Order[] {
    return this.#orders;
  }

  liked(post: number): boolean {
    return this.#liked.has(post);
  }
  toggleLike(post: number): void {
    if (!this.#liked.delete(post)) this.#liked.add(post);
  }
  followed(author: string): boolean {
    return this.#followed.has(author);
  }
  toggleFollow(author: string): void {
    if (!this.#followed.delete(author)) this.#followed.add(author);
  }
  comments(post: number): readonly Comment[] {
    return this.#comments.get(post) ?? [];
  }
  comment(post: number, comment: Comment): void {
    this.#comments.set(post, [...this.comments(post), comment].slice(-MAX));
  }
  order(product: number, time: number): Order {
    const order = { number: 10_001 + (this.#orders[0] ? this.#orders[0].number - 10_000 : 0), product, time };
    this.#orders = [order, ...this.#orders].slice(0, MAX);
    return order;
  }
}

export const BAZAAR_DATA = new DataKey(BAZAAR, () => new BazaarStore());
