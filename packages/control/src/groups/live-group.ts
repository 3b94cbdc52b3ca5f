/** One group as one control knows it, in memory: its row, what its agents say of the members, and its ledger. Decides nothing, sends nothing. */
import type { Group, GroupMember, GroupNews, ScreenState, StepAnswer } from "@phonerack/contract/bus";
import { type Begun, Ledger } from "./ledger.js";
import type { GroupRow, MemberRow, Out } from "./rows.js";
import { type Said, standingOf } from "./standing.js";
import { targetOf } from "./words.js";

/** How long a member may take before it is shown as behind; it is late much later. */
const SLOW_MS = 1_000;

/** What changed, to be told to whoever follows the group. */
export interface GroupDelta {
  readonly group?: boolean;
  readonly members?: Iterable<string>;
  readonly steps?: Iterable<number>;
}

export interface GroupSurroundings {
  readonly now: () => number;
  /** Why a device is not there; null when it is. */
  readonly missing: (deviceId: string) => string | null;
  readonly changed: (group: LiveGroup, delta: GroupDelta) => void;
}

interface Member {
  readonly id: string;
  out: Out;
  said: Said | undefined;
  refused: string | null;
  answer: { readonly seq: number; readonly answer: StepAnswer } | undefined;
  slow: boolean;
  failed: string | null;
  view: GroupMember;
}

export class LiveGroup {
  readonly ledger = new Ledger();
  /** Members whose agents are yet to be told to take part. */
  readonly toStart = new Set<string>();
  readonly #around: GroupSurroundings;
  readonly #members = new Map<string, Member>();
  #row: GroupRow;

  constructor(row: GroupRow, around: GroupSurroundings) {
    this.#row = row;
    this.#around = around;
    for (const member of row.members) this.#add(member);
    this.#refresh(this.#members.keys());
  }

  get row(): GroupRow {
    return this.#row;
  }

  get id(): string {
    return this.#row.id;
  }

  get over(): boolean {
    return this.#row.endedAt !== null;
  }

  /** The row as it stands in the database by now. */
  put(row: GroupRow): void {
    const ended = row.endedAt !== null && !this.over;
    this.#row = row;
    for (const member of row.members) {
      const known = this.#members.get(member.id);
      if (known) known.out = member.out;
      else this.#add(member);
    }
    if (ended) this.ledger.close();
    this.#tell(true, this.#refresh(this.#members.keys()));
  }

  has(deviceId: string): boolean {
    return this.#members.has(deviceId);
  }

  epochOf(deviceId: string): number {
    return this.#row.members.find(({ id }) => id === deviceId)?.epoch ?? 0;
  }

  /** All that are not out of it. */
  get within(): string[] {
    return this.#row.members.filter(({ out }) => out === null).map(({ id }) => id);
  }

  get memberIds(): string[] {
    return [...this.#members.keys()];
  }

  view(deviceId: string): GroupMember | undefined {
    return this.#members.get(deviceId)?.view;
  }

  screenOf(deviceId: string): ScreenState | null {
    return this.#members.get(deviceId)?.said?.screen ?? null;
  }

  /** Where a replayed flow failed on a device: it is left out of the rest. */
  failedOn(deviceId: string): string | null {
    return this.#members.get(deviceId)?.failed ?? null;
  }

  /** After which step it was last seen to have settled; 0 before the first. */
  seenAfter(deviceId: string): number {
    return this.#members.get(deviceId)?.said?.seq ?? 0;
  }

  clearFailures(): void {
    this.#set(
      this.memberIds.filter((id) => this.failedOn(id) !== null),
      (member) => {
        member.failed = null;
      },
    );
  }

