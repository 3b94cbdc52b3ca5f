/** The groups that one browser tab follows and drives: what it is told of them, what it does on them, and the fingers that it holds down. */
import { type GroupStep, PhonerackError } from "@phonerack/contract/bus";
import type { Caller } from "../access/caller.js";
import type { Groups } from "../groups/groups.js";
import { toPhonerackError } from "../http/errors.js";
import type { GroupFeed, GroupFollower } from "./group-feed.js";
import type { Outlet } from "./outlet.js";

/** At once by one tab: a page shows one, or a few. */
const MOST_FOLLOWED = 8;
/** A group of a thousand is half a megabyte to write: asked for once, what changes comes by itself. */
const WHOLE_EVERY_MS = 1_000;
/** Steps that are on their way to the agents. */
const MOST_PENDING = 64;
const MOST_REMEMBERED = 100;

type Touch = Extract<GroupStep, { type: "touch" }>;

export interface FollowedParts {
  readonly caller: Caller;
  readonly groups: Groups;
  readonly feed: GroupFeed;
  readonly outlet: Outlet;
  /** The browser is behind: `catchUp` is to be called until it gives true. */
  readonly behind: () => void;
}

export class FollowedGroups implements GroupFollower {
  readonly #parts: FollowedParts;
  readonly #stops = new Map<string, () => void>();
  /** Of these something was left out, since the browser did not read: they are sent whole when it does. */
  readonly #missed = new Set<string>();
  readonly #down = new Map<string, Map<number, Touch>>();
  readonly #later = new Map<string, NodeJS.Timeout>();
  readonly #askedAt = new Map<string, number>();
  #pending = 0;
  #closed = false;

  constructor(parts: FollowedParts) {
    this.#parts = parts;
  }

  /** Throws `group_not_found` and `too_many`. Asked for again at once, it comes a moment later. */
  async follow(id: string): Promise<void> {
    if (!this.#stops.has(id) && this.#stops.size + this.#later.size >= MOST_FOLLOWED)
      throw new PhonerackError("too_many", `at most ${MOST_FOLLOWED} groups at once`);
    const now = performance.now();
    const due = (this.#askedAt.get(id) ?? Number.NEGATIVE_INFINITY) + WHOLE_EVERY_MS - now;
    if (due > 0) {
      this.unfollow(id);
      const again = () => this.follow(id).catch(() => undefined);
      this.#later.set(
        id,
        setTimeout(() => {
          this.#later.delete(id);
          void again();
        }, due),
      );
      return;
    }
    if (this.#askedAt.size >= MOST_REMEMBERED) this.#askedAt.clear();
    this.#askedAt.set(id, now);
    const { caller, groups, feed, outlet } = this.#parts;
    const group = await groups.require(caller, id);
    if (this.#closed) return;
    this.unfollow(id);
    const { whole, stop } = feed.follow(group, this);
    this.#stops.set(id, stop);
    outlet.text(whole);
  }

  unfollow(id: string): void {
    clearTimeout(this.#later.get(id));
    this.#later.delete(id);
    this.#stops.get(id)?.();
    this.#stops.delete(id);
    this.#missed.delete(id);
  }

  group(id: string, json: string): void {
    const { outlet, behind } = this.#parts;
    if (!outlet.full && !this.#missed.has(id)) {
      outlet.text(json);
      return;
    }
    this.#missed.add(id);
    behind();
  }

  /** False when it should be called again. */
  catchUp(): boolean {
    const { outlet, groups, caller, feed } = this.#parts;
    if (this.#missed.size === 0) return true;
    if (!outlet.roomy) return false;
    for (const id of this.#missed) {
      this.#missed.delete(id);
      const send = async () => outlet.text(feed.whole(await groups.require(caller, id)));
      send().catch(() => undefined);
    }
    return true;
  }

  async step(seq: number, id: string, step: GroupStep): Promise<void> {
    const { caller, groups, outlet } = this.#parts;
    if (this.#pending >= MOST_PENDING) {
      outlet.tell({ type: "step", seq, step: null, error: new PhonerackError("too_many").toJSON() });
      return;
    }
    this.#pending++;
    try {
      const done = await groups.step(caller, id, { step, wait: 0 });
      this.#note(id, step);
      outlet.tell({ type: "step", seq, step: done.seq });
    } catch (error) {
      outlet.tell({ type: "step", seq, step: null, error: toPhonerackError(error, "live").toJSON() });
    } finally {
      this.#pending--;
    }
  }

  /** A tab that is closed in the middle of a drag would leave its finger on every screen. */
  close(): void {
    this.#closed = true;
    for (const id of [...this.#stops.keys(), ...this.#later.keys()]) this.unfollow(id);
    for (const [id, fingers] of this.#down) {
      for (const touch of fingers.values()) this.#cancel(id, touch);
    }
    this.#down.clear();
  }

  #note(id: string, step: GroupStep): void {
    if (step.type !== "touch") return;
    const fingers = this.#down.get(id) ?? new Map<number, Touch>();
    if (step.phase === "down" || step.phase === "move") {
      // It was on its way when the tab was closed.
      if (this.#closed) this.#cancel(id, step);
      else this.#down.set(id, fingers.set(step.pointer, step));
      return;
    }
    fingers.delete(step.pointer);
    if (fingers.size === 0) this.#down.delete(id);
  }

  #cancel(id: string, touch: Touch): void {
    const { caller, groups } = this.#parts;
    // A group that is over has no finger down.
    groups.step(caller, id, { step: { ...touch, phase: "cancel" }, wait: 0 }).catch(() => undefined);
  }
}
