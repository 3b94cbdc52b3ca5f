/** One task on one phone, from its turn to its end: begun on disk, within its time, fenced where its mode asks for it, ended by whatever ends the phone's use. */
import { type ActionResult, type ActionType, PhonerackError, type TaskOrder, type TaskStanding } from "@phonerack/contract/bus";
import type { Blobs } from "../blobs/blobs.js";
import type { Permits } from "../permits.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import { untilAborted } from "./command.js";
import { type Own, perform } from "./perform.js";

/** What an action that was told to stop may take to put things back, before the next one begins. */
const GRACE_MS = 10_000;
const LONGEST_NOTE = 300;
const LONGEST_DETAIL = 1_000;
/** What is not there any more when it had been done before. */
const GONE: Partial<Record<ActionType, string>> = { uninstall: "package_not_found", remove: "file_not_found" };

export type DoOrder = Extract<TaskOrder, { order: "do" }>;
export type Outcome = Partial<TaskStanding> & Pick<TaskStanding, "state">;

export interface TaskRunParts {
  readonly phone: PhoneAtWork;
  readonly order: DoOrder;
  /** An earlier run of the agent had begun it, and nobody knows how far it came. */
  readonly again: boolean;
  readonly blobs: Blobs;
  readonly own: Own;
  /** How many are under way at once on this agent. */
  readonly permits: Permits;
  /** Resolves when its beginning is on disk. */
  readonly begin: () => Promise<void>;
  readonly progress: (part: number | null, note: string | null) => void;
  /** Told of errors that are nobody's words. */
  onUnexpected(error: unknown): void;
}

export class TaskRun {
  readonly #parts: TaskRunParts;
  readonly #ending = new AbortController();
  #begun = false;

  constructor(parts: TaskRunParts) {
    this.#parts = parts;
  }

  get begun(): boolean {
    return this.#begun;
  }

  /** The phone changes hands, is lost, or the agent stops. A phone that was told to restart is lost as it should be. */
  end(reason: PhonerackError): void {
    this.#ending.abort(reason);
  }

  lost(reason: PhonerackError): void {
    if (this.#begun && this.#parts.order.action.type !== "reboot") this.end(reason);
  }

  /** Does it. Never rejects. */
  async run(): Promise<Outcome> {
    const { permits, begin, order } = this.#parts;
    const { signal } = this.#ending;
    let release: (() => void) | undefined;
    let late: NodeJS.Timeout | undefined;
    try {
      release = await permits.take(signal);
      this.#requireHeld();
      await begin();
      signal.throwIfAborted();
      this.#begun = true;
      late = setTimeout(() => this.end(tooLong(order.timeoutMs)), order.timeoutMs);
      return outcomeWith(await this.#within(signal));
    } catch (error) {
      return this.#outcomeOf(error);
    } finally {
      clearTimeout(late);
      release?.();
    }
  }

  #requireHeld(): void {
    const { epoch, phase, actor } = this.#parts.phone.custody.held;
    const { order } = this.#parts;
    if (order.epoch !== epoch || phase !== "leased") throw new PhonerackError("epoch_stale");
    if (order.actor !== actor) throw new PhonerackError("lease_required");
  }

  async #within(signal: AbortSignal): Promise<ActionResult> {
    const { phone, order, blobs, own, progress } = this.#parts;
    const { actor, epoch, mode, agreed, trial = false, action } = order;
    await untilAborted(phone.custody.opening ?? Promise.resolve(), signal);
    const broken = new AbortController();
    const leave = mode === "unicast" ? undefined : await this.#fenced(signal, broken);
    try {
      const ended = AbortSignal.any([signal, broken.signal]);
      const doing = { phone, blobs, actor, epoch, mode, agreed, trial, signal: ended, progress: noted(progress) };
      const doingIt = perform(doing, action, own);
      return await untilAborted(doingIt, ended).catch(async (error: unknown) => {
        // Two actions at once on one phone would undo each other.
        if (ended.aborted) await settled(doingIt, GRACE_MS);
        throw error;
      });
    } finally {
      leave?.();
    }
  }

  /** @returns what opens it again */
  async #fenced(signal: AbortSignal, broken: AbortController): Promise<() => void> {
    const { phone, order, progress } = this.#parts;
    const session = `task-${order.task}`;
    progress(null, "closing the fence");
    const entering = phone.fence.enter(session, { agreed: order.agreed });
    const leave = () => void phone.fence.leave(session);
    await untilAborted(entering, signal).catch((error: unknown) => {
      leave();
      throw error;
    });
    const forget = phone.fence.onBroken(({ sessions, reason }) => {
      if (sessions.includes(session)) broken.abort(new PhonerackError("denied", reason));
    });
    return () => {
      forget();
      leave();
    };
  }

  #outcomeOf(error: unknown): Outcome {
    const { again, order } = this.#parts;
    if (again && error instanceof PhonerackError && GONE[order.action.type] === error.code)
      return { state: "done", progress: 1, result: { note: "it was gone already, by the try before" } };
    if (!(error instanceof PhonerackError)) this.#parts.onUnexpected(error);
    const known = error instanceof PhonerackError ? error : new PhonerackError("internal", undefined, { cause: error });
    const { detail, ...rest } = known.toJSON();
    const state = known.code === "epoch_stale" && !this.#begun ? "stale" : "failed";
    return { state, error: { ...rest, ...(detail !== undefined && { detail: detail.slice(0, LONGEST_DETAIL) }) } };
  }
}

/** A command that failed has failed, whatever it printed: an error rate counts it, and it can be tried again with the others. */
function outcomeWith(result: ActionResult): Outcome {
  if ((result.exitCode ?? 0) === 0) return { state: "done", progress: 1, result };
  return { state: "failed", progress: 1, result, error: new PhonerackError("command_failed").toJSON() };
}

function tooLong(ms: number): PhonerackError {
  return new PhonerackError("device_timeout", `it took longer than ${Math.round(ms / 1_000)} s`);
}

function noted(progress: TaskRunParts["progress"]): (part: number | null, note?: string) => void {
  return (part, note) =>
    progress(part === null ? null : Math.min(1, Math.max(0, part)), note === undefined ? null : note.slice(0, LONGEST_NOTE));
}

async function settled(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise.then(nothing, nothing), late]);
  clearTimeout(timer);
}

function nothing(): void {}
