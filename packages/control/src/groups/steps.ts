/**
 * Steps on a group: in order, within its budget, aimed on the leader and then sent to every agent at once. Who answers late, or not at all,
 * keeps nobody else waiting.
 */
import {
  type AimedElement,
  encodeMessage,
  type GroupAim,
  type GroupOrder,
  GroupSaid,
  type GroupStep,
  PhonerackError,
  STEP_LATE_MS,
  type StepAnswer,
  subjects,
} from "@phonerack/contract/bus";
import { Bucket } from "./bucket.js";
import { Gestures } from "./gestures.js";
import type { Begun } from "./ledger.js";
import type { LiveGroup } from "./live-group.js";
import { modeOf } from "./orders.js";
import type { GroupParts } from "./parts.js";
import type { Recording } from "./recording.js";
import type { Seqs } from "./seqs.js";
import { isRedacted, redacted, wordsOf } from "./words.js";

/** What an agent has not begun with by then it leaves: a touch that comes seconds late hits something else. */
const FRESH_MS = 2_000;
/** Looking up what stands at a place may take a hierarchy dump. */
const AIM_WITHIN_MS = 6_000;
/** Answers on their way when a step's time is up. */
const GRACE_MS = 500;
/** Steps of one group that wait for their turn. */
const MOST_QUEUED = 30;
const AIMED = new Set<GroupStep["type"]>(["tap", "longPress", "doubleTap"]);

export interface StepWish {
  readonly group: LiveGroup;
  /** As people read who did it. */
  readonly by: string;
  readonly step: GroupStep;
  /** Instead of the group's: a place of a replayed flow is a place. */
  readonly aim?: GroupAim;
  /** A replay goes by its own pace. */
  readonly unhurried?: boolean;
}

/** The last step of a group as it was done here, with what was typed: for a retry. In memory only. */
interface Done {
  readonly begun: Begun;
  readonly step: GroupStep;
  readonly aim: GroupAim;
}

interface Queue {
  tail: Promise<unknown>;
  length: number;
}

export class Steps {
  readonly #parts: GroupParts & { readonly seqs: Seqs; readonly recording: Recording };
  readonly #buckets = new Map<string, Bucket>();
  readonly #queues = new Map<string, Queue>();
  readonly #done = new Map<string, Done>();
  readonly #gestures: Gestures;

  constructor(parts: GroupParts & { seqs: Seqs; recording: Recording }) {
    this.#parts = parts;
    this.#gestures = new Gestures(parts.now);
  }

