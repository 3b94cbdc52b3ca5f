/** The members that one group has on this agent, and the fan-out of its steps to them. */
import { type AimedElement, type Bus, type GroupOrder, PhonerackError } from "@phonerack/contract/bus";
import { aimAt } from "./aim.js";
import type { GroupPhone } from "./group-phone.js";
import { type GroupTools, Member } from "./member.js";
import { type MemberNews, NewsDesk } from "./news-desk.js";
import { type StepOrder, StepRun } from "./step-run.js";

type Order<Name extends GroupOrder["order"]> = Extract<GroupOrder, { order: Name }>;

/** Steps whose answers may still come. */
const MOST_RUNS = 200;

export interface DrivenGroupParts {
  readonly agentId: string;
  readonly bus: Bus;
  readonly group: string;
  readonly tools: GroupTools;
  readonly phone: (id: string) => GroupPhone | undefined;
  /** It has no members left. */
  onEmpty(): void;
}

export class DrivenGroup {
  readonly #parts: DrivenGroupParts;
  readonly #desk: NewsDesk;
  readonly #members = new Map<string, Member>();
  readonly #runs = new Set<StepRun>();

  constructor(parts: DrivenGroupParts) {
    this.#parts = parts;
    this.#desk = new NewsDesk(parts);
  }

  /** Takes these members in; one that is there already, at the same epoch, says only how it is. */
  start(order: Order<"start">): void {
    for (const { deviceId, epoch } of order.members) {
      const present = this.#members.get(deviceId);
      if (present?.epoch === epoch) {
        present.renew(order);
        continue;
      }
      void present?.end();
      const phone = this.#parts.phone(deviceId);
      if (phone) this.#take(phone, epoch, order);
      else this.#desk.member(strangerNews(deviceId));
    }
  }

  step(order: StepOrder): void {
    const except = new Set(order.except);
    const only = order.only && new Set(order.only);
    const members = [...this.#members.values()].filter(
      ({ phone, out }) => !except.has(phone.id) && (only ? only.has(phone.id) : !out),
    );
    const ids = members.map(({ phone }) => phone.id);
    const run = new StepRun(order, ids, (answer) => this.#desk.answer(order.seq, answer));
    this.#keep(run);
    // The leader first: it is what the person looks at.
    members.sort((a, b) => Number(b.phone.id === order.leader) - Number(a.phone.id === order.leader));
    for (const member of members) member.take(run);
  }

  /** What stands at the place on the leader. Fails with `step_refused`, `engine_unavailable`, `denied` and the phone's errors. */
  aim(order: Order<"aim">): Promise<AimedElement | null> {
    return aimAt(this.#require(order.leader).follower, order);
  }

  /** Fails with `step_refused` when there is nothing to do again. */
  member(order: Order<"member">): void {
    const member = this.#require(order.deviceId);
    switch (order.action) {
      case "take-over":
        return member.leave("taken-over", "Somebody drives it by hand.");
      case "drop":
        return member.leave("dropped", "It was taken out of the group.");
      case "rejoin":
        return member.rejoin();
      case "resync":
        return member.resync(order.screen);
      case "retry":
        if (!member.last) throw new PhonerackError("step_refused", "it has taken no step yet");
        member.rejoin();
        return this.step({ ...member.last.order, except: [], only: [order.deviceId] });
    }
  }

  /** Resolves when all have let go of their phones. */
  async end(): Promise<void> {
    for (const run of this.#runs) run.drop();
    await Promise.all([...this.#members.values()].map((member) => member.end()));
    this.#desk.flush();
  }

  #take(phone: GroupPhone, epoch: number, order: Order<"start">): void {
    const member = new Member({ phone, epoch, terms: order, tools: this.#parts.tools, tell: (news) => this.#tell(news) });
    this.#members.set(phone.id, member);
    void member.prepare();
  }

  #tell(news: MemberNews): void {
    this.#desk.member(news);
    const member = this.#members.get(news.deviceId);
    if (!member?.over) return;
    this.#members.delete(news.deviceId);
    if (this.#members.size === 0) this.#parts.onEmpty();
  }

  #require(deviceId: string): Member {
    const member = this.#members.get(deviceId);
    if (!member) throw new PhonerackError("device_not_found", "it is no member of this group here");
    return member;
  }

  /** Old ones have expired long since. */
  #keep(run: StepRun): void {
    this.#runs.add(run);
    if (this.#runs.size <= MOST_RUNS) return;
    for (const oldest of this.#runs) {
      this.#runs.delete(oldest);
      return;
    }
  }
}

function strangerNews(deviceId: string): MemberNews {
  const reason = "This agent does not have it.";
  return { deviceId, state: "lost", reason, screen: null, fence: "open", engine: false, seq: 0 };
}
