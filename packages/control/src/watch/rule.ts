/** What a rule of the watching is: counts that grow by what is seen, and what follows from them. Pure: the time is that of what is seen. */
import type { FlagPause, FlagRule } from "@phonerack/contract/api";
import type { z } from "zod";
import type { Seen } from "./seen.js";

/** Something that people should look at. */
export interface Finding {
  readonly rule: FlagRule;
  readonly tenant: string;
  readonly lease: string | null;
  readonly deviceId: string | null;
  readonly pauses: FlagPause;
  /** Of the log, in order. */
  readonly leaves: readonly number[];
  readonly measured: Readonly<Record<string, number | string>>;
}

interface RuleOf<C> {
  readonly name: FlagRule;
  /** Whose counts it adds to: an organisation's id first, then a space and what else; undefined: it is none of this rule's business. */
  subject(seen: Seen): string | undefined;
  /** The counts with it, which may go on with parts of those before; the same ones where nothing changed. */
  count(counts: C | undefined, seen: Seen): C;
  judge(counts: C, seen: Seen): readonly Finding[];
  /** Judged once for all that came together, by the last of it: what is about many devices costs as much as they are. */
  readonly late?: true;
}

/** The same, with counts of whatever shape. */
export interface WatchRule {
  readonly name: FlagRule;
  readonly late: boolean;
  subject(seen: Seen): string | undefined;
  /** `counts`: as they were given back before, or read from the database; what is none of ours counts as nothing. */
  count(counts: unknown, seen: Seen): object;
  judge(counts: unknown, seen: Seen): readonly Finding[];
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** A flag names at most so many leaves. */
export const MOST_LEAVES = 200;

/** `schema`: of the counts, since they come back from a database. */
export function ruleOf<C extends object>(schema: z.ZodType<C>, rule: RuleOf<C>): WatchRule {
  const trusted = new WeakSet<object>();
  const read = (counts: unknown): C | undefined => {
    if (typeof counts === "object" && counts !== null && trusted.has(counts)) return counts as C;
    const parsed = schema.safeParse(counts);
    return parsed.success ? parsed.data : undefined;
  };
  return {
    name: rule.name,
    late: rule.late ?? false,
    subject: (seen) => rule.subject(seen),
    count: (before, seen) => {
      const counts = rule.count(read(before), seen);
      trusted.add(counts);
      return counts;
    },
    judge: (counts, seen) => {
      const known = read(counts);
      return known ? rule.judge(known, seen) : [];
    },
  };
}

/** The last ones, each once, in order. */
export function cited(leaves: Iterable<number>): number[] {
  return [...new Set(leaves)].sort((a, b) => a - b).slice(-MOST_LEAVES);
}
