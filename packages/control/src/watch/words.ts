/** A flag in one English sentence, for the command line and for people who read the API; the console has its own. */
import type { FlagRule } from "@phonerack/contract/api";

type Measured = Readonly<Record<string, number | string>>;

const WORDS: Record<FlagRule, (measured: Measured) => string> = {
  budget: ({ hour, day }) =>
    `By hand in others' apps on one phone: ${hour} touches and attempts within an hour, ${day} within a day, beyond what the budget gives.`,
  "fan-out": ({ package: name, devices, tried }) =>
    `${name}, which is not theirs, was used on ${devices} phones within a day, and tried in vain on ${tried} more.`,
  resets: ({ package: name, resets, denied }) =>
    `${name}, which is not theirs, was cleared or removed ${resets} times on one phone within a day, and ${denied} more times in vain.`,
  accounts: ({ times, devices }) =>
    `An account was added, or nearly: ${times} times on this phone, on ${devices} ${devices === 1 ? "phone" : "phones"} within a day.`,
  linked: ({ organisations, devices, shared }) =>
    `${organisations} organisations that have something in common (${shared}) hold ${devices} phones together.`,
  duty: ({ hours, inputs, variation }) =>
    `By hand in others' apps in ${hours} hours of one day, ${inputs} inputs at an even pace (variation ${variation}).`,
};

export function wordsOf(rule: FlagRule, measured: Measured): string {
  return WORDS[rule](measured);
}
