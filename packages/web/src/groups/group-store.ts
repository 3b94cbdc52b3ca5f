/**
 * The groups that this tab follows, outside React: an answer of one follower out of a thousand re-renders its tile only. Control tells a group whole
 * once and then what changes; it is kept while the connection is lost, and asked for anew when it is back.
 */
import type { DeviceId, Group, GroupId, GroupMember, StepRecord, ToBrowser } from "@phonerack/contract/api";
import type { LiveConnection } from "../live/connection.js";

/** A group without its members and steps, which change on their own. */
export type GroupHead = Omit<Group, "members" | "steps">;

/** What a component shows of a group, and so what it wants to hear of. */
export type GroupPart = "head" | "members" | "steps";

const MOST_STEPS = 200;

class Followed {
  followers = 0;
  head: GroupHead | undefined;
  readonly byDevice = new Map<DeviceId, GroupMember>();
  /** The same array until one of them changes. */
  members: readonly GroupMember[] = [];
  /** Newest last. */
  steps: readonly StepRecord[] = [];
  /** When a recording began before this tab's eyes; undefined when it ran already. */
  recordingSince: number | undefined;
  readonly listeners: Record<GroupPart, Set<() => void>> = { head: new Set(), members: new Set(), steps: new Set() };
  readonly perMember = new Map<DeviceId, Set<() => void>>();
}

const NOBODY: readonly GroupMember[] = [];
const NOTHING: readonly StepRecord[] = [];

export class GroupStore {
  readonly #connection: Pick<LiveConnection, "send" | "listen">;
  readonly #now: () => number;
  readonly #groups = new Map<GroupId, Followed>();
  readonly #everyone = new Set<() => void>();

  constructor(connection: Pick<LiveConnection, "send" | "listen">, now: () => number = Date.now) {
    this.#connection = connection;
    this.#now = now;
    connection.listen({
      opened: () => {
        for (const [id, { followers }] of this.#groups) if (followers > 0) this.#ask(id, true);
      },
      message: (message) => this.#heard(message),
    });
  }

  /** Until what it gives is called; however many follow, control is asked once. */
  follow(id: GroupId): () => void {
    const group = this.#of(id);
    group.followers += 1;
    if (group.followers === 1) this.#ask(id, true);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      group.followers -= 1;
      if (group.followers === 0) this.#ask(id, false);
    };
  }

  /** What the API answered, as long as the live socket has told nothing newer. */
  seed({ members, steps, ...head }: Group): void {
    const group = this.#of(head.id);
    if (!group.head) this.#take(group, { head, members, steps });
  }

  head(id: GroupId): GroupHead | undefined {
    return this.#groups.get(id)?.head;
  }

  members(id: GroupId): readonly GroupMember[] {
    return this.#groups.get(id)?.members ?? NOBODY;
  }

  member(id: GroupId, device: DeviceId): GroupMember | undefined {
    return this.#groups.get(id)?.byDevice.get(device);
  }

  steps(id: GroupId): readonly StepRecord[] {
    return this.#groups.get(id)?.steps ?? NOTHING;
  }

  recordingSince(id: GroupId): number | undefined {
    return this.#groups.get(id)?.recordingSince;
  }

  subscribe(id: GroupId, part: GroupPart, changed: () => void): () => void {
    const listeners = this.#of(id).listeners[part];
    listeners.add(changed);
    return () => listeners.delete(changed);
  }

  subscribeToMember(id: GroupId, device: DeviceId, changed: () => void): () => void {
    const { perMember } = this.#of(id);
    const listeners = perMember.get(device) ?? new Set();
    perMember.set(device, listeners.add(changed));
    return () => {
      listeners.delete(changed);
      if (listeners.size === 0) perMember.delete(device);
    };
  }

  /** Whatever changed in any of them. */
  readonly subscribeToAll = (changed: () => void): (() => void) => {
    this.#everyone.add(changed);
    return () => this.#everyone.delete(changed);
  };

  #of(id: GroupId): Followed {
    const group = this.#groups.get(id) ?? new Followed();
    this.#groups.set(id, group);
    return group;
  }

  #ask(id: GroupId, follow: boolean): void {
    this.#connection.send({ type: "group", id, follow });
  }

  #heard(message: ToBrowser): void {
    if (message.type !== "group") return;
    const group = this.#groups.get(message.id);
    // Of a group that was left just now.
    if (!group || group.followers === 0) return;
    this.#take(group, { head: message.group, members: message.members, steps: message.steps });
  }

  #take(
    group: Followed,
    change: { head?: GroupHead | undefined; members?: GroupMember[] | undefined; steps?: StepRecord[] | undefined },
  ): void {
    const { head, members, steps } = change;
    if (head) {
      if (head.recording && group.head && !group.head.recording) group.recordingSince = this.#now();
      if (!head.recording) group.recordingSince = undefined;
      group.head = head;
      notify(group.listeners.head);
    }
    if (members && members.length > 0) {
      for (const member of members) group.byDevice.set(member.deviceId, member);
      group.members = [...group.byDevice.values()];
      for (const { deviceId } of members) notify(group.perMember.get(deviceId));
      notify(group.listeners.members);
    }
    if (steps && steps.length > 0) {
      group.steps = merged(group.steps, steps);
      notify(group.listeners.steps);
    }
    notify(this.#everyone);
  }
}

/** In the ledger's order; a record that comes again is the newer one. */
function merged(before: readonly StepRecord[], steps: readonly StepRecord[]): readonly StepRecord[] {
  const bySeq = new Map([...before, ...steps].map((step) => [step.seq, step]));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq).slice(-MOST_STEPS);
}

function notify(listeners: ReadonlySet<() => void> | undefined): void {
  for (const changed of listeners ?? []) changed();
}
