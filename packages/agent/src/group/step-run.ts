/** One step of a group under way on this agent: who has still to answer, and until when. */
import { type GroupOrder, PhonerackError, STEP_LATE_MS, type StepAnswer } from "@phonerack/contract/bus";

export type StepOrder = Extract<GroupOrder, { order: "step" }>;
export type Answer = Omit<StepAnswer, "deviceId" | "ms">;

/** What says whether, and until when, something may still be done. */
export interface Ticket {
  isOpen(deviceId: string): boolean;
  /** Milliseconds since the Unix epoch. */
  readonly deadline: number;
}

export class StepRun implements Ticket {
  readonly order: StepOrder;
  /** By `performance.now()`. */
  readonly arrived = performance.now();
  /** Milliseconds since the Unix epoch. */
  readonly deadline = Date.now() + STEP_LATE_MS;
  readonly #open: Set<string>;
  readonly #tell: (answer: StepAnswer) => void;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(order: StepOrder, devices: readonly string[], tell: (answer: StepAnswer) => void) {
    this.order = order;
    this.#tell = tell;
    this.#open = new Set(devices);
    if (devices.length > 0) this.#timer = setTimeout(() => this.#expire(), STEP_LATE_MS);
  }

  /** It has not answered, so it may still act. */
  isOpen(deviceId: string): boolean {
    return this.#open.has(deviceId) && Date.now() <= this.deadline;
  }

  /** Only a device's first answer counts. `at`: when the phone accepted it, by `performance.now()`. */
  answer(deviceId: string, answer: Answer, at = performance.now()): void {
    if (!this.#open.delete(deviceId)) return;
    if (this.#open.size === 0) clearTimeout(this.#timer);
    this.#tell({ deviceId, ms: Math.max(0, at - this.arrived), ...answer });
  }

  /** Nobody waits for it any more. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#open.clear();
  }

  #expire(): void {
    const error = new PhonerackError("too_late").toJSON();
    for (const deviceId of this.#open) this.answer(deviceId, { outcome: "late", error });
  }
}

export function failed(error: unknown): Answer {
  const known = error instanceof PhonerackError ? error : new PhonerackError("internal", undefined, { cause: error });
  return { outcome: "failed", error: known.toJSON() };
}

export function denied(reason: string): Answer {
  return { outcome: "denied", error: new PhonerackError("denied", reason).toJSON() };
}

export const DELIVERED: Answer = { outcome: "delivered" };
export const APPLIED: Answer = { outcome: "applied" };
