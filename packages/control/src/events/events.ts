/** What was done by whom, kept for the lab's operators and each tenant's: written in small batches, so that nobody waits for it. */
import type { LabEvent } from "@phonerack/contract/api";
import type { Logger } from "pino";
import type { Onlooker } from "../leases/visibility.js";
import type { EventQuery, EventStore, NewEvent } from "./store.js";

const GATHER_MS = 50;
/** Kept for a database that is away; what is beyond is only logged. */
const MOST_WAITING = 10_000;
const RETRY_MS = 2_000;

export type RecordEvent = (event: Omit<NewEvent, "at">) => void;

export class Events {
  readonly #store: EventStore;
  readonly #log: Logger;
  #waiting: NewEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: { store: EventStore; log: Logger }) {
    this.#store = parts.store;
    this.#log = parts.log;
  }

  readonly record: RecordEvent = (event) => {
    const whole = { ...event, at: Date.now() };
    this.#log.info(whole, event.kind);
    if (this.#waiting.length >= MOST_WAITING) return;
    this.#waiting.push(whole);
    this.#timer ??= setTimeout(() => void this.#write(), GATHER_MS);
  };

  /** Their own organisation's; everything for those who run the lab. */
  async list(who: Onlooker, query: Omit<EventQuery, "tenant">): Promise<{ items: LabEvent[] }> {
    await this.#write();
    return { items: await this.#store.list({ ...query, tenant: who.lab ? undefined : (who.tenant ?? "") }) };
  }

  async stop(): Promise<void> {
    await this.#write();
    clearTimeout(this.#timer);
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#writeNow());
    return this.#writing;
  }

  async #writeNow(): Promise<void> {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    try {
      await this.#store.append(batch);
    } catch (error) {
      this.#log.error({ err: error, events: batch.length }, "events could not be written");
      this.#waiting = [...batch, ...this.#waiting].slice(0, MOST_WAITING);
      this.#timer ??= setTimeout(() => void this.#write(), RETRY_MS);
    }
  }
}
