/** Tasks of this agent's phones: each is done once, also when its order comes twice or the agent is killed in the middle. */
import { PhonerackError, type TaskOrder, type TaskReply } from "@phonerack/contract/bus";
import type { Blobs } from "../blobs/blobs.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";

export interface TasksParts {
  readonly agentId: string;
  readonly dataDir: string;
  readonly blobs: Blobs;
}

export class Tasks {
  static async load(_parts: TasksParts): Promise<Tasks> {
    return new Tasks();
  }

  /** Answers at once; how it goes on is news. */
  async order(_phone: PhoneAtWork, order: TaskOrder): Promise<TaskReply> {
    throw new PhonerackError("not_found", order.order);
  }

  async stop(): Promise<void> {}
}
