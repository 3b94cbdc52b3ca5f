/** What one group's members have to say, gathered for some milliseconds and told in messages that fit the bus. */
import { type Bus, encodeMessage, GroupNews, type StepAnswer, subjects } from "@phonerack/contract/bus";

export type MemberNews = GroupNews["members"][number];

const GATHER_MS = 10;
/** NATS refuses messages above 1 MiB; a member's news or answer has at most about 2 KiB. */
const MOST_AT_ONCE = 250;

export class NewsDesk {
  readonly #parts: { readonly agentId: string; readonly bus: Bus; readonly group: string };
  readonly #members = new Map<string, MemberNews>();
  #answers: { seq: number; answer: StepAnswer }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: { readonly agentId: string; readonly bus: Bus; readonly group: string }) {
    this.#parts = parts;
  }

  /** How a member is now; what it was before within the same moment is not told. */
  member(news: MemberNews): void {
    this.#members.set(news.deviceId, news);
    this.#soon();
  }

  answer(seq: number, answer: StepAnswer): void {
    this.#answers.push({ seq, answer });
    this.#soon();
  }

  /** Tells what waits, now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const members = [...this.#members.values()];
    const answers = this.#answers;
    this.#members.clear();
    this.#answers = [];
    for (let at = 0; at < Math.max(members.length, answers.length); at += MOST_AT_ONCE) {
      this.#publish(members.slice(at, at + MOST_AT_ONCE), answers.slice(at, at + MOST_AT_ONCE));
    }
  }

  #publish(members: MemberNews[], answers: readonly { seq: number; answer: StepAnswer }[]): void {
    const { agentId, bus, group } = this.#parts;
    const bySeq = new Map<number, StepAnswer[]>();
    for (const { seq, answer } of answers) {
      const list = bySeq.get(seq);
      if (list) list.push(answer);
      else bySeq.set(seq, [answer]);
    }
    const steps = [...bySeq].map(([seq, list]) => ({ seq, answers: list }));
    bus.publish(subjects.groupNews(agentId), encodeMessage(GroupNews, { agentId, group, members, steps }));
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }
}
