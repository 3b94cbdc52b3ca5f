/**
 * What groups hear: from agents how members are and took their steps, from other controls what those began and wrote, from leases that they are
 * over. And the clock: who is late, whom to tell again.
 */
import {
  AgentBeat,
  type Bus,
  ControlChanged,
  decodeMessage,
  GroupNews,
  GroupSaid,
  PhonerackError,
  subjects,
} from "@phonerack/contract/bus";
import type { LeaseRow } from "../leases/rows.js";
import type { Groups } from "./groups.js";
import type { LiveGroup } from "./live-group.js";
import type { GroupParts } from "./parts.js";

const PASS_MS = 250;
/** How often whoever did not hear is told again. */
const TELL_AGAIN_MS = 2_000;
/** News of groups that this control is only just reading. */
const MOST_EARLY = 200;

export interface EarParts extends GroupParts {
  readonly groups: Groups;
  /** Whether what this agent says is to be heard at all. */
  readonly hears: (agentId: string) => boolean;
}

export class Ears {
  readonly #parts: EarParts;
  readonly #stops: (() => void)[] = [];
  /** When each agent's present run began, by its own clock. */
  readonly #runs = new Map<string, number>();
  readonly #early = new Map<string, (() => void)[]>();
  #earlyCount = 0;
  #toldAt = 0;
  #telling = false;

