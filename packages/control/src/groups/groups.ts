/**
 * Groups: devices of one lease driven together. Made, changed and ended here, and told to the other controls; what is done on them stands in
 * `steps.ts`, what agents say of them comes in by `ears.ts`.
 */
import {
  ControlChanged,
  encodeMessage,
  type Group,
  type GroupRequest,
  type GroupStep,
  type MemberAction,
  PhonerackError,
  type StepAnswer,
  type StepRecord,
  subjects,
} from "@phonerack/contract/bus";
import { newId } from "../ids.js";
import { freshenUnheld } from "../leases/held.js";
import type { Asker } from "../leases/leases.js";
import { type Onlooker, requireHolder } from "../leases/visibility.js";
import { type LiveGroup, outlineOf } from "./live-group.js";
import type { GroupParts } from "./parts.js";
import type { Recording } from "./recording.js";
import type { GroupChange, GroupRow, Out, RecordedStep } from "./rows.js";
import { BLOCK, type Seqs } from "./seqs.js";
import type { Steps } from "./steps.js";

const MOST_NAMED = 5;

export type GroupItem = Omit<Group, "members" | "steps"> & { size: number };

export interface Changes {
  readonly leader?: string | undefined;
  readonly aim?: GroupRow["aim"] | undefined;
  readonly paused?: boolean | undefined;
  readonly recording?: boolean | undefined;
  readonly stepsPerSecond?: number | undefined;
}

export class Groups {
  readonly #parts: GroupParts & { readonly steps: Steps; readonly seqs: Seqs; readonly recording: Recording };
  /** Groups whose agents are yet to hear that they are over. */
  readonly #ending = new Map<string, Set<string>>();

  constructor(parts: GroupParts & { steps: Steps; seqs: Seqs; recording: Recording }) {
    this.#parts = parts;
  }

