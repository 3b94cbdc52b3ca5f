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
  /** It has had no time yet to report every device. */
  unreported: boolean;
  here: boolean;
  /** It spoke itself; else it is only expected, being known from before. */
  heard: boolean;
  host: string | null;
  version: string | null;
  journal: AgentBeat["journal"];
}

/** An agent as it was heard last. */
export interface SeenAgent {
  readonly id: string;
  readonly host: string | null;
  readonly version: string | null;
  /** Whether it spoke within the time in which a living one does. */
  readonly presence: "here" | "gone";
  /** Milliseconds since the Unix epoch, by our clock. */
  readonly since: number;
  /** How far its decisions have got, as it said last. */
  readonly journal: AgentBeat["journal"];
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
    if (this.#agents.has(agentId)) return;
    this.#agents.set(agentId, {
      heardAt: now,
      startedAt: undefined,
      since: now,
      unreported: true,
      here: true,
      heard: false,
      host: null,
      version: null,
      journal: undefined,
    });
  }

  hear(beat: AgentBeat, now: number): AgentNews | undefined {
    const agent = this.#agents.get(beat.agentId);
    if (agent?.here && agent.startedAt === beat.startedAt) {
      agent.heardAt = now;
      agent.journal = beat.journal;
      return undefined;
    }
    const { startedAt, host, version, journal } = beat;
    this.#agents.set(beat.agentId, {
      heardAt: now,
      startedAt,
      since: now,
      unreported: true,
      here: true,
      heard: true,
      host,
      version,
      journal,
    });
    return { agentId: beat.agentId, news: agent?.here && agent.startedAt === undefined ? "seen" : "anew" };
  }

  /** A report is a sign of life too. */
  heardOf(agentId: string, now: number): void {
    if (!this.#agents.get(agentId)?.here) this.expect(agentId, now);
    const agent = this.#agents.get(agentId);
    if (!agent?.here) return;
    agent.heardAt = now;
    agent.heard = true;
  }

  /** To be called about once a second: who has not been heard for too long, and whose first word is long enough ago. */
  sweep(now: number): AgentNews[] {
    const news: AgentNews[] = [];
    for (const [agentId, agent] of this.#agents) {
      if (!agent.here) continue;
      if (now - agent.heardAt >= AGENT_GONE_MS) {
        agent.here = false;
        news.push({ agentId, news: "gone" });
      } else if (agent.unreported && now - agent.since >= REPORT_MS) {
        agent.unreported = false;
        news.push({ agentId, news: "overdue" });
      }
    }
    return news;
  }

  isHere(agentId: string): boolean {
    return this.#agents.get(agentId)?.here ?? false;
  }

  /** Whatever it said holds no more, and it is not waited for. */
  drop(agentId: string): void {
    this.#agents.delete(agentId);
  }

  get all(): SeenAgent[] {
    return Array.from(this.#agents, ([id, { host, version, journal, here, heard, since, heardAt }]) => ({
      id,
      host,
      version,
      presence: here && heard ? "here" : "gone",
      since: here ? since : heardAt,
      journal,
    }));
  }

  /** Agents whose beat was heard and is not overdue. */
  get count(): number {
    let count = 0;
    for (const agent of this.#agents.values()) if (agent.here && agent.startedAt !== undefined) count++;
    return count;
  }
}
