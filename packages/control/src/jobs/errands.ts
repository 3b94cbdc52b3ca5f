/** What a control says to the agent of one task's phone: do it, tell what became of it, give it up. What the answer means for the job is `runner.ts`'s. */
import {
  type Bus,
  type Device,
  decodeMessage,
  encodeMessage,
  PhonerackError,
  subjects,
  TaskOrder,
  TaskReply,
  type TaskStanding,
} from "@phonerack/contract/bus";
import type { JobRow, TaskRow } from "./rows.js";
import { timeOf } from "./words.js";

const FRESH_MS = 2_000;
const ANSWER_MS = 8_000;

export interface Errand {
  readonly job: JobRow;
  readonly task: TaskRow;
  readonly device: Device;
}

/** Its name between control and agents. */
export function taskIdOf({ jobId, number, attempt }: Pick<TaskRow, "jobId" | "number" | "attempt">): string {
  return `${jobId}.${number}.${attempt}`;
}

export class Errands {
  readonly #bus: Bus;
  readonly #isTrial: (errand: Errand) => Promise<boolean>;

  constructor(parts: { bus: Bus; isTrial: (errand: Errand) => Promise<boolean> }) {
    this.#bus = parts.bus;
    this.#isTrial = parts.isTrial;
  }

  /** Fails with what the agent refuses it for (it was not taken then), or `agent_unreachable` and `device_timeout` (nobody knows). */
  async do(errand: Errand): Promise<TaskStanding> {
    const { job, task } = errand;
    const { actor, mode, agreed, action } = job;
    const trial = mode === "unicast" && (await this.#isTrial(errand));
    return this.#send(errand, {
      order: "do",
      task: taskIdOf(task),
      epoch: task.epoch,
      actor,
      mode,
      agreed,
      action,
      notAfter: Date.now() + FRESH_MS,
      timeoutMs: timeOf(action),
      ...(trial && { trial }),
    });
  }

  /** `tell` asks, `cancel` has it given up if it was not begun. Fails as `do` does. */
  ask(errand: Errand, order: "tell" | "cancel"): Promise<TaskStanding> {
    return this.#send(errand, { order, task: taskIdOf(errand.task) });
  }

  async #send({ device, task }: Errand, order: TaskOrder): Promise<TaskStanding> {
    const reply = await this.#bus.request(subjects.task(device), encodeMessage(TaskOrder, order), { timeoutMs: ANSWER_MS });
    const { standing } = decodeMessage(TaskReply, reply);
    if (standing.task !== order.task || standing.deviceId !== task.deviceId)
      throw new PhonerackError("phone_failed", "the agent answered for another task");
    return standing;
  }
}
