/** What changes in groups, gathered, and written once for all live sockets that follow the same. */
import type { ToBrowser } from "@phonerack/contract/api";
import type { GroupBoard } from "../groups/group-board.js";
import type { LiveGroup } from "../groups/live-group.js";

const GATHER_MS = 100;

type GroupMessage = Extract<ToBrowser, { type: "group" }>;

export interface GroupFollower {
  /** `json` is the message. */
  group(id: string, json: string): void;
}

interface Followed {
  readonly followers: Set<GroupFollower>;
  readonly members: Set<string>;
  readonly steps: Set<number>;
  outline: boolean;
  timer: NodeJS.Timeout | undefined;
}

export class GroupFeed {
  readonly #followed = new Map<string, Followed>();
  readonly #stopListening: () => void;

  constructor(board: GroupBoard) {
    this.#stopListening = board.onChange((group, { group: outline, members = [], steps = [] }) => {
      const followed = this.#followed.get(group.id);
      if (!followed) return;
      if (outline) followed.outline = true;
      for (const id of members) followed.members.add(id);
      for (const seq of steps) followed.steps.add(seq);
      followed.timer ??= setTimeout(() => this.#flush(group, followed), GATHER_MS);
    });
  }

  /** The message with all of it now, and every change from now on; returns how to stop that. */
  follow(group: LiveGroup, follower: GroupFollower): { whole: string; stop: () => void } {
    const followed: Followed = this.#followed.get(group.id) ?? {
      followers: new Set(),
      members: new Set(),
      steps: new Set(),
      outline: false,
      timer: undefined,
    };
    this.#followed.set(group.id, followed);
    followed.followers.add(follower);
    const stop = () => {
      followed.followers.delete(follower);
      if (followed.followers.size > 0 || this.#followed.get(group.id) !== followed) return;
      clearTimeout(followed.timer);
      this.#followed.delete(group.id);
    };
    return { whole: this.whole(group), stop };
  }

  whole(group: LiveGroup): string {
    const { members, steps, ...outline } = group.whole();
    return JSON.stringify({ type: "group", id: group.id, group: outline, members, steps } satisfies GroupMessage);
  }

  stop(): void {
    this.#stopListening();
    for (const { timer } of this.#followed.values()) clearTimeout(timer);
    this.#followed.clear();
  }

  #flush(group: LiveGroup, followed: Followed): void {
    followed.timer = undefined;
    const { outline, members, steps } = followed;
    const message: GroupMessage = {
      type: "group",
      id: group.id,
      ...(outline && { group: group.outline() }),
      ...(members.size > 0 && { members: group.memberViews(members) }),
      ...(steps.size > 0 && { steps: [...steps].sort((a, b) => a - b).flatMap((seq) => group.ledger.record(seq) ?? []) }),
    };
    followed.outline = false;
    members.clear();
    steps.clear();
    const json = JSON.stringify(message);
    for (const follower of followed.followers) follower.group(group.id, json);
  }
}
