/** Groups of virtual phones for tests: control's part is played, and what agents tell is kept. */
import {
  type AimedElement,
  decodeMessage,
  encodeMessage,
  type Grounds,
  GroundsOrder,
  GroupNews,
  GroupOrder,
  GroupReply,
  type GroupStep,
  type StepAnswer,
  subjects,
} from "@phonerack/contract/bus";
import { NOTES, SAMPLES_SIGNER } from "@phonerack/virtual-phone";
import { ACTOR, AGENT, type Lab, SOON_MS } from "./agent-lab.js";

export const GROUP = "g-abcdefghij";
export const TENANT = "t-1";
type StepOptions = Partial<Extract<GroupOrder, { order: "step" }>>;
type StartOptions = Partial<Extract<GroupOrder, { order: "start" }>>;
type MemberNews = GroupNews["members"][number];

export class GroupLab {
  readonly members = new Map<string, MemberNews>();
  readonly #answers = new Map<number, Map<string, StepAnswer>>();
  readonly lab: Lab;
  ids: string[] = [];
  #seq = 0;

  constructor(lab: Lab) {
    this.lab = lab;
    lab.bus.subscribe(subjects.groupNews(AGENT), ({ payload }) => {
      const { members, steps } = decodeMessage(GroupNews, payload);
      for (const member of members) this.members.set(member.deviceId, member);
      for (const { seq, answers } of steps) for (const answer of answers) this.#of(seq).set(answer.deviceId, answer);
      lab.wake();
      return undefined;
    });
  }

  /** All phones of the lab, ready, lent to TENANT's ACTOR, who owns Notes. The first is the leader. */
  async lend(
    owned: readonly { package: string; signer: string }[] = [{ package: NOTES, signer: SAMPLES_SIGNER }],
  ): Promise<void> {
    const grounds: Grounds = {
      tenant: TENANT,
      version: 1,
      owned: owned.map((app, at) => ({ id: `a-abcdefghi${"abcdefg"[at]}`, ...app })),
      permits: [],
    };
    const order = encodeMessage(GroundsOrder, { grounds: [grounds] });
    await this.lab.bus.request(subjects.grounds(AGENT), order, { timeoutMs: SOON_MS });
    const slots = this.lab.virtual.phones.map((_, at) => at + 1);
    const reports = await Promise.all(slots.map((slot) => this.lab.state("ready", slot)));
    this.ids = reports.map(({ id }) => id);
    for (const id of this.ids) await this.lab.lease(id, { tenant: TENANT });
  }

  get leader(): string {
    return this.ids[0] ?? "";
  }

  async order(order: GroupOrder): Promise<GroupReply> {
    const reply = await this.lab.bus.request(subjects.group(AGENT), encodeMessage(GroupOrder, order), { timeoutMs: SOON_MS });
    return decodeMessage(GroupReply, reply);
  }

  /** Resolves when all members follow. */
  async start(change: StartOptions = {}, ms = SOON_MS): Promise<void> {
    const members = this.ids.map((deviceId) => ({ deviceId, epoch: this.lab.epochOf(deviceId) }));
    const order = { order: "start", group: GROUP, actor: ACTOR, mode: "group", aim: "point", agreed: false, members } as const;
    await this.order({ ...order, ...change });
    await this.lab.until(() => this.ids.every((id) => this.members.get(id)?.state === "followed"), ms);
  }

  member(id: string, state: MemberNews["state"]): Promise<MemberNews> {
    return this.lab.until(() => {
      const member = this.members.get(id);
      return member?.state === state && member;
    });
  }

  /** Gives the step to all and waits for everybody's answer, or only those of `options.only`. */
  async step(step: GroupStep, { ms, ...options }: StepOptions & { ms?: number } = {}): Promise<Map<string, StepAnswer>> {
    const seq = this.begin(step, options);
    const wanted = options.only ?? this.ids.filter((id) => !options.except?.includes(id));
    return this.answers(seq, wanted, ms);
  }

  /** @returns the step's number. */
  begin(step: GroupStep, change: StepOptions = {}): number {
    const seq = ++this.#seq;
    const by = { group: GROUP, seq, actor: ACTOR, mode: "group", aim: "point", leader: this.leader } as const;
    const order = { order: "step", ...by, step, element: null, notAfter: Date.now() + 2_000, except: [], settle: false } as const;
    void this.order({ ...order, ...change } as GroupOrder);
    return seq;
  }

  answers(seq: number, wanted: readonly string[], ms = SOON_MS): Promise<Map<string, StepAnswer>> {
    return this.lab.until(() => wanted.every((id) => this.#of(seq).has(id)) && this.#of(seq), ms);
  }

  async aim(step: GroupStep): Promise<AimedElement | null> {
    const notAfter = Date.now() + 2_000;
    const { element } = await this.order({ order: "aim", group: GROUP, leader: this.leader, step, notAfter });
    return element ?? null;
  }

  /** What all took of it, sorted and each once. */
  static outcomes(answers: ReadonlyMap<string, StepAnswer>): string[] {
    return [...new Set([...answers.values()].map(({ outcome }) => outcome))].sort();
  }

  #of(seq: number): Map<string, StepAnswer> {
    const known = this.#answers.get(seq) ?? new Map<string, StepAnswer>();
    this.#answers.set(seq, known);
    return known;
  }
}