  constructor(parts: EarParts) {
    this.#parts = parts;
    const { bus, leases } = parts;
    this.#hear(bus, subjects.groupNews("*"), (payload, agentId) => this.#news(agentId, decodeMessage(GroupNews, payload)));
    this.#hear(bus, subjects.beat("*"), (payload, agentId) => this.#beat(agentId, decodeMessage(AgentBeat, payload)));
    this.#hear(bus, subjects.groupSaid, (payload) => this.#said(decodeMessage(GroupSaid, payload)));
    this.#hear(bus, subjects.changed, (payload) => this.#changed(decodeMessage(ControlChanged, payload)));
    const restored = bus.onRestored(() => this.#orSay(this.readAll()));
    this.#stops.push(() => restored.unsubscribe());
    this.#stops.push(leases.onChange((changed) => this.#leases(changed)));
    const timer = setInterval(() => this.pass(), PASS_MS);
    this.#stops.push(() => clearInterval(timer));
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** Takes up all open groups, and asks their agents how they are. */
  async readAll(): Promise<void> {
    const { store, board } = this.#parts;
    for (const row of await store.open()) board.put(row);
    // What ended while nothing was heard.
    await this.#parts.groups.refresh(board.open.map(({ id }) => id));
    for (const group of board.open) {
      for (const id of group.within) group.toStart.add(id);
      await this.#ofLease(group, this.#parts.leases.lease(group.row.leaseId));
    }
  }

  /** What is due by the passing of time; called by its own clock. */
  pass(): void {
    const { board, orders, groups, now } = this.#parts;
    for (const group of board.open) group.pass();
    if (now() - this.#toldAt < TELL_AGAIN_MS || this.#telling) return;
    this.#toldAt = now();
    this.#telling = true;
    const starting = board.open.map((group) => {
      const present = [...group.toStart].filter((id) => group.within.includes(id) && board.missing(id) === null);
      return present.length > 0 ? orders.start(group, present) : undefined;
    });
    this.#orSay(
      Promise.all([...starting, groups.tellEnds()]).finally(() => {
        this.#telling = false;
      }),
    );
  }

  #news(agentId: string, news: GroupNews): void {
    if (news.agentId !== agentId) throw new PhonerackError("denied", "an agent spoke in another's name");
    this.#withGroup(news.group, (group) => {
      if (group.over) {
        // It did not hear that it is over, or an older control told it to begin.
        this.#orSay(this.#parts.groups.tellEnd(group.id, agentId));
        return;
      }
      const own = (deviceId: string) => group.has(deviceId) && this.#parts.orders.agentOf(deviceId) === agentId;
      group.hear({
        members: news.members.filter(({ deviceId }) => own(deviceId)),
        steps: news.steps.map(({ seq, answers }) => ({ seq, answers: answers.filter(({ deviceId }) => own(deviceId)) })),
      });
    });
  }

  #said({ replica, group: id, only, ...begun }: GroupSaid): void {
    if (replica === this.#parts.replica) return;
    this.#withGroup(id, (group) => {
      const within = group.within;
      group.begin(begun, only ? within.filter((one) => only.includes(one)) : within);
    });
  }

  #changed({ replica, groups: ids = [] }: ControlChanged): void {
    if (replica !== this.#parts.replica && ids.length > 0) this.#orSay(this.#parts.groups.refresh(ids));
  }

  /** An agent that began anew has forgotten its groups. */
  #beat(agentId: string, { startedAt }: AgentBeat): void {
    const before = this.#runs.get(agentId);
    this.#runs.set(agentId, startedAt);
    if (before === undefined || before === startedAt) return;
    for (const group of this.#parts.board.open) {
      for (const id of group.within) if (this.#parts.orders.agentOf(id) === agentId) group.toStart.add(id);
    }
  }

  #leases(changed: readonly LeaseRow[]): void {
    const byId = new Map(changed.map((lease) => [lease.id, lease]));
    for (const group of this.#parts.board.open) {
      const lease = byId.get(group.row.leaseId);
      if (lease) this.#orSay(this.#ofLease(group, lease));
    }
  }

  /** What a group's lease, as it is by now, means for it. */
  async #ofLease(group: LiveGroup, lease: LeaseRow | undefined): Promise<void> {
    const { groups } = this.#parts;
    const { row } = group;
    if (!lease || lease.phase === "ended") return await groups.finish(row.id, `its lease is over${why(lease)}`);
    if (lease.actor !== row.actor) return await groups.finish(row.id, "its lease was handed over");
    const held = new Map(lease.devices.map(({ id, epoch }) => [id, epoch]));
    const lost = row.members.filter(({ id, epoch, out }) => out !== "dropped" && held.get(id) !== epoch);
    if (lost.length > 0) {
      const ids = lost.map(({ id }) => id);
      await groups.lose(group, ids);
    }
  }

  /** Now, or when its row has been read. */
  #withGroup(id: string, act: (group: LiveGroup) => void): void {
    const known = this.#parts.board.get(id);
    if (known) {
      act(known);
      return;
    }
    if (this.#earlyCount >= MOST_EARLY) return;
    this.#earlyCount++;
    const waiting = this.#early.get(id) ?? [];
    waiting.push(() => {
      this.#earlyCount--;
      const group = this.#parts.board.get(id);
      if (group) act(group);
    });
    if (this.#early.has(id)) return;
    this.#early.set(id, waiting);
    const reading = this.#parts.groups.refresh([id]).finally(() => {
      this.#early.delete(id);
      for (const later of waiting) later();
    });
    this.#orSay(reading);
  }

  #hear(bus: Bus, subject: string, take: (payload: Uint8Array, speaker: string) => void): void {
    const subscription = bus.subscribe(subject, (message) => {
      const [from, speaker = ""] = message.subject.split(".");
      try {
        if (from === "agent" && !this.#parts.hears(speaker)) return undefined;
        take(message.payload, speaker);
      } catch (error) {
        const detail = error instanceof PhonerackError ? error.detail : undefined;
        this.#parts.log.warn({ subject: message.subject, detail, err: error }, "a message about groups was refused");
      }
      return undefined;
    });
    this.#stops.push(() => subscription.unsubscribe());
  }

  #orSay(doing: Promise<unknown>): void {
    doing.catch((error: unknown) =>
      this.#parts.log.error({ err: error }, "a group could not be brought up to date; tried again"),
    );
  }
}

function why(lease: LeaseRow | undefined): string {
  if (!lease?.endReason) return "";
  return ` (${lease.endReason}${lease.endNote === null ? "" : `: ${lease.endNote}`})`;
}
