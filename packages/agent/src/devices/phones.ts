/** All phones of this agent by id, and the taking over of one by whoever reaches it now. */
import type { DeviceReport } from "@phonerack/contract/bus";
import type { AgentContext } from "./context.js";
import { Phone, type PhoneSeed } from "./phone.js";

export class Phones {
  readonly #phones = new Map<string, Phone>();
  readonly #context: AgentContext;

  constructor(context: AgentContext) {
    this.#context = context;
  }

  /** The phone with this id, new or known, now kept by `keeper` and reached as `seed` says. */
  take(id: string, keeper: object, seed: PhoneSeed): Phone {
    let phone = this.#phones.get(id);
    if (!phone) {
      phone = new Phone(this.#context, id, seed);
      this.#phones.set(id, phone);
    }
    phone.keeper = keeper;
    phone.reporter.update(seed);
    return phone;
  }

  /** Forgets the phone, here and in control. */
  remove(phone: Phone): void {
    if (this.#phones.delete(phone.id)) phone.stop(true);
  }

  get(id: string): Phone | undefined {
    return this.#phones.get(id);
  }

  /** Every group and script ends: what the fences disabled is enabled again. Resolves when that is done or cannot be done now. */
  async openFences(): Promise<void> {
    await Promise.all(
      [...this.#phones.values()].map(({ fence }) => {
        fence.cut();
        return fence.whenOpen();
      }),
    );
  }

  reports(): DeviceReport[] {
    return [...this.#phones.values()].map((phone) => phone.report);
  }

  publishAll(): void {
    for (const phone of this.#phones.values()) phone.reporter.publish();
  }

  get size(): number {
    return this.#phones.size;
  }

  stop(): void {
    for (const phone of this.#phones.values()) phone.stop(false);
    this.#phones.clear();
  }
}