  /** Fails with `device_not_found`, `lease_required`, `group_refused` or `fence_unagreed`; then nothing was begun. */
  async start(who: Asker, request: GroupRequest): Promise<Group> {
    await freshenUnheld(who, this.#parts.devices, request.devices);
    const leaseId = this.#requireTogether(who, request.devices);
    const leader = request.leader ?? request.devices[0] ?? "";
    if (!request.devices.includes(leader))
      throw new PhonerackError("group_refused", `${this.#name(leader)} is not among the devices`);
    if (!request.agreeToFence) this.#requireEnrolled(request.devices);
    const row: GroupRow = {
      id: newId("g"),
      tenant: who.tenant ?? "",
      leaseId,
      actor: who.actor,
      actorName: who.name,
      name: request.name,
      aim: request.aim,
      leader,
      mode: "hand",
      paused: false,
      recording: false,
      stepsPerSecond: request.stepsPerSecond,
      agreed: request.agreeToFence,
      replayer: null,
      members: request.devices.map((id) => ({ id, epoch: this.#parts.devices.epochOf(id), out: null })),
      createdAt: this.#parts.now(),
      endedAt: null,
      endReason: null,
    };
    const made = await this.#parts.store.insert(row, BLOCK);
    if (made === "lease-over") throw new PhonerackError("lease_over", leaseId);
    if (made !== "made")
      throw new PhonerackError("group_refused", `${this.#name(made.taken)} is in the group ${made.by} already`);
    this.#parts.seqs.begin(row.id);
    const group = this.#put(row);
    this.#record(who, { kind: "group.started", row, detail: { devices: row.members.length, aim: row.aim } });
    await this.#parts.orders.start(group, group.memberIds);
    return group.whole();
  }

  async list(who: Onlooker, query: { ended?: boolean | undefined; limit: number }): Promise<GroupItem[]> {
    const tenant = who.lab ? undefined : (who.tenant ?? "");
    const rows = await this.#parts.store.list({ tenant, ended: query.ended, limit: query.limit });
    return rows.map((row) => ({ ...outlineOf(row), size: row.members.length }));
  }

  async get(who: Onlooker, id: string): Promise<Group> {
    return (await this.#require(who, id)).whole();
  }

  /** For who may see it; fails with `group_not_found`. */
  require(who: Onlooker, id: string): Promise<LiveGroup> {
    return this.#require(who, id);
  }

  /** For who drives it; fails with `group_not_found`, `forbidden` or `group_over`. */
  async requireMine(who: Onlooker, id: string): Promise<LiveGroup> {
    const group = await this.#require(who, id);
    const { actor, tenant, actorName } = group.row;
    if (actor !== who.actor || tenant !== who.tenant || who.role === null || who.role === "viewer")
      throw new PhonerackError("forbidden", `${actorName} drives it`);
    if (group.over) throw new PhonerackError("group_over", group.row.endReason ?? undefined);
    return group;
  }

  async change(who: Onlooker, id: string, change: Changes): Promise<Group> {
    const group = await this.requireMine(who, id);
    const { leader, aim } = change;
    if (leader !== undefined) this.#requireAble(group, leader);
    if (group.row.mode === "replay" && (leader ?? aim ?? change.recording) !== undefined)
      throw new PhonerackError("step_refused", "a flow is being replayed on it");
    // Steps that are on their way belong to what was recorded before.
    if (change.recording === false) await this.#parts.recording.flush();
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as GroupChange;
    const before = group.row.aim;
    const row = await this.set(id, given);
    if (leader !== undefined) this.#record(who, { kind: "group.led", row, detail: { leader } });
    if (aim !== undefined && aim !== before) await this.#parts.orders.start(group, group.within);
    return group.whole();
  }

  async end(who: Onlooker, id: string): Promise<void> {
    const group = await this.requireMine(who, id);
    await this.finish(group.id, "ended by its driver", who);
  }

  async step(who: Asker, id: string, wish: { step: GroupStep; wait: number }): Promise<StepRecord> {
    const group = await this.requireMine(who, id);
    if (group.row.mode === "replay") throw new PhonerackError("step_refused", "a flow is being replayed on it");
    const seq = await this.#parts.steps.do({ group, by: who.name, step: wish.step });
    await group.ledger.answered(seq, wish.wait);
    const record = group.ledger.record(seq);
    if (!record) throw new PhonerackError("group_over", id);
    return record;
  }

  async answers(who: Onlooker, id: string, seq: number): Promise<{ record: StepRecord; answers: StepAnswer[] }> {
    const { ledger } = await this.#require(who, id);
    const record = ledger.record(seq);
    if (!record) throw new PhonerackError("not_found", `step ${seq} is not known, or not kept any more`);
    return { record, answers: ledger.answers(seq) };
  }

  async member(who: Onlooker, id: string, { device, action }: { device: string; action: MemberAction }): Promise<Group> {
    const group = await this.requireMine(who, id);
    if (!group.has(device)) throw new PhonerackError("device_not_found", `${this.#name(device)} is not in this group`);
    await this.#act(group, device, action);
    return group.whole();
  }

  async recorded(who: Onlooker, id: string): Promise<{ steps: RecordedStep[]; group: LiveGroup }> {
    const group = await this.#require(who, id);
    // It may hold what was typed: whoever only looks is not shown it.
    if (group.row.actor !== who.actor || group.row.tenant !== who.tenant)
      throw new PhonerackError("forbidden", `${group.row.actorName} records it`);
    await this.#parts.recording.flush();
    return { steps: await this.#parts.store.recorded(id), group };
  }

  /** Ends it, whoever was first; its agents are told until they have heard. */
  async finish(id: string, reason: string, who?: Onlooker): Promise<void> {
    const row = await this.#parts.store.end(id, this.#parts.now(), reason);
    this.#parts.seqs.forget(id);
    this.#parts.steps.forget(id);
    if (!row) {
      await this.refresh([id]);
      return;
    }
    const group = this.#put(row);
    this.#record(who, { kind: "group.ended", row, detail: { reason } });
    this.#ending.set(id, new Set(this.#parts.orders.byAgent(group.memberIds).keys()));
    await this.tellEnds();
  }

  /** Agents that did not hear of an end are told again. */
  async tellEnds(): Promise<void> {
    const telling = Array.from(this.#ending, async ([id, agents]) => {
      await Promise.all(
        Array.from(agents, (agentId) => this.tellEnd(id, agentId).then((heard) => heard && agents.delete(agentId))),
      );
      if (agents.size === 0) this.#ending.delete(id);
    });
    await Promise.all(telling);
  }

  /** False when the agent may still drive it. */
  async tellEnd(id: string, agentId: string): Promise<boolean> {
    try {
      await this.#parts.orders.send(agentId, { order: "end", group: id });
      return true;
    } catch (error) {
      // An agent that is not there has nothing open when it comes back.
      return error instanceof PhonerackError && error.code !== "device_timeout";
    }
  }

  /** Writes a change, here and to the other controls. Fails with `group_over`. */
  async set(id: string, change: GroupChange): Promise<GroupRow> {
    const row = await this.#parts.store.change(id, change);
    if (!row) throw new PhonerackError("group_over", id);
    this.#put(row);
    return row;
  }

  /** These of its devices are not in the lease any more: they leave, and with the last of them the group. */
  async lose(group: LiveGroup, deviceIds: readonly string[]): Promise<void> {
    const lost = new Set(deviceIds);
    const row = await this.#parts.store.changeMembers(group.id, ({ members, leader }) => {
      const after = members.map((member) => (lost.has(member.id) ? { ...member, out: "dropped" as const } : member));
      const heir =
        after.find(({ id, out }) => out === null && this.#parts.board.missing(id) === null) ??
        after.find(({ out }) => out === null);
      return { members: after, leader: lost.has(leader) && heir ? heir.id : leader };
    });
    if (!row) return;
    this.#put(row);
    if (row.members.every(({ out }) => out === "dropped")) await this.finish(group.id, "all its devices were given back");
  }

  /** Rows as they stand in the database by now: another control wrote them. */
  async refresh(ids: readonly string[]): Promise<void> {
    for (const row of await this.#parts.store.byIds(ids)) {
      this.#parts.board.put(row);
      if (row.endedAt === null) continue;
      this.#parts.seqs.forget(row.id);
      this.#parts.steps.forget(row.id);
    }
  }

  async #act(group: LiveGroup, device: string, action: MemberAction): Promise<void> {
    const { row } = group;
    if (action === "retry") return this.#parts.steps.retry(group, device);
    if (action === "resync") {
      group.forgive(device);
      return this.#tellMember(group, device, action);
    }
    if (device === row.leader)
      throw new PhonerackError("group_refused", `${this.#name(device)} leads; make another one leader first`);
    const out: Out = action === "drop" ? "dropped" : action === "take-over" ? "taken-over" : null;
    if (action === "rejoin") this.#requireStillHeld(group, device);
    const changed = await this.#parts.store.changeMembers(group.id, ({ members }) => ({
      members: members.map((member) => (member.id === device ? { ...member, out } : member)),
    }));
    if (!changed) throw new PhonerackError("group_over", group.id);
    this.#put(changed);
    if (action === "rejoin") group.forgive(device);
    await this.#tellMember(group, device, action);
  }

