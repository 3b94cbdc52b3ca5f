/** By hand in others' apps, day and night, at an even pace: no hand does that. Scripts on owned apps may run for weeks and are not looked at. */
import { FLAG_BOUNDS } from "@phonerack/contract/api";
import { z } from "zod";
import { cited, DAY_MS, HOUR_MS, ruleOf } from "../rule.js";

export const DUTY_HOURS = FLAG_BOUNDS.duty.hours;
export const EVEN_CV = FLAG_BOUNDS.duty.variation;
const LEAST = 60;

const Counts = z.object({
  last: z.number(),
  /** By the hour's number since the epoch: how many intervals, their sum, the sum of their squares, and a leaf. */
  hours: z.record(z.string(), z.tuple([z.int(), z.number(), z.number(), z.int()])),
});
type Counts = z.infer<typeof Counts>;

export const duty = ruleOf(Counts, {
  name: "duty",
  subject: (seen) =>
    seen.kind === "input" &&
    seen.mode === "unicast" &&
    seen.lease !== null &&
    seen.app?.standing === "other" &&
    seen.rule !== "paused" &&
    seen.rule !== "hand-navigates" &&
    seen.rule !== "reads"
      ? `${seen.tenant} ${seen.device}`
      : undefined,
  count: (counts = { last: 0, hours: {} }, seen): Counts => {
    if (seen.kind !== "input") return counts;
    const hour = Math.floor(seen.at / HOUR_MS);
    const young = Object.entries(counts.hours).filter(([one]) => Number(one) > hour - DAY_MS / HOUR_MS);
    const hours = Object.fromEntries(young);
    const [n, sum, squares] = hours[hour] ?? [0, 0, 0, 0];
    // The first one has no interval before it.
    const gap = counts.last === 0 || counts.last < seen.at - DAY_MS ? undefined : Math.max(0, seen.at - counts.last) / 1_000;
    const more: [number, number, number, number] =
      gap === undefined ? [n, sum, squares, seen.seq] : [n + 1, sum + gap, squares + gap * gap, seen.seq];
    return { last: Math.max(counts.last, seen.at), hours: { ...hours, [hour]: more } };
  },
  judge: ({ hours }, seen) => {
    if (seen.kind !== "input") return [];
    const all = Object.values(hours);
    const n = all.reduce((total, [count]) => total + count, 0);
    if (all.length <= DUTY_HOURS || n < LEAST) return [];
    const mean = all.reduce((total, [, sum]) => total + sum, 0) / n;
    const variance = Math.max(0, all.reduce((total, [, , squares]) => total + squares, 0) / n - mean * mean);
    const evenness = Math.sqrt(variance) / mean;
    if (!(evenness < EVEN_CV)) return [];
    const { tenant, lease, device: deviceId } = seen;
    const measured = { hours: all.length, inputs: n, variation: Number(evenness.toFixed(3)) };
    const leaves = cited(all.map(([, , , seq]) => seq));
    return [{ rule: "duty", tenant, lease, deviceId, pauses: "lease", leaves, measured }];
  },
});
