/** Which agents are heard, by their beats. What that means for their devices is `devices.ts`. */
import { AGENT_GONE_MS, type AgentBeat } from "@phonerack/contract/bus";

/** How long an agent that is here may take to report a device it knew before. */
const REPORT_MS = 30_000;

interface Agent {
  heardAt: number;
  /** When this run of the agent began, by its own clock; undefined until its first beat. */
  startedAt: number | undefined;
  /** When it was first heard in this run, by our clock. */
  since: number;
  here: boolean;
}

/**
 * What a beat or the passing of time brought to light. seen: the first beat of an agent that was expected or reported already.
 * anew: it is new, was gone or began again, so that what it said before no longer holds. overdue: it is here for long enough to have
 * reported every device.
 */
export type AgentNews = { readonly agentId: string; readonly news: "seen" | "anew" | "gone" | "overdue" };

export class Agents {
  readonly #agents = new Map<string, Agent>();

  /** An agent known from before, to be heard within the time in which a living one speaks. */
  expect(agentId: string, now: number): void {
    if (!this.#agents.has(agentId)) this.#agents.set(agentId, { heardAt: now, startedAt: undefined, since: now, here: true });
  }

  hear(beat: AgentBeat, now: number): AgentNews | undefined {
    const agent = this.#agents.get(beat.agentId);
    if (agent?.here && agent.startedAt === beat.startedAt) {
      agent.heardAt = now;
      return undefined;
    }
    this.#agents.set(beat.agentId, { heardAt: now, startedAt: beat.startedAt, since: now, here: true });
    return { agentId: beat.agentId, news: agent?.here && agent.startedAt === undefined ? "seen" : "anew" };
  }

  /** A report is a sign of life too. */
  heardOf(agentId: string, now: number): void {
    const agent = this.#agents.get(agentId);
    if (agent?.here) agent.heardAt = now;
    else this.expect(agentId, now);
  }

  /** To be called about once a second: who has not been heard for too long, and whose first word is long enough ago. */
  sweep(now: number): AgentNews[] {
    const news: AgentNews[] = [];
    for (const [agentId, agent] of this.#agents) {
      if (!agent.here) continue;
      if (now - agent.heardAt >= AGENT_GONE_MS) {
        agent.here = false;
        news.push({ agentId, news: "gone" });
      } else if (agent.since !== Infinity && now - agent.since >= REPORT_MS) {
        agent.since = Infinity;
        news.push({ agentId, news: "overdue" });
      }
    }
    return news;
  }

  isHere(agentId: string): boolean {
    return this.#agents.get(agentId)?.here ?? false;
  }

  /** Agents whose beat was heard and is not overdue. */
  get count(): number {
    let count = 0;
    for (const agent of this.#agents.values()) if (agent.here && agent.startedAt !== undefined) count++;
    return count;
  }
}
