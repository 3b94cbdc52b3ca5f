/** What each row of the red team is: an attempt, what came of it by other eyes than the lab's, and the same done lawfully. */
import type { Leaf } from "@phonerack/policy";
import type { RedLab } from "./red-lab.js";

export interface Scenario {
  readonly name: string;
  /** Of what is refused: rules of the gate (in decision leaves), kinds of events, or `answer:CODE` where it is the log itself that is refused. */
  readonly refusals: readonly string[];
  /** So many landings are allowed, as documented; default none. */
  readonly budget?: number;
  /** It is known that this is not held back, and why. */
  readonly knownOpen?: string;
  /** Everything that is tried. `answers` take what no leaf can tell. @returns how often */
  attempt(lab: RedLab, answers: string[]): Promise<number>;
  /** What came of it: a count that only grows, read from the phones or from outside. */
  landed(lab: RedLab): Promise<number>;
  /** The same for a purpose that is one's own. @returns whether it was done */
  twin(lab: RedLab): Promise<boolean>;
}

export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly attempts: number;
  readonly landed: number;
  readonly denials: number;
  readonly twin: boolean;
  /** Landings against a phonerack that lets everything through. */
  readonly control: number;
  readonly knownOpen: string | null;
}

export async function run(scenario: Scenario, { lab, open }: { lab: RedLab; open: RedLab }): Promise<Outcome> {
  const { name, budget = 0, knownOpen = null } = scenario;
  const from = await lab.size();
  const before = await scenario.landed(lab);
  const answers: string[] = [];
  const attempts = await scenario.attempt(lab, answers);
  const landed = (await scenario.landed(lab)) - before;
  // What lands elsewhere is tried while the lab's log is being signed.
  const [{ denials, twin }, control] = await Promise.all([
    refusedThenTwin(scenario, { lab, from, answers }),
    landings(scenario, open),
  ]);
  const held = landed <= budget && denials > 0;
  return {
    name,
    passed: (knownOpen !== null || held) && twin && control > 0,
    attempts,
    landed,
    denials,
    twin,
    control,
    knownOpen,
  };
}

async function refusedThenTwin(
  scenario: Scenario,
  { lab, from, answers }: { lab: RedLab; from: number; answers: readonly string[] },
): Promise<{ denials: number; twin: boolean }> {
  const { refusals } = scenario;
  const told = answers.filter((code) => refusals.includes(`answer:${code}`)).length;
  let denials = 0;
  // What nothing but an event tells comes into the log within seconds.
  const most = scenario.knownOpen === undefined ? 10 : 1;
  for (let tries = 0; denials === 0 && tries < most; tries++)
    denials = told + (await lab.leaves(from)).filter((leaf) => isRefusal(leaf, refusals)).length;
  return { denials, twin: await scenario.twin(lab) };
}

async function landings(scenario: Scenario, open: RedLab): Promise<number> {
  const before = await scenario.landed(open);
  await scenario.attempt(open, []);
  return (await scenario.landed(open)) - before;
}

function isRefusal(leaf: Leaf, refusals: readonly string[]): boolean {
  if (leaf.kind === "decision") return leaf.decision === "deny" && refusals.includes(leaf.rule);
  return leaf.kind === "event" && refusals.includes(leaf.event);
}
