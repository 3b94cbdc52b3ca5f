/** How a joined agent reaches its lab, and keeps its credentials good for as long as it runs. */
import { type Bus, type HandlerFailed, PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import { connectLink } from "../bus/connect-link.js";
import { reachNats } from "../bus/connect-nats.js";
import { type Membership, renew, writeMembership } from "./membership.js";

/** While control does not answer. */
const RETRY_MS = { least: 1_000, most: 30_000, expired: 5_000 };
/** Where the lab refuses us, or our clocks do not agree on what has expired. */
const SELDOM_MS = 60_000;

export interface LabParts {
  /** The agent's own. */
  readonly folder: string;
  readonly log: Logger;
  readonly onError: HandlerFailed;
}

export interface Reached {
  readonly bus: Bus;
  /** For people: where it is. */
  readonly at: string;
  readonly stop: () => Promise<void>;
}

/** Fails with `unauthorised` (removed from the lab), `control_unreachable` or `nats_unreachable`. */
export async function reachLab(kept: Membership, parts: LabParts): Promise<Reached> {
  const { folder, log, onError } = parts;
  let membership = await freshOf(kept, parts);
  const { lab, seed, reply } = membership;
  if (reply.bus.kind === "link") {
    const bus = await connectLink({ ...lab, token: reply.token, agent: reply.agent, log, onError });
    return { bus, at: lab.url, stop: () => bus.stop() };
  }
  const seedBytes = new TextEncoder().encode(seed);
  const { bus, reconnect } = await reachNats({
    url: reply.bus.servers,
    name: `agent ${reply.agent}`,
    credentials: () => ({ jwt: jwtOf(membership), seed: seedBytes }),
    onError,
  });
  let timer: NodeJS.Timeout | undefined;
  const again = (ms: number) => {
    timer = setTimeout(() => void attempt(), ms);
  };
  const attempt = async () => {
    try {
      membership = await renew(membership);
      await writeMembership(folder, membership);
      await reconnect();
      again(untilRenewal(membership));
    } catch (error) {
      log.warn({ err: error }, "the agent's credentials could not be renewed, trying again");
      again(untilRetry(membership, error));
    }
  };
  again(untilRenewal(membership));
  const stop = async () => {
    clearTimeout(timer);
    await bus.stop();
  };
  return { bus, at: lab.url, stop };
}

/** Asks control first: it may have moved the bus, or removed this agent. What was kept will do while control is away and it is good. */
async function freshOf(kept: Membership, { folder, log }: LabParts): Promise<Membership> {
  try {
    const fresh = await renew(kept);
    await writeMembership(folder, fresh);
    return fresh;
  } catch (error) {
    const good = kept.reply.bus.kind === "nats" && kept.reply.bus.expiresAt > Date.now();
    if (!good || !(error instanceof PhonerackError) || error.code !== "control_unreachable") throw error;
    log.warn({ detail: error.detail }, "control does not answer; going on with the credentials of last time");
    return kept;
  }
}

function jwtOf({ reply }: Membership): string {
  return reply.bus.kind === "nats" ? reply.bus.jwt : "";
}

function leftOf({ reply }: Membership): number {
  return reply.bus.kind === "nats" ? reply.bus.expiresAt - Date.now() : Number.POSITIVE_INFINITY;
}

/** Half-way, so that a control that is away for hours does not matter. */
function untilRenewal(membership: Membership): number {
  const left = leftOf(membership);
  if (!Number.isFinite(left) || left <= 0) return SELDOM_MS;
  return Math.max(RETRY_MS.least, left / 2);
}

function untilRetry(membership: Membership, error: unknown): number {
  if (error instanceof PhonerackError && error.code === "unauthorised") return SELDOM_MS;
  const left = leftOf(membership);
  return left <= 0 ? RETRY_MS.expired : Math.min(RETRY_MS.most, Math.max(RETRY_MS.least, left / 4));
}
