/** Where in time a prefix stands, and what a change of them would make. */
import type { EgressPrefix } from "@phonerack/contract/api";
import { ANNOUNCED_MS, wrongWithChange, wrongWithPrefix } from "@phonerack/policy";

export type PrefixState = "now" | "soon" | "ending" | "past";

export function stateOf({ from, until }: EgressPrefix, now: number): PrefixState {
  if (until !== null && until <= now) return "past";
  if (from > now) return "soon";
  return until === null ? "now" : "ending";
}

/** Whether a change is announced that is not in force: no other is taken meanwhile. */
export function isPending(all: readonly EgressPrefix[], now: number): boolean {
  return all.some((one) => stateOf(one, now) === "soon" || stateOf(one, now) === "ending");
}

/** The first set of all is in force at once, each other one a day later. */
export function soonest(all: readonly EgressPrefix[], now: number): number {
  return all.length === 0 ? now : now + ANNOUNCED_MS;
}

/** What somebody typed, one a line. */
export function prefixesIn(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

export type Weighed = { readonly prefixes: string[]; readonly wrong?: undefined } | { readonly wrong: string };

/** Of a change that changes nothing. */
export const SAME = "same";

/** By the same rules as control: what is wrong is told while it is typed. */
export function weigh(text: string, all: readonly EgressPrefix[], now: number): Weighed {
  const prefixes = prefixesIn(text);
  const open = all.filter(({ until }) => until === null).map(({ prefix }) => prefix);
  if (prefixes.length === open.length && prefixes.every((one) => open.includes(one))) return { wrong: SAME };
  const odd = prefixes.find((one) => wrongWithPrefix(one) !== undefined);
  if (odd !== undefined) return { wrong: `${odd}: ${wrongWithPrefix(odd)}` };
  const wrong = wrongWithChange(all, { prefixes, from: soonest(all, now), now });
  return wrong === undefined ? { prefixes } : { wrong };
}
