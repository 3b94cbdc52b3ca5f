/** Accounts that are added on phones: the lab keeps no vault of test accounts yet, so there are none that should be. What tells of it is `account-watch.ts`'s. */
import { FLAG_BOUNDS } from "@phonerack/contract/api";
import { z } from "zod";
import { cited, DAY_MS, ruleOf } from "../rule.js";
import type { EventSeen, Seen } from "../seen.js";

/** Somebody who came there by mistake goes back; another time, another phone, is no mistake. */
export const ACCOUNT_TIMES = FLAG_BOUNDS.accounts.times;
export const ACCOUNT_DEVICES = FLAG_BOUNDS.accounts.devices;
const MOST_KEPT = 100;

const Counts = z.object({ seen: z.array(z.tuple([z.number(), z.number(), z.string()])).max(MOST_KEPT) });
type Counts = z.infer<typeof Counts>;

export const accounts = ruleOf(Counts, {
  name: "accounts",
  subject: (seen) => (isAccount(seen) && seen.tenant !== null ? seen.tenant : undefined),
  count: (counts = { seen: [] }, seen): Counts => {
    if (!isAccount(seen)) return counts;
    const kept = counts.seen.filter(([at]) => at > seen.at - DAY_MS).slice(1 - MOST_KEPT);
    return { seen: [...kept, [seen.at, seen.seq, seen.subject]] };
  },
  judge: ({ seen: all }, seen) => {
    if (!isAccount(seen) || seen.tenant === null) return [];
    const deviceId = seen.subject;
    const here = all.filter(([, , device]) => device === deviceId);
    const devices = new Set(all.map(([, , device]) => device)).size;
    const pauses = here.length >= ACCOUNT_TIMES || devices >= ACCOUNT_DEVICES ? "lease" : "nothing";
    const measured = { times: here.length, devices };
    const leaves = cited(all.map(([, seq]) => seq));
    // Which lease holds the device now is known where it is written down.
    return [{ rule: "accounts", tenant: seen.tenant, lease: null, deviceId, pauses, leaves, measured }];
  },
});

function isAccount(seen: Seen): seen is EventSeen {
  return seen.kind === "event" && (seen.event === "account.screen" || seen.event === "account.left");
}
