/** What happens to leases by the passing of time: they end, begin, are warned idle, and wait in the queue. One timer; every replica has one. */
import { ControlChanged, encodeMessage, subjects } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import { idleAt } from "./board.js";
import type { Leases } from "./leases.js";
import type { LeaseParts } from "./parts.js";
import type { LeaseRow } from "./rows.js";

const TICK_MS = 1_000;
/** How often uses are written: what idleness is counted from may be older by so much after a crash. */
const TOUCH_WRITE_MS = 5_000;
/** An idle end that moved by less is not worth telling every browser. */
const IDLE_SHOWN_MS = 60_000;

export class LeaseClock {
  readonly #parts: LeaseParts & { readonly leases: Leases; readonly log: Logger };
  readonly #timer: NodeJS.Timeout;
  /** Leases used since the last write. */
  readonly #used = new Set<string>();
  /** Of those the ones on which a group or script is at work, and since when. */
  readonly #automated = new Map<string, number>();
  #wroteAt = 0;
  #running: Promise<void> | undefined;

  constructor(parts: LeaseParts & { leases: Leases; log: Logger }) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.tick(), TICK_MS);
  }

  /** Somebody used the lease, or (`automated`) a group or script did; no more than a note in memory. */
  used(leaseId: string, automated = false): void {
    this.#used.add(leaseId);
    if (automated && !this.#automated.has(leaseId)) this.#automated.set(leaseId, this.#parts.now());
    this.#parts.leases.touch(leaseId, automated);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
    await this.#writeUses();
  }

  /** Once at a time; called every second by its own timer. */
  tick(): Promise<void> {
    this.#running ??= this.#tick()
      .catch((error: unknown) => this.#parts.log.error({ err: error }, "leases could not be brought up to date; tried again"))
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  async #tick(): Promise<void> {
    const { board, leases, now } = this.#parts;
    const at = now();
    if (at - this.#wroteAt >= TOUCH_WRITE_MS) await this.#writeUses();
    for (const lease of board.open) await this.#due(lease, at);
    for (const { deviceId, until } of board.supports) if (until <= at) board.apply({ noSupport: [deviceId] });
    await leases.serveQueue();
  }

  async #due(lease: LeaseRow, at: number): Promise<void> {
    if (lease.phase === "queued") return;
    if (lease.until <= at) await this.#end(lease, "expired", "until");
    else if ((idleAt(lease) ?? Infinity) <= at) await this.#end(lease, "idle", "idle");
    else if ((this.#parts.board.confirmBy(lease) ?? Infinity) <= at) await this.#end(lease, "unconfirmed", "unconfirmed");
    else if (lease.phase === "booked" && lease.from <= at) await this.#parts.leases.beginBooked(lease);
  }

  async #end(
    lease: LeaseRow,
    reason: "expired" | "idle" | "unconfirmed",
    ifDue: "until" | "idle" | "unconfirmed",
  ): Promise<void> {
    const note = lease.phase === "booked" ? "its devices were not free in time" : null;
    const ended = await this.#parts.leases.end({ leaseId: lease.id, reason, note, ifDue });
    // Another replica knew better: extended, touched or over.
    if (!ended) await this.#parts.refresh({ leases: [lease.id], devices: lease.devices.map(({ id }) => id) });
  }

  async #writeUses(): Promise<void> {
    const { board, store, bus, replica, now } = this.#parts;
    this.#wroteAt = now();
    const used = [...this.#used].flatMap((id) => board.lease(id) ?? []);
    this.#used.clear();
    const automated = new Map(this.#automated);
    this.#automated.clear();
    if (used.length === 0) return;
    // What another control confirmed meanwhile may have taken the mark away here.
    const marked = await store.automate(automated);
    if (marked.length > 0) await this.#parts.refresh({ leases: marked });
    await store.touch(new Map(used.map((lease) => [lease.id, lease.activeAt])));
    for (const lease of used) this.#show(lease);
    bus.publish(subjects.changed, encodeMessage(ControlChanged, { replica, leases: used.map(({ id }) => id) }));
  }

  #show(lease: LeaseRow): void {
    const { board, devices } = this.#parts;
    const [first] = lease.devices;
    const shown = first && devices.addedTo(first.id).holder?.idleAt;
    const step = Math.min(IDLE_SHOWN_MS, ((lease.idleMinutes ?? 0) * 60_000) / 4);
    if (Math.abs((idleAt(lease) ?? 0) - (shown ?? 0)) >= step) board.show(lease.devices.map(({ id }) => id));
  }
}
