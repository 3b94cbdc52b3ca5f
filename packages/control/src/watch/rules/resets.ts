/** An app that is nobody's here, cleared or removed over and over on one device: how one phone is many newcomers to somebody's service. */
import { FLAG_BOUNDS } from "@phonerack/contract/api";
import { z } from "zod";
import { cited, DAY_MS, ruleOf } from "../rule.js";
import type { InputSeen, Seen } from "../seen.js";
import { isHop } from "./fan-out.js";

/** In a day: trying an app out takes two, its removal included. */
export const MOST_RESETS = FLAG_BOUNDS.resets.resets;
const MOST_KEPT = 50;
const RESETS: ReadonlySet<string> = new Set(["clear", "uninstall"]);

const Counts = z.object({ resets: z.array(z.tuple([z.number(), z.number(), z.boolean()])).max(MOST_KEPT) });
type Counts = z.infer<typeof Counts>;

export const resets = ruleOf(Counts, {
  name: "resets",
  subject: (seen) => (isReset(seen) ? `${seen.tenant} ${seen.device} ${seen.app?.package}` : undefined),
  count: (counts = { resets: [] }, seen): Counts => {
    if (!isReset(seen)) return counts;
    const kept = counts.resets.filter(([at]) => at > seen.at - DAY_MS).slice(1 - MOST_KEPT);
    return { resets: [...kept, [seen.at, seen.seq, seen.allowed]] };
  },
  judge: ({ resets: all }, seen) => {
    if (!isReset(seen)) return [];
    const name = seen.app?.package ?? "";
    const done = all.filter(([, , allowed]) => allowed).length;
    // A suite that would begin with a clean browser is told no, and that is all.
    if (done <= MOST_RESETS && (all.length <= MOST_RESETS || isHop(name))) return [];
    const { tenant, lease, device: deviceId } = seen;
    const pauses = done > MOST_RESETS ? "lease" : "nothing";
    const measured = { package: name, resets: done, denied: all.length - done };
    return [{ rule: "resets", tenant, lease, deviceId, pauses, leaves: cited(all.map(([, seq]) => seq)), measured }];
  },
});

function isReset(seen: Seen): seen is InputSeen {
  if (seen.kind !== "input" || seen.lease === null || seen.app?.standing !== "other" || seen.rule === "paused") return false;
  return seen.what !== null && RESETS.has(seen.what) && seen.action === "install";
}
