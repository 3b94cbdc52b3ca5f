/**
 * A flow replayed on a group, in mode `script`: command after command, each when all have taken and settled after the one before. Like a test on
 * every device: whoever fails at a command is left out of the rest, the others go on.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type GroupStep, PhonerackError, type StepAnswer } from "@phonerack/contract/bus";
import type { FlowCommand, ReadFlow } from "../flows/read.js";
import type { Asker } from "../leases/leases.js";
import type { Groups } from "./groups.js";
import type { LiveGroup } from "./live-group.js";
import type { GroupParts } from "./parts.js";
import type { Steps } from "./steps.js";

/** Beyond the time after which whoever is silent is late. */
const ANSWERED_WITHIN_MS = 60_000;
const SETTLED_WITHIN_MS = 4_000;
const LOOK_MS = 50;
const PAUSE_MS = 200;

export class Replays {
  readonly #parts: GroupParts & { readonly groups: Groups; readonly steps: Steps };
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(parts: GroupParts & { groups: Groups; steps: Steps }) {
    this.#parts = parts;
  }

  /** Begins; how it goes stands in the group's ledger and at its members. Fails with `step_refused` where this group cannot replay this flow. */
  async start(who: Asker, groupId: string, flow: ReadFlow): Promise<number> {
    const { groups, replica } = this.#parts;
    const group = await groups.requireMine(who, groupId);
    if (group.row.mode === "replay") throw new PhonerackError("step_refused", "a flow is being replayed on it already");
    if (flow.namesElements && group.row.aim === "point")
      throw new PhonerackError("step_refused", "this flow names elements; let the group aim by element first");
    group.clearFailures();
    await groups.set(groupId, { mode: "replay", replayer: replica, paused: false });
    const running = this.#run(who, group, flow)
      .catch((error: unknown) => this.#parts.log.warn({ err: error, group: groupId }, "a replay ended early"))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    return flow.commands.length;
  }

  /** Those that this control was at when it ended will not go on. */
  async takeUp(): Promise<void> {
    const { board, groups, replica } = this.#parts;
    for (const { id, row } of board.open) {
      if (row.replayer === replica) await groups.set(id, { mode: "hand", replayer: null });
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #run(who: Asker, group: LiveGroup, { commands, appId }: ReadFlow): Promise<void> {
    let done = 0;
    let why: string | null = null;
    try {
      for (const command of commands) {
        if (!(await this.#command(who, group, command))) break;
        done++;
      }
    } catch (error) {
      why = error instanceof PhonerackError ? (error.detail ?? error.message) : String(error);
    }
    if (group.over) return;
    const failed = group.within.filter((id) => group.failedOn(id) !== null).length;
    const detail = { app: appId, commands: commands.length, done, passed: group.within.length - failed, failed, why };
    this.#parts.record({ actor: who.actor, tenant: group.row.tenant, kind: "flow.replayed", subject: group.id, detail });
    await this.#parts.groups.set(group.id, { mode: "hand", replayer: null });
  }

  /** False when nobody is left to go on. */
  async #command(who: Asker, group: LiveGroup, command: FlowCommand): Promise<boolean> {
    for (const step of command.steps) {
      while (group.row.paused && !this.#stopped && !group.over) await sleep(PAUSE_MS);
      if (this.#stopped || group.over || group.row.mode !== "replay") return false;
      const seq = await this.#parts.steps.do({
        group,
        by: who.name,
        step,
        unhurried: true,
        ...(isPlace(step) && { aim: "point" }),
      });
      await group.ledger.answered(seq, ANSWERED_WITHIN_MS);
      if (!command.optional) this.#judge(group, seq, command);
      if (group.within.every((id) => group.failedOn(id) !== null)) return false;
      await this.#settled(group, seq);
    }
    return true;
  }

  #judge(group: LiveGroup, seq: number, { line, name }: FlowCommand): void {
    for (const id of group.within) {
      if (group.failedOn(id) !== null) continue;
      const answer = group.ledger.answerOf(seq, id);
      if (answer?.outcome === "applied" || answer?.outcome === "delivered") continue;
      group.setFailed(id, `Failed at line ${line} of the flow, ${name}: ${reasonOf(answer)}`);
    }
  }

  /** A phone that never says what it shows keeps the others waiting for a moment only. */
  async #settled(group: LiveGroup, seq: number): Promise<void> {
    const going = group.within.filter((id) => group.failedOn(id) === null);
    for (let waited = 0; waited < SETTLED_WITHIN_MS && !group.over; waited += LOOK_MS) {
      if (going.every((id) => group.seenAfter(id) >= seq)) return;
      await sleep(LOOK_MS);
    }
  }
}

function isPlace(step: GroupStep): boolean {
  return "at" in step && "x" in step.at;
}

function reasonOf(answer: StepAnswer | undefined): string {
  if (!answer) return "it did not answer";
  return answer.error ? (answer.error.detail ?? answer.error.message) : answer.outcome;
}
