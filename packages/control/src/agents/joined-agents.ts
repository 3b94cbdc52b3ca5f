/**
 * Which hosts belong to the lab: how one joins with a one-time code, what lets it speak for itself from then on, and how that is taken away
 * again. Whether it is heard at the moment is `devices/`.
 */
import { createHash, randomBytes, randomInt } from "node:crypto";
import {
  type Bus,
  ControlChanged,
  decodeMessage,
  encodeMessage,
  type JoinReply,
  type JoinRequest,
  LAB_TENANT,
  PhonerackError,
  subjects,
} from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { BusKeys } from "./bus-keys.js";
import type { AgentRow, AgentStore } from "./store.js";

const CODE_MS = 15 * 60_000;
/** 80 bits in letters that nobody mistakes for another. */
const CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CODE_GROUPS = 4;
const GROUP_LETTERS = 4;
/** An agent renews at half of it: it outlives a control that is away for hours, and a removed one's ends within the day. */
const CREDENTIALS_MS = 12 * 3_600_000;
/** Also without a word from others: one that was lost with the bus would otherwise be missed for good. */
const READ_AGAIN_MS = 60_000;
/** The agent in control's own process. */
const OWN_AGENT = "local";

/** The NATS that joined agents speak through; without it they link to control. */
export interface AgentBus {
  readonly keys: BusKeys;
  /** As agents reach them, e.g. `tls://nats.lab:4222`. */
  readonly servers: readonly string[];
  /** How long their credentials are good; default 12 hours, at most a day. */
  readonly credentialsMs?: number;
}

export interface AgentEvent {
  readonly kind: "agent.joined" | "agent.removed";
  readonly actor: string;
  readonly tenant: string | null;
  /** The agent. */
  readonly subject: string;
  readonly detail: Record<string, unknown>;
}

export interface JoinedAgentsParts {
  readonly store: AgentStore;
  readonly bus: Bus;
  readonly replica: string;
  readonly log: Logger;
  readonly agentBus?: AgentBus | undefined;
  readonly record?: ((event: AgentEvent) => void) | undefined;
  readonly now?: () => number;
}

export class JoinedAgents {
  readonly #parts: JoinedAgentsParts;
  readonly #now: () => number;
  readonly #onRemoved = new Set<(id: string) => void>();
  readonly #removed = new Set<string>();
  #joined = new Map<string, AgentRow>();
  /** Readings one after the other: an older one must not be taken after a newer. */
  #turn: Promise<unknown> = Promise.resolve();
  #undo: (() => void)[] = [];