  async #tellMember(group: LiveGroup, device: string, action: MemberAction): Promise<void> {
    const agentId = this.#parts.orders.agentOf(device);
    if (agentId === undefined) throw new PhonerackError("device_not_ready", "its agent is gone");
    const screen = action === "resync" ? group.screenOf(group.row.leader) : null;
    await this.#parts.orders.send(agentId, { order: "member", group: group.id, deviceId: device, action, screen });
  }

  /** The one lease of which all are, and ready. */
  #requireTogether(who: Asker, ids: readonly string[]): string {
    if (new Set(ids).size !== ids.length) throw new PhonerackError("group_refused", "a device is named twice");
    let lease: string | undefined;
    const wrong: string[] = [];
    for (const id of ids) {
      const device = this.#parts.devices.require(id);
      requireHolder(who, device);
      const its = device.holder?.lease;
      lease ??= its;
      if (its !== lease)
        throw new PhonerackError("group_refused", `${device.name} is of another lease of yours than ${this.#name(ids[0] ?? "")}`);
      if (device.state !== "ready") wrong.push(`${device.name} is ${device.state}${device.reason ? ` (${device.reason})` : ""}`);
      const other = this.#parts.board.ofDevice(id);
      if (other) wrong.push(`${device.name} is in the group ${other.row.name || other.id} already`);
    }
    if (wrong.length > 0) throw new PhonerackError("group_refused", listed(wrong));
    return lease ?? "";
  }

  #requireEnrolled(ids: readonly string[]): void {
    const others = ids.filter((id) => !this.#parts.isEnrolled(id)).map((id) => this.#name(id));
    if (others.length > 0) throw new PhonerackError("fence_unagreed", listed(others));
  }

  #requireAble(group: LiveGroup, device: string): void {
    const name = this.#name(device);
    if (!group.within.includes(device)) throw new PhonerackError("group_refused", `${name} is not driven with this group`);
    const missing = this.#parts.board.missing(device);
    if (missing !== null) throw new PhonerackError("group_refused", `${name} cannot lead: ${missing}`);
  }

  #requireStillHeld(group: LiveGroup, device: string): void {
    const name = this.#name(device);
    if (this.#parts.devices.get(device)?.holder?.lease !== group.row.leaseId)
      throw new PhonerackError("group_refused", `${name} is not of this lease any more`);
    const other = this.#parts.board.ofDevice(device);
    if (other && other !== group)
      throw new PhonerackError("group_refused", `${name} is in the group ${other.row.name || other.id}`);
  }

  async #require(who: Onlooker, id: string): Promise<LiveGroup> {
    const known = this.#parts.board.get(id) ?? (await this.#read(id));
    if (!known || (who.lab === null && known.row.tenant !== who.tenant)) throw new PhonerackError("group_not_found", id);
    return known;
  }

  async #read(id: string): Promise<LiveGroup | undefined> {
    const [row] = await this.#parts.store.byIds([id]);
    return row && this.#parts.board.put(row);
  }

  #put(row: GroupRow): LiveGroup {
    const { bus, replica, board } = this.#parts;
    const group = board.put(row);
    bus.publish(subjects.changed, encodeMessage(ControlChanged, { replica, groups: [row.id] }));
    return group;
  }

  #name(deviceId: string): string {
    return this.#parts.devices.get(deviceId)?.name ?? deviceId;
  }

  #record(
    who: Onlooker | undefined,
    { kind, row, detail }: { kind: string; row: GroupRow; detail: Record<string, unknown> },
  ): void {
    this.#parts.record({ actor: who?.actor ?? "phonerack", tenant: row.tenant, kind, subject: row.id, detail });
  }
}

function listed(all: readonly string[]): string {
  const named = all.slice(0, MOST_NAMED).join("; ");
  return all.length > MOST_NAMED ? `${named}; and ${all.length - MOST_NAMED} more` : named;
}