  /**
   * Gives the step's number once it is on its way to the agents. Fails with `group_over`, `group_paused`, `too_fast`, `step_refused`, and with
   * what kept it from being aimed.
   */
  async do(wish: StepWish): Promise<number> {
    const { group, step } = wish;
    requireGoing(group);
    requireFitting(wish);
    if (step.type === "touch" && (step.phase !== "down" || this.#gestures.isUnderWay(group.id)))
      return this.#inTurn(group.id, async () => this.#touchOn(wish, step));
    this.#spend(wish);
    return this.#inTurn(group.id, () => this.#doNow(wish));
  }

  /** The last step again on one device. Fails with `step_refused` when there is none, or when only its length is known here. */
  async retry(group: LiveGroup, deviceId: string): Promise<void> {
    requireGoing(group);
    const { last } = group.ledger;
    if (!last) throw new PhonerackError("step_refused", "nothing was done yet");
    const done = this.#done.get(group.id);
    if (done?.begun.seq !== last.seq && isRedacted(last.step))
      throw new PhonerackError("step_refused", "what was typed is not kept; type it again");
    if (last.step.type === "touch") throw new PhonerackError("step_refused", "a gesture cannot be made again");
    this.#spend({ group, by: last.by, step: last.step });
    const again = done?.begun.seq === last.seq ? done : { begun: last, step: last.step, aim: group.row.aim };
    await this.#inTurn(group.id, async () => {
      const begun = { ...again.begun, until: this.#until(again.step) };
      group.forgive(deviceId);
      this.#send(group, { ...again, begun, only: [deviceId] });
    });
  }

  forget(groupId: string): void {
    for (const map of [this.#buckets, this.#queues, this.#done]) map.delete(groupId);
    this.#gestures.forget(groupId);
  }

  async #doNow(wish: StepWish): Promise<number> {
    const { group, by, step } = wish;
    // What was done meanwhile counts.
    requireGoing(group);
    const aim = wish.aim ?? group.row.aim;
    const element = await this.#aim(group, step, aim);
    requireGoing(group);
    const seq = await this.#parts.seqs.next(group.id);
    // Whoever drives by hand again drives all of them.
    if (group.row.mode === "hand") group.clearFailures();
    const at = this.#parts.now();
    const begun: Begun = { seq, at, by, step: redacted(step), words: wordsOf(step, element), element, until: this.#until(step) };
    this.#done.set(group.id, { begun, step, aim });
    if (step.type === "touch") this.#gestures.begin(group.id, seq, step.pointer);
    this.#send(group, { begun, step, aim });
    this.#parts.recording.take(group, { step, element, at });
    return seq;
  }

  /** What the leader has at the place; null where a step is not aimed at an element. */
  async #aim(group: LiveGroup, step: GroupStep, aim: GroupAim): Promise<AimedElement | null> {
    if (aim !== "element" || !AIMED.has(step.type) || !("at" in step) || !("x" in step.at)) return null;
    const { leader } = group.row;
    const agentId = this.#parts.orders.agentOf(leader);
    const missing = this.#parts.board.missing(leader);
    if (agentId === undefined || missing !== null)
      throw new PhonerackError(
        "step_refused",
        `the leader cannot be looked at: ${missing ?? "it is gone"} Make another one leader.`,
      );
    const notAfter = this.#parts.now() + FRESH_MS;
    const order: GroupOrder = { order: "aim", group: group.id, leader, step, notAfter };
    const { element } = await this.#parts.orders.send(agentId, order, AIM_WITHIN_MS);
    if (element) return element;
    throw new PhonerackError(
      "step_refused",
      "there is no element at this place of the leader's screen; aim by point for games and pictures",
    );
  }

  /** A finger that is down goes on: no step of its own, and no more moves than phones take. */
  #touchOn({ group, aim }: StepWish, step: Extract<GroupStep, { type: "touch" }>): number {
    const gesture = this.#gestures.go(group.id, step);
    if (gesture.dropped) return gesture.seq;
    const begun = group.ledger.get(gesture.seq);
    if (!begun) throw new PhonerackError("step_refused", "this finger is not down");
    this.#send(group, { begun: { ...begun, until: this.#until(step) }, step, aim: aim ?? group.row.aim, goesOn: true });
    if (step.phase === "up") this.#parts.recording.take(group, { step, element: null, at: this.#parts.now() });
    return gesture.seq;
  }

  #send(group: LiveGroup, wish: Done & { only?: readonly string[]; goesOn?: boolean }): void {
    const { begun, step, aim, only, goesOn = false } = wish;
    const { board, orders, used } = this.#parts;
    const replayed = group.row.mode === "replay";
    const within = group.within.filter((id) => (!only || only.includes(id)) && (!replayed || group.failedOn(id) === null));
    const missing = within.filter((id) => board.missing(id) !== null);
    const driven = new Set(within.filter((id) => board.missing(id) === null));
    if (!goesOn) {
      group.begin(begun, within);
      this.#say(group, begun, only);
      this.#fail(group, { seq: begun.seq, ids: missing, error: new PhonerackError("device_not_ready") });
    }
    used(group.row.leaseId, true);
    const settle = step.type !== "touch" || step.phase === "up" || step.phase === "cancel";
    const { actor, leader } = group.row;
    for (const [agentId, ids] of orders.byAgent(group.memberIds)) {
      const except = ids.filter((id) => !driven.has(id));
      if (except.length === ids.length) continue;
      const order: GroupOrder = {
        order: "step",
        group: group.id,
        seq: begun.seq,
        actor,
        mode: modeOf(group),
        aim,
        leader,
        step,
        element: begun.element,
        notAfter: this.#parts.now() + FRESH_MS,
        except,
        settle,
      };
      const asked = ids.filter((id) => driven.has(id));
      // A dead agent is heard of here, when the others have long begun.
      void this.#sendOne(group, { agentId, order, ids: asked, seq: begun.seq });
    }
  }