  constructor(parts: JoinedAgentsParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  async start(): Promise<void> {
    const { bus } = this.#parts;
    const changed = bus.subscribe(subjects.changed, ({ payload }) => this.#hear(payload));
    const restored = bus.onRestored(() => this.#readAgain());
    const timer = setInterval(() => this.#readAgain(), READ_AGAIN_MS);
    this.#undo = [() => changed.unsubscribe(), () => restored.unsubscribe(), () => clearInterval(timer)];
    await this.#inTurn(() => this.#read());
  }

  async stop(): Promise<void> {
    for (const step of this.#undo) step();
    this.#undo = [];
    await this.#turn;
  }

  /** Told of an agent whose rights were taken away, here or by another control; returns how to stop that. */
  onRemoved(listener: (id: string) => void): () => void {
    this.#onRemoved.add(listener);
    return () => this.#onRemoved.delete(listener);
  }

  get all(): readonly AgentRow[] {
    return [...this.#joined.values()];
  }

  /**
   * Whether what this agent says is to be heard. Where agents have credentials of their own, those that joined; where whoever reaches the bus
   * may speak, all but those that were removed.
   */
  hears(id: string): boolean {
    return this.#joined.has(id) || (this.#parts.agentBus === undefined && !this.#removed.has(id)) || id === OWN_AGENT;
  }

  /** Its devices are its own, also while it is away: nobody else has credentials for its name. */
  isJoined(id: string): boolean {
    return this.#joined.has(id);
  }

  /** A code with which one host joins, once, within 15 minutes. */
  async newCode(createdBy: string): Promise<{ code: string; expiresAt: number }> {
    const code = newCode();
    const now = this.#now();
    const expiresAt = now + CODE_MS;
    await this.#parts.store.addCode({ hash: hashOf(plain(code)), createdBy, expiresAt: new Date(expiresAt) }, new Date(now));
    return { code, expiresAt };
  }

  /** Fails with `join_refused` or `agent_name_taken`; the code stays good after the latter. */
  async join({ code, name, host, publicKey }: JoinRequest): Promise<JoinReply> {
    if (name === OWN_AGENT) throw new PhonerackError("agent_name_taken", `'${OWN_AGENT}' is control's own`);
    const token = randomBytes(32).toString("base64url");
    const agent = { id: name, host, joinedAt: new Date(this.#now()), tokenHash: hashOf(token), publicKey };
    const joined = await this.#parts.store.join(hashOf(plain(code)), agent);
    if (joined === "no-code") throw new PhonerackError("join_refused");
    if (joined === "name-taken") throw new PhonerackError("agent_name_taken", name);
    await this.#changed();
    const { joinedBy: actor } = joined;
    this.#parts.record?.({ kind: "agent.joined", actor, tenant: LAB_TENANT, subject: name, detail: { host } });
    return this.#replyTo(joined, token);
  }

  /** Fresh credentials; fails with `unauthorised` for a token that was never given or is taken away. */
  async renew(token: string): Promise<JoinReply> {
    const agent = await this.byToken(token);
    if (!agent) throw new PhonerackError("unauthorised", "the lab does not know this host any more; join it anew");
    return this.#replyTo(agent, token);
  }

  /** Asked of the database: what another control took away must not open anything here. */
  byToken(token: string): Promise<AgentRow | undefined> {
    return this.#parts.store.byToken(hashOf(token));
  }

  /** Fails with `agent_not_found` for one that has not joined. */
  async remove(id: string, actor: string): Promise<void> {
    if (!(await this.#parts.store.remove(id))) throw new PhonerackError("agent_not_found", `${id} has not joined with a code`);
    await this.#changed();
    this.#parts.record?.({ kind: "agent.removed", actor, tenant: LAB_TENANT, subject: id, detail: {} });
  }

  async #replyTo(agent: AgentRow, token: string): Promise<JoinReply> {
    const { agentBus } = this.#parts;
    if (!agentBus) return { agent: agent.id, token, bus: { kind: "link" } };
    const expiresAt = this.#now() + (agentBus.credentialsMs ?? CREDENTIALS_MS);
    const jwt = await agentBus.keys.signFor(agent.id, agent.publicKey, expiresAt);
    return { agent: agent.id, token, bus: { kind: "nats", servers: [...agentBus.servers], jwt, expiresAt } };
  }

  /** Takes over what was written, then tells the other controls. */
  async #changed(): Promise<void> {
    await this.#inTurn(() => this.#read());
    const { bus, replica } = this.#parts;
    bus.publish(subjects.changed, encodeMessage(ControlChanged, { replica, access: true }));
  }

  #hear(payload: Uint8Array): undefined {
    const { replica, access } = decodeMessage(ControlChanged, payload);
    if (access && replica !== this.#parts.replica) this.#readAgain();
    return undefined;
  }

  #readAgain(): void {
    this.#inTurn(() => this.#read()).catch((error: unknown) => {
      this.#parts.log.error({ err: error }, "the joined agents could not be read");
    });
  }

  async #read(): Promise<void> {
    const before = this.#joined;
    this.#joined = new Map((await this.#parts.store.all()).map((row) => [row.id, row]));
    for (const id of this.#joined.keys()) this.#removed.delete(id);
    for (const [id, { tokenHash }] of before) {
      const now = this.#joined.get(id);
      // One that was removed and has joined again meanwhile is another: what opened the door to the first is void.
      if (now?.tokenHash === tokenHash) continue;
      if (!now) this.#removed.add(id);
      for (const removed of this.#onRemoved) removed(id);
    }
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function newCode(): string {
  const letter = () => CODE_LETTERS[randomInt(CODE_LETTERS.length)] ?? "";
  const group = () => Array.from({ length: GROUP_LETTERS }, letter).join("");
  return Array.from({ length: CODE_GROUPS }, group).join("-");
}

/** As it is read from a screen and typed: small letters and other gaps are the same code. */
function plain(code: string): string {
  return code.toUpperCase().replaceAll(/[\s-]/g, "");
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
