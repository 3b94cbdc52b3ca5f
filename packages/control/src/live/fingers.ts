/** Which fingers of one browser are down on which device, so that they can be lifted when it leaves. */
import type { Input } from "@phonerack/contract/bus";

type Touch = Extract<Input, { type: "touch" }>;

export class Fingers {
  /** By device and pointer: the last place of a finger that is down. */
  readonly #down = new Map<string, Map<number, Touch>>();

  note(deviceId: string, input: Input): void {
    if (input.type !== "touch") return;
    const fingers = this.#down.get(deviceId) ?? new Map<number, Touch>();
    if (input.phase === "down" || (input.phase === "move" && fingers.has(input.pointer))) {
      this.#down.set(deviceId, fingers.set(input.pointer, input));
      return;
    }
    fingers.delete(input.pointer);
    if (fingers.size === 0) this.#down.delete(deviceId);
  }

  /** What cancels every gesture under way; none is after that. */
  lift(): { deviceId: string; inputs: Input[] }[] {
    const lifted = Array.from(this.#down, ([deviceId, fingers]) => ({
      deviceId,
      inputs: Array.from(fingers.values(), (touch) => ({ ...touch, phase: "cancel" as const })),
    }));
    this.#down.clear();
    return lifted;
  }
}
