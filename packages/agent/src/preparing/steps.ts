/** The named steps of preparing a phone, with their times, as people see them while they run and after. */
import type { Step } from "@phonerack/contract/bus";

export type StepName = Step["name"];

const NAMES = ["properties", "awake", "keyguard", "stay-on", "input", "events", "picture"] as const satisfies readonly StepName[];

export class Steps {
  readonly #steps = new Map<StepName, Step>(NAMES.map((name) => [name, { name, state: "waiting" }]));
  readonly #began = new Map<StepName, number>();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  list(): Step[] {
    return [...this.#steps.values()];
  }

  begin(name: StepName): void {
    this.#began.set(name, performance.now());
    this.#set({ name, state: "running" });
  }

  done(name: StepName): void {
    this.#set({ name, state: "done", ms: this.#elapsed(name) });
  }

  fail(name: StepName, reason: string): void {
    this.#set({ name, state: "failed", ms: this.#elapsed(name), reason });
  }

  /** Why a step failed; undefined when it did not. */
  failure(name: StepName): string | undefined {
    return this.#steps.get(name)?.reason;
  }

  #elapsed(name: StepName): number {
    const began = this.#began.get(name);
    return began === undefined ? 0 : Math.round((performance.now() - began) * 10) / 10;
  }

  #set(step: Step): void {
    this.#steps.set(step.name, step);
    this.#onChange();
  }
}
