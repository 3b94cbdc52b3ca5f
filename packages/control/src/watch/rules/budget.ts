/** By hand, again and again, beyond what the gate gives for others' apps on one device: it denied, and somebody goes on. Trial devices are free and do not count. */
import { FLAG_BOUNDS } from "@phonerack/contract/api";
import { DAILY } from "@phonerack/policy";
import { z } from "zod";
import { cited, DAY_MS, HOUR_MS, ruleOf } from "../rule.js";

/** Of the gate: what costs budget, and what it denies for want of it. */
const BUDGET: ReadonlySet<string> = new Set(["hand-budget", "hand-hourly", "hand-daily", "hand-text-other", "hand-link-other"]);
/** Come in dozens: a word is typed by keys, a page is scrolled by turns. */
const FLOWING: ReadonlySet<string> = new Set(["scroll", "key", "text", "paste"]);
const FLOW_MS = 10_000;

/** The gate gives 20 an hour and 120 a day: who is told no and stops never comes so far. */
export const HARD_HOUR = FLAG_BOUNDS.budget.hour;
export const HARD_DAY = DAILY + HARD_HOUR;

const Counts = z.object({
  /** When and in which leaf, oldest first. */
  touches: z.array(z.tuple([z.number(), z.number()])).max(HARD_DAY + 1),
  flowed: z.number(),
});
type Counts = z.infer<typeof Counts>;

export const budget = ruleOf(Counts, {
  name: "budget",
  subject: (seen) =>
    seen.kind === "input" && seen.mode === "unicast" && seen.lease !== null && BUDGET.has(seen.rule)
      ? `${seen.tenant} ${seen.device} ${seen.lease}`
      : undefined,
  count: (counts = { touches: [], flowed: 0 }, seen): Counts => {
    if (seen.kind !== "input") return counts;
    const flows = FLOWING.has(seen.action);
    if (flows && seen.at - counts.flowed < FLOW_MS) return counts;
    const kept = counts.touches.filter(([at]) => at > seen.at - DAY_MS).slice(-HARD_DAY);
    return { touches: [...kept, [seen.at, seen.seq]], flowed: flows ? seen.at : counts.flowed };
  },
  judge: ({ touches }, seen) => {
    if (seen.kind !== "input") return [];
    const hour = touches.filter(([at]) => at > seen.at - HOUR_MS).length;
    if (hour <= HARD_HOUR && touches.length <= HARD_DAY) return [];
    const { tenant, lease, device: deviceId } = seen;
    const leaves = cited(touches.map(([, seq]) => seq));
    return [{ rule: "budget", tenant, lease, deviceId, pauses: "lease", leaves, measured: { hour, day: touches.length } }];
  },
});
