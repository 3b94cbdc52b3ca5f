/** What other replicas wrote, read from the database again: when they say so, when somebody would be refused otherwise, and all of it after the bus was lost. */
import { type Bus, ControlChanged, decodeMessage, subjects } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Board } from "./board.js";
import type { LeaseStore } from "./store.js";

export interface OthersParts {
  readonly bus: Bus;
  readonly replica: string;
  readonly store: LeaseStore;
  readonly board: Board;
  readonly log: Logger;
}

export class Others {
  readonly #parts: OthersParts;
  readonly #subscriptions: { unsubscribe(): void }[];
  readonly #asked = new Set<string>();
  #reading: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(parts: OthersParts) {
    this.#parts = parts;
    const { bus, replica } = parts;
    this.#subscriptions = [
      bus.subscribe(subjects.changed, ({ payload }) => {
        const changed = decodeMessage(ControlChanged, payload);
        if (changed.replica !== replica) void this.#orSay(this.refresh(changed));
        return undefined;
      }),
      bus.onRestored(() => void this.#orSay(this.readAll())),
    ];
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  async readAll(): Promise<void> {
    const { board, store } = this.#parts;
    board.replace(await store.open());
  }

  /** Takes these rows as they stand now. */
  async refresh({ leases: ids = [], devices = [] }: { leases?: readonly string[]; devices?: readonly string[] }): Promise<void> {
    const { board, store } = this.#parts;
    const holds = devices.length > 0 ? await store.holds(devices) : [];
    // A hold that names a lease we do not know yet comes with it.
    const unknown = holds.flatMap(({ leaseId }) => (leaseId !== null && !board.lease(leaseId) ? [leaseId] : []));
    const wanted = [...new Set([...ids, ...unknown])];
    const leases = wanted.length > 0 ? await store.leases(wanted) : [];
    const supports = devices.length > 0 ? await store.supports(devices) : [];
    const supported = new Set(supports.map(({ deviceId }) => deviceId));
    const noSupport = devices.filter((id) => !supported.has(id) && board.support(id));
    board.apply({ leases, holds, supports, noSupport });
  }

  /** Reads these again before it resolves. One reading at a time, for all who ask meanwhile; what cannot be read stays as it was. */
  freshen(deviceIds: readonly string[]): Promise<void> {
    for (const id of deviceIds) this.#asked.add(id);
    this.#next ??= this.#reading.then(() => {
      const devices = [...this.#asked];
      this.#asked.clear();
      this.#next = undefined;
      this.#reading = this.#orSay(this.refresh({ devices }));
      return this.#reading;
    });
    return this.#next;
  }

  #orSay(reading: Promise<void>): Promise<void> {
    return reading.catch((error: unknown) =>
      this.#parts.log.error({ err: error }, "what another control changed could not be read"),
    );
  }
}
