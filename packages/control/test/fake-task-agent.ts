/** An agent's tasks by script, beside a `FakeAgent`: does each once, as a test says, and can be killed with all that it has not journalled. */
import {
  type ActionResult,
  type Bus,
  decodeMessage,
  encodeMessage,
  PhonerackError,
  REPEATABLE,
  type Subscription,
  subjects,
  TaskNews,
  TaskOrder,
  TaskReply,
  type TaskStanding,
} from "@phonerack/contract/bus";

export type Do = Extract<TaskOrder, { order: "do" }> & { readonly deviceId: string };
export type End = Partial<TaskStanding> & Pick<TaskStanding, "state">;

export class FakeTaskAgent {
  /** Every order that began something, in order. */
  readonly begun: Do[] = [];
  /** How a task ends; a promise: later. undefined: not by itself. */
  outcome: (order: Do) => Promise<End | undefined> | End | undefined = () => ({ state: "done", result: {} });
  /** News that get lost. */
  mute = false;
  /** Nobody answers. */
  dead = false;
  /** What orders are refused with. */
  refuse: ((order: Do) => PhonerackError | undefined) | undefined;
  readonly #known = new Map<string, { standing: TaskStanding; order?: Do }>();
  readonly #bus: Bus;
  readonly #agentId: string;
  readonly #subscription: Subscription;
  #run = 0;

  constructor(bus: Bus, agentId = "agent-1") {
    this.#bus = bus;
    this.#agentId = agentId;
    this.#subscription = bus.subscribe(subjects.task({ agentId, id: "*" }), ({ subject, payload }) => {
      // What is not answered is a time-out, which no test wants to wait for.
      if (this.dead) throw new PhonerackError("agent_unreachable");
      return encodeMessage(TaskReply, { standing: this.#order(subject.split(".")[2] ?? "", decodeMessage(TaskOrder, payload)) });
    });
  }

  /** As after `kill -9` and a start: what was begun is interrupted, or forgotten where it may be repeated. */
  kill(): void {
    this.#run++;
    for (const [task, { standing, order }] of this.#known) {
      if (standing.state !== "running" || !order) continue;
      if (REPEATABLE.has(order.action.type)) this.#known.delete(task);
      else this.#known.set(task, { standing: { ...standing, state: "interrupted" }, order });
    }
  }

  /** What it says of a task when it is asked. */
  stateOf(task: string): TaskStanding["state"] | undefined {
    return this.#known.get(task)?.standing.state;
  }

  end(task: string, end: End): void {
    const known = this.#known.get(task);
    if (known?.standing.state !== "running") return;
    known.standing = { ...known.standing, ...end };
    if (!this.mute) this.say(known.standing);
  }

  say(...tasks: TaskStanding[]): void {
    this.#bus.publish(subjects.taskNews(this.#agentId), encodeMessage(TaskNews, { agentId: this.#agentId, tasks }));
  }

  stop(): void {
    this.#run++;
    this.#subscription.unsubscribe();
  }

  #order(deviceId: string, order: TaskOrder): TaskStanding {
    const known = this.#known.get(order.task);
    if (known) return known.standing;
    const standing: TaskStanding = {
      task: order.task,
      deviceId,
      state: "unknown",
      progress: null,
      note: null,
      error: null,
      result: null,
    };
    if (order.order === "tell") return standing;
    if (order.order === "cancel") {
      const cancelled = { ...standing, state: "cancelled" } as const;
      this.#known.set(order.task, { standing: cancelled });
      return cancelled;
    }
    const begun = { ...order, deviceId };
    const refusal = this.refuse?.(begun);
    if (refusal) throw refusal;
    this.begun.push(begun);
    const running = { ...standing, state: "running" } as const;
    this.#known.set(order.task, { standing: running, order: begun });
    const run = this.#run;
    void Promise.resolve(this.outcome(begun)).then((end) => {
      if (end && this.#run === run) this.end(order.task, end);
    });
    return running;
  }
}

/** What a command printed. */
export function printed(stdout: string, exitCode = 0): End {
  const result: ActionResult = { exitCode, stdout, stderr: "" };
  return { state: "done", result };
}
