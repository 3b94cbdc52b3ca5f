/** Tasks on real virtual phones, ordered as control does. */
import {
  AskOrder,
  AskReply,
  type DeviceAction,
  decodeMessage,
  encodeMessage,
  subjects,
  TaskNews,
  TaskOrder,
  TaskReply,
  type TaskStanding,
} from "@phonerack/contract/bus";
import { ACTOR, AGENT, at, type Lab, SOON_MS } from "./agent-lab.js";

type Do = Extract<TaskOrder, { order: "do" }>;

export class TaskLab {
  readonly news: TaskStanding[] = [];
  readonly lab: Lab;
  #count = 0;

  constructor(lab: Lab) {
    this.lab = lab;
    lab.bus.subscribe(subjects.taskNews(AGENT), ({ payload }) => {
      this.news.push(...decodeMessage(TaskNews, payload).tasks);
      lab.wake();
      return undefined;
    });
  }

  newTask(): string {
    return `j-${"a".repeat(16)}.${this.#count++}.1`;
  }

  /** Fails as the agent does. */
  async order(id: string, order: TaskOrder): Promise<TaskStanding> {
    const reply = await this.lab.bus.request(subjects.task(at(id)), encodeMessage(TaskOrder, order), { timeoutMs: SOON_MS });
    return decodeMessage(TaskReply, reply).standing;
  }

  async begin(id: string, action: DeviceAction, change: Partial<Do> = {}): Promise<string> {
    const task = change.task ?? this.newTask();
    await this.order(id, {
      order: "do",
      task,
      epoch: this.lab.epochOf(id),
      actor: ACTOR,
      mode: "unicast",
      notAfter: Date.now() + 2_000,
      timeoutMs: 30_000,
      agreed: false,
      action,
      ...change,
    });
    return task;
  }

  /** How it ended, as news said it. */
  ended(task: string): Promise<TaskStanding> {
    return this.lab.until(() => this.news.find((one) => one.task === task && one.state !== "running"));
  }

  async do(id: string, action: DeviceAction, change: Partial<Do> = {}): Promise<TaskStanding> {
    return this.ended(await this.begin(id, action, change));
  }

  async ask<T extends AskOrder["question"]["type"]>(id: string, type: T): Promise<Extract<AskReply, { type: T }>> {
    const order = { epoch: this.lab.epochOf(id), notAfter: Date.now() + 2_000, question: { type } as AskOrder["question"] };
    const reply = await this.lab.bus.request(subjects.ask(at(id)), encodeMessage(AskOrder, order), { timeoutMs: SOON_MS });
    return decodeMessage(AskReply, reply) as Extract<AskReply, { type: T }>;
  }
}

export const command = (text: string, timeoutMs = 20_000): DeviceAction => ({ type: "shell", command: text, timeoutMs });