  async #sendOne(
    group: LiveGroup,
    { agentId, order, ids, seq }: { agentId: string; order: GroupOrder; ids: string[]; seq: number },
  ) {
    try {
      await this.#parts.orders.send(agentId, order);
    } catch (error) {
      const known = error instanceof PhonerackError ? error : new PhonerackError("internal");
      // It may still do it: whoever stays silent is late soon enough.
      if (known.code === "device_timeout") return;
      // It was started anew and knows nothing of the group.
      if (known.code === "group_not_found") for (const id of ids) group.toStart.add(id);
      this.#fail(group, { seq, ids, error: known });
    }
  }

  #fail(group: LiveGroup, { seq, ids, error }: { seq: number; ids: readonly string[]; error: PhonerackError }): void {
    if (ids.length === 0) return;
    const answers: StepAnswer[] = ids.map((deviceId) => ({
      deviceId,
      outcome: error.code === "denied" ? "denied" : "failed",
      ms: 0,
      error: error.toJSON(),
    }));
    group.hear({ members: [], steps: [{ seq, answers }] });
  }

  #say(group: LiveGroup, begun: Begun, only: readonly string[] | undefined): void {
    const { bus, replica } = this.#parts;
    const said: GroupSaid = { replica, group: group.id, ...begun, ...(only && { only: [...only] }) };
    bus.publish(subjects.groupSaid, encodeMessage(GroupSaid, said));
  }

  #until(step: GroupStep): number {
    const own = "ms" in step ? step.ms : 0;
    return this.#parts.now() + STEP_LATE_MS + own + GRACE_MS;
  }

  #spend({ group, unhurried }: StepWish): void {
    if (unhurried) return;
    const now = this.#parts.now();
    const { stepsPerSecond } = group.row;
    const bucket = this.#buckets.get(group.id) ?? new Bucket(stepsPerSecond, now);
    this.#buckets.set(group.id, bucket);
    if (!bucket.take(stepsPerSecond, now)) throw new PhonerackError("too_fast", `at most ${stepsPerSecond} steps a second`);
  }

  /** One after the other, as they came: a step that is still being aimed is not overtaken. */
  async #inTurn<T>(groupId: string, run: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(groupId) ?? { tail: Promise.resolve(), length: 0 };
    this.#queues.set(groupId, queue);
    if (queue.length >= MOST_QUEUED)
      throw new PhonerackError("too_fast", "many steps wait already; the leader is slow to be looked at");
    queue.length++;
    const turn = queue.tail.then(run, run);
    queue.tail = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      queue.length--;
    }
  }
}

function requireGoing(group: LiveGroup): void {
  if (group.over) throw new PhonerackError("group_over", group.row.endReason ?? undefined);
  if (group.row.paused) throw new PhonerackError("group_paused");
}

function requireFitting({ group, step, aim = group.row.aim }: StepWish): void {
  if (step.type === "touch" && aim !== "point")
    throw new PhonerackError("step_refused", "a gesture can be followed finger by finger only where the group aims by point");
  const { aim: groupAim } = group.row;
  if (groupAim === "point" && "at" in step && !("x" in step.at))
    throw new PhonerackError("step_refused", "this group aims by point; let it aim by element to name elements");
}
