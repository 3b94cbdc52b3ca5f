/** The door for `terms` orders: control says who holds which phone, the agent answers what then counts on its side. */
import {
  type Bus,
  decodeMessage,
  encodeMessage,
  type Subscription,
  subjects,
  TermsOrder,
  TermsReply,
} from "@phonerack/contract/bus";
import { holdOf } from "./held.js";
import type { Holds } from "./holds.js";

export interface TermsParts {
  readonly agentId: string;
  readonly bus: Bus;
  readonly holds: Holds;
  /** This agent has, or had, the device. */
  knows(deviceId: string): boolean;
}

/** Answers when the terms are on disk; devices that this agent does not know are left out. */
export function subscribeTerms(parts: TermsParts): Subscription {
  const { agentId, bus, holds } = parts;
  return bus.subscribe(subjects.terms(agentId), async ({ payload }) => {
    const { terms } = decodeMessage(TermsOrder, payload);
    const ours = terms.filter(({ deviceId }) => holds.knows(deviceId) || parts.knows(deviceId));
    await holds.take(ours);
    const ids = [...new Set(ours.map(({ deviceId }) => deviceId))];
    return encodeMessage(TermsReply, { holds: ids.map((deviceId) => ({ deviceId, ...holdOf(holds.get(deviceId)) })) });
  });
}
