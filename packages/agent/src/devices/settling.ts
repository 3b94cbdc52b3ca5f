/** The door for `identity` orders: a person says who a doubtful phone is. Who it could be, `identity/identities.ts` knows. */
import {
  type Bus,
  decodeMessage,
  encodeMessage,
  IdentityOrder,
  IdentityReply,
  PhonerackError,
  type Subscription,
  subjects,
} from "@phonerack/contract/bus";
import type { Identities } from "../identity/identities.js";
import { Keeper } from "./keeper.js";
import type { Phones } from "./phones.js";

export interface SettlingParts {
  readonly agentId: string;
  readonly bus: Bus;
  readonly identities: Identities;
  readonly phones: Phones;
}

/** Also shows the doubts that end by what happens to other phones. */
export function subscribeIdentity(parts: SettlingParts): Subscription {
  const { agentId, bus, identities, phones } = parts;
  identities.onDoubt = (id) => phones.get(id)?.reporter.update({ doubt: identities.doubtOf(id) });
  return bus.subscribe(subjects.identity({ agentId, id: "*" }), ({ subject, payload }) => {
    const { same } = decodeMessage(IdentityOrder, payload);
    const id = settle(parts, subject.split(".")[2] ?? "", same);
    return encodeMessage(IdentityReply, { id });
  });
}

function settle({ identities, phones }: SettlingParts, id: string, same: string | null): string {
  const phone = phones.get(id);
  if (!phone) throw new PhonerackError("device_not_found", id);
  const settled = identities.settle(id, same);
  if (same === null) phone.reporter.update({ doubt: null });
  else if (phone.keeper instanceof Keeper) phone.keeper.meetAgain(phone);
  else phones.remove(phone);
  return settled;
}
