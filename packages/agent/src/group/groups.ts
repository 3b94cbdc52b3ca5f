/**
 * The door for `group` orders: the groups that have members on this agent. Each order is answered at once; how it went on each phone is told as
 * news. What holds a group together over several agents is control's business.
 */
import {
  type Bus,
  decodeMessage,
  encodeMessage,
  GroupOrder,
  GroupReply,
  PhonerackError,
  type Subscription,
  subjects,
} from "@phonerack/contract/bus";
import { requireFresh } from "../hold/held.js";
import { AppStrings } from "./app-strings.js";
import { DrivenGroup } from "./driven-group.js";
import { EngineShop } from "./engine-shop.js";
import type { GroupPhone } from "./group-phone.js";

export interface GroupsParts {
  readonly agentId: string;
  readonly bus: Bus;
  readonly phone: (id: string) => GroupPhone | undefined;
}

export class Groups {
  readonly #parts: GroupsParts;
  readonly #tools = { engines: new EngineShop(), strings: new AppStrings() };
  readonly #groups = new Map<string, DrivenGroup>();
  readonly #subscription: Subscription;

  constructor(parts: GroupsParts) {
    this.#parts = parts;
    this.#subscription = parts.bus.subscribe(subjects.group(parts.agentId), async ({ payload }) =>
      encodeMessage(GroupReply, await this.#order(decodeMessage(GroupOrder, payload))),
    );
  }

  /** Ends all groups; resolves when their phones are let go of. */
  async stop(): Promise<void> {
    this.#subscription.unsubscribe();
    await Promise.all([...this.#groups.values()].map((group) => group.end()));
    this.#groups.clear();
  }

  async #order(order: GroupOrder): Promise<GroupReply> {
    switch (order.order) {
      case "start":
        this.#open(order.group).start(order);
        return { accepted: true };
      case "step":
        requireFresh(order.notAfter, Date.now());
        this.#require(order.group).step(order);
        return { accepted: true };
      case "aim":
        requireFresh(order.notAfter, Date.now());
        return { accepted: true, element: await this.#require(order.group).aim(order) };
      case "member":
        this.#require(order.group).member(order);
        return { accepted: true };
      case "end": {
        const group = this.#groups.get(order.group);
        this.#groups.delete(order.group);
        void group?.end();
        return { accepted: group !== undefined };
      }
    }
  }

  #open(id: string): DrivenGroup {
    const present = this.#groups.get(id);
    if (present) return present;
    const { agentId, bus, phone } = this.#parts;
    const tools = this.#tools;
    const group: DrivenGroup = new DrivenGroup({
      agentId,
      bus,
      group: id,
      tools,
      phone,
      onEmpty: () => {
        if (this.#groups.get(id) === group) this.#groups.delete(id);
      },
    });
    this.#groups.set(id, group);
    return group;
  }

  /** Fails with `group_not_found`. */
  #require(id: string): DrivenGroup {
    const group = this.#groups.get(id);
    if (!group) throw new PhonerackError("group_not_found", "it has no members on this agent");
    return group;
  }
}
