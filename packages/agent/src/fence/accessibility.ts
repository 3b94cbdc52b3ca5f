/** Accessibility services on a fenced phone: each can touch whatever is in front, past every gate. Who had one when the fence closed may keep it, unless it is nobody's here. */
import type { Judged } from "@phonerack/policy";

export class Accessibility {
  #known: ReadonlySet<string> | undefined;

  /** The fence is open: what is enabled from now on was there when it closes. */
  forget(): void {
    this.#known = undefined;
  }

  /** @returns those that must not be, by their names as Android's setting lists them. Fails as `judge` does. */
  async strange(services: readonly string[], judge: (name: string) => Promise<Judged>): Promise<string[]> {
    if (!this.#known) {
      const judged = await Promise.all(services.map((service) => judge(service.split("/", 1)[0] ?? "")));
      this.#known = new Set(services.filter((_, at) => judged[at]?.standing !== "other"));
    }
    const known = this.#known;
    return services.filter((service) => !known.has(service));
  }
}