  setFailed(deviceId: string, why: string | null): void {
    this.#set([deviceId], (member) => {
      member.failed = why;
    });
  }

  /** Its agent does not let these take part, and why; null: it does by now. */
  setRefused(deviceIds: Iterable<string>, why: string | null): void {
    this.#set(deviceIds, (member) => {
      member.refused = why;
    });
  }

  /** What it did last is not what it is judged by any more. */
  forgive(deviceId: string): void {
    this.#set([deviceId], (member) => {
      member.answer = undefined;
      member.failed = null;
      member.slow = false;
    });
  }

  /** Something about these devices changed elsewhere: whether they are there. */
  look(deviceIds: Iterable<string>): void {
    this.#tell(false, this.#refresh(deviceIds));
  }

  begin(begun: Begun, devices: Iterable<string>): void {
    this.ledger.begin(begun, devices);
    this.#around.changed(this, { steps: [begun.seq] });
  }

  hear(news: Pick<GroupNews, "members" | "steps">): void {
    const touched = new Set<string>();
    for (const { deviceId, ...said } of news.members) {
      const member = this.#members.get(deviceId);
      if (!member) continue;
      member.said = said;
      touched.add(deviceId);
    }
    const steps = new Set<number>();
    for (const { seq, answers } of news.steps) {
      for (const answer of answers) if (this.#answer(seq, answer, touched)) steps.add(seq);
    }
    // Whoever is compared with it changes with it.
    const all = touched.has(this.#row.leader) ? this.#members.keys() : touched;
    this.#tell(false, this.#refresh(all), steps);
  }

  /** Time passes: whoever has not answered is behind, and at last late. */
  pass(): void {
    const now = this.#around.now();
    const late = this.ledger.overdue(now).map(({ seq, deviceIds }) => ({
      seq,
      answers: deviceIds.map((deviceId) => ({ deviceId, outcome: "late" as const, ms: 0 })),
    }));
    if (late.length > 0) this.hear({ members: [], steps: late });
    const { last } = this.ledger;
    if (!last || this.ledger.waiting(last.seq) === 0) return;
    const slow = this.within.filter((id) => this.ledger.owes(last.seq, id, now - SLOW_MS));
    this.#set(slow, (member) => {
      member.slow = true;
    });
  }

  whole(): Group {
    return { ...this.outline(), members: this.memberViews(this.#members.keys()), steps: this.ledger.records };
  }

  outline(): Omit<Group, "members" | "steps"> {
    return outlineOf(this.#row);
  }

  memberViews(deviceIds: Iterable<string>): GroupMember[] {
    return [...deviceIds].flatMap((id) => this.#members.get(id)?.view ?? []);
  }

  #add({ id, out }: MemberRow): void {
    const view: GroupMember = { deviceId: id, state: "preparing", reason: null, screen: null, fence: "open", engine: false };
    this.#members.set(id, { id, out, said: undefined, refused: null, answer: undefined, slow: false, failed: null, view });
  }

  #answer(seq: number, answer: StepAnswer, touched: Set<string>): boolean {
    const member = this.#members.get(answer.deviceId);
    if (!member || !this.ledger.answer(seq, answer)) return false;
    if (member.answer === undefined || seq >= member.answer.seq) {
      const counted = this.ledger.answerOf(seq, answer.deviceId) ?? answer;
      member.answer = { seq, answer: counted };
      member.slow = false;
      touched.add(answer.deviceId);
    }
    return true;
  }

  #set(deviceIds: Iterable<string>, change: (member: Member) => void): void {
    const ids = [...deviceIds];
    for (const id of ids) {
      const member = this.#members.get(id);
      if (member) change(member);
    }
    this.#tell(false, this.#refresh(ids));
  }

  /** Gives the ids of those that show something else than before. */
  #refresh(deviceIds: Iterable<string>): string[] {
    const leader = this.#members.get(this.#row.leader)?.said;
    const changed: string[] = [];
    for (const id of deviceIds) {
      const member = this.#members.get(id);
      if (!member) continue;
      const view = this.#viewOf(member, id === this.#row.leader ? undefined : leader);
      if (isSame(view, member.view)) continue;
      member.view = view;
      changed.push(id);
    }
    return changed;
  }

  #viewOf(member: Member, leader: Said | undefined): GroupMember {
    const { id, out, said, refused, answer, slow, failed } = member;
    const step = answer && this.ledger.get(answer.seq);
    const standing = standingOf(
      {
        out,
        missing: this.#around.missing(id),
        refused,
        said,
        answer: answer?.answer,
        target: step ? targetOf(step.step, step.element) : "what it was aimed at",
        slow,
        failed,
      },
      leader,
    );
    const { screen = null, fence = "open", engine = false } = said ?? {};
    return { deviceId: id, ...standing, screen, fence, engine };
  }

  #tell(group: boolean, members: readonly string[], steps: Iterable<number> = []): void {
    const seqs = [...steps];
    if (group || members.length > 0 || seqs.length > 0) this.#around.changed(this, { group, members, steps: seqs });
  }
}

export function outlineOf(row: GroupRow): Omit<Group, "members" | "steps"> {
  const { leaseId, agreed: _agreed, replayer: _replayer, members: _members, ...rest } = row;
  return { ...rest, lease: leaseId };
}

function isSame(a: GroupMember, b: GroupMember): boolean {
  return (
    a.state === b.state &&
    a.reason === b.reason &&
    a.fence === b.fence &&
    a.engine === b.engine &&
    a.screen?.package === b.screen?.package &&
    a.screen?.activity === b.screen?.activity &&
    a.screen?.signature === b.screen?.signature
  );
}
