/** The half of an agent by script that hears of groups: records what it is told, answers as a test says. */
import {
  type AimedElement,
  type Bus,
  decodeMessage,
  encodeError,
  encodeMessage,
  GroupNews,
  GroupOrder,
  GroupReply,
  type MemberState,
  type ScreenState,
  type StepAnswer,
  type Subscription,
  subjects,
} from "@phonerack/contract/bus";

type Answer = Omit<StepAnswer, "deviceId">;

export const NOTES: ScreenState = { package: "org.example.notes", activity: ".ListActivity", signature: "aa" };
export const SETTINGS: ScreenState = { package: "com.android.settings", activity: ".Settings", signature: "bb" };

export function elementOf(change: Partial<AimedElement> = {}): AimedElement {
  return {
    package: NOTES.package,
    activity: NOTES.activity,
    resourceId: `${NOTES.package}:id/save`,
    description: null,
    text: "Save",
    class: "android.widget.Button",
    textNames: [],
    descriptionNames: [],
    index: 0,
    of: 1,
    at: { x: 0.5, y: 0.5 },
    bounds: { left: 0, top: 0, right: 1, bottom: 0.1 },
    within: null,
    near: null,
    words: "“Save” (id/save)",
    ...change,
  };
}

export class FakeGroupAgent {
  readonly agentId: string;
  readonly orders: GroupOrder[] = [];
  /** How devices take steps, by device; `silent` never answers. Applied when nothing is said. */
  readonly answers = new Map<string, Answer | "silent">();
  /** What devices show after a step. */
  readonly screens = new Map<string, ScreenState>();
  /** What `aim` finds. */
  element: AimedElement | null = elementOf();
  /** Throws instead of taking an order. */
  refuse: Error | undefined;
  readonly #bus: Bus;
  readonly #subscription: Subscription;
  readonly #members = new Map<string, Set<string>>();

  constructor(bus: Bus, agentId = "agent-1") {
    this.#bus = bus;
    this.agentId = agentId;
    this.#subscription = bus.subscribe(subjects.group(agentId), ({ payload }) => this.#take(decodeMessage(GroupOrder, payload)));
  }

  of<T extends GroupOrder["order"]>(order: T): Extract<GroupOrder, { order: T }>[] {
    return this.orders.filter((one): one is Extract<GroupOrder, { order: T }> => one.order === order);
  }

  tell(group: string, news: Partial<Pick<GroupNews, "members" | "steps">>): void {
    const whole = { agentId: this.agentId, group, members: [], steps: [], ...news };
    this.#bus.publish(subjects.groupNews(this.agentId), encodeMessage(GroupNews, whole));
  }

  member(deviceId: string, seq: number, state: MemberState = "followed"): GroupNews["members"][number] {
    return {
      deviceId,
      state,
      reason: state === "followed" ? null : `it is ${state}`,
      screen: this.screens.get(deviceId) ?? NOTES,
      fence: "closed",
      engine: true,
      seq,
    };
  }

  stop(): void {
    this.#subscription.unsubscribe();
  }

  #take(order: GroupOrder): Uint8Array {
    if (this.refuse) return encodeError(this.refuse);
    this.orders.push(order);
    if (order.order === "aim") return encodeMessage(GroupReply, { accepted: true, element: this.element });
    // As a real one: first it takes the order, then it has news.
    setTimeout(() => this.#carryOut(order), 1);
    return encodeMessage(GroupReply, { accepted: true });
  }

  #carryOut(order: GroupOrder): void {
    if (order.order === "start") {
      const members = this.#members.get(order.group) ?? new Set();
      for (const { deviceId } of order.members) members.add(deviceId);
      this.#members.set(order.group, members);
      this.tell(order.group, { members: order.members.map(({ deviceId }) => this.member(deviceId, 0)) });
    }
    if (order.order === "step") this.#step(order);
    if (order.order === "member" && order.action === "resync" && order.screen) {
      this.screens.set(order.deviceId, order.screen);
      const [last] = this.of("step").slice(-1);
      this.tell(order.group, { members: [this.member(order.deviceId, last?.seq ?? 0)] });
    }
  }

  #step({ group, seq, except, only, settle }: Extract<GroupOrder, { order: "step" }>): void {
    const asked = [...(this.#members.get(group) ?? [])].filter((id) => !except.includes(id) && (!only || only.includes(id)));
    const answering = asked.filter((id) => this.answers.get(id) !== "silent");
    const answers = answering.map((deviceId): StepAnswer => {
      const answer = this.answers.get(deviceId);
      return { deviceId, ...(answer === undefined || answer === "silent" ? { outcome: "applied", ms: 3 } : answer) };
    });
    this.tell(group, { members: settle ? answering.map((id) => this.member(id, seq)) : [], steps: [{ seq, answers }] });
  }
}
