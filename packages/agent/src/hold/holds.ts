/**
 * Every device's hold: who may use it, at which epoch, until when. Kept on disk, because an agent that was killed must not fall back to an
 * older epoch: a change ends the old epoch at once, but what it permits counts only from when it is on disk. Ends leases by its own clock.
 * The rules are in `held.ts`; what is to be done on the phone is left to whoever listens.
 */
import { join } from "node:path";
import { DeviceId, Hold, PhonerackError, type Term } from "@phonerack/contract/bus";
import { KeptFile, readKept } from "../kept-file.js";
import { expire, FRESH, follow, type Held } from "./held.js";

export interface HoldListener {
  /** What may be done with the phone has changed, now: whatever the old hold allowed is over. */
  changed(held: Held): void;
  /** The present hold is on disk, or has something new to say of itself. */
  settled(held: Held): void;
}

export interface HoldsParts {
  readonly dataDir: string;
  /** Told of a file that is not ours and of writes that failed; they are tried again. */
  readonly onProblem: (error: unknown) => void;
  readonly now?: () => number;
}

interface Entry {
  held: Held;
  /** The number of the change that made it so. */
  change: number;
  /** Nobody gains anything by it that a crash could take back, so it counts before it is on disk. */
  safe: boolean;
}

/** Node's timers hold 24 days. */
const LONGEST_TIMER_MS = 24 * 3_600_000;

export class Holds {
  readonly #file: KeptFile;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Map<string, HoldListener>();
  /** Ids whose last change is not on disk yet. */
  readonly #unsettled = new Set<string>();
  readonly #now: () => number;
  #clock: NodeJS.Timeout | undefined;
  #stopped = false;

  private constructor(path: string, { onProblem, now = () => Date.now() }: HoldsParts) {
    this.#now = now;
    this.#file = new KeptFile({ path, onProblem, text: () => this.#text(), onWritten: (upTo) => this.#written(upTo) });
  }

  /** Reads `holds.json`. A file that is none is put aside: control knows the epochs too. Fails when it may not be read. */
  static async load(parts: HoldsParts): Promise<Holds> {
    const path = join(parts.dataDir, "holds.json");
    const holds = new Holds(path, parts);
    const known = (await readKept(path, parseHolds, parts.onProblem)) ?? [];
    for (const [id, held] of known) holds.#entries.set(id, { held, change: 0, safe: true });
    holds.#arm();
    return holds;
  }

  /** The hold as it counts at this moment. Ends a lease whose time is up, so ask it at each order. */
  get(id: string): Held {
    this.#expire(id);
    const entry = this.#entries.get(id);
    if (!entry) return FRESH;
    // A lease that is not on disk yet has ended what was before, and permits nothing.
    if (entry.held.phase === "leased" && !this.#counts(entry)) return { ...entry.held, phase: "free" };
    return entry.held;
  }

  knows(id: string): boolean {
    return this.#entries.has(id);
  }

  /**
   * Takes what is newer than what it knows. Resolves when that is on disk, also when an earlier order brought it. Fails with `data_unwritable`;
   * what was before is over all the same, and the new permits nothing until it could be written.
   */
  async take(terms: readonly Term[]): Promise<void> {
    let change = 0;
    for (const term of terms) {
      const id = term.deviceId;
      const before = this.#entries.get(id)?.held ?? FRESH;
      const held = follow(expire(before, this.#now()), term);
      if (held !== before) this.#put(id, held, held.epoch === before.epoch);
      change = Math.max(change, this.#entries.get(id)?.change ?? 0);
    }
    this.#arm();
    await this.#file.saved(change);
  }

  /** The cleaning that began at `work` has ended: the phone is free, or dirty for this reason. */
  finish(id: string, { work, reason }: { work: number; reason: string | null }): void {
    const held = this.#entries.get(id)?.held;
    if (held?.phase !== "cleaning" || held.work !== work) return;
    this.#put(id, { ...held, phase: reason === null ? "free" : "dirty", note: reason }, true);
    this.#file.saveSoon();
  }

  /** What cleaning does now; not worth a write. */
  note(id: string, note: string): void {
    const entry = this.#entries.get(id);
    if (entry?.held.phase !== "cleaning") return;
    entry.held = { ...entry.held, note };
    if (!this.#unsettled.has(id)) this.#listeners.get(id)?.settled(entry.held);
  }

  /** @returns forgets the listener. */
  listen(id: string, listener: HoldListener): () => void {
    this.#listeners.set(id, listener);
    return () => {
      if (this.#listeners.get(id) === listener) this.#listeners.delete(id);
    };
  }

  /** Writes what is not yet on disk. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#clock);
    await this.#file.stop();
  }

  #counts({ safe, change }: Entry): boolean {
    return safe || this.#file.has(change);
  }

  #put(id: string, held: Held, safe: boolean): void {
    const before = this.#entries.get(id);
    this.#entries.set(id, { held, change: this.#file.change(), safe: safe && (!before || this.#counts(before)) });
    this.#unsettled.add(id);
    this.#listeners.get(id)?.changed(held);
  }

  #expire(id: string): void {
    const held = this.#entries.get(id)?.held;
    const next = held && expire(held, this.#now());
    if (!next || next === held) return;
    this.#put(id, next, true);
    this.#file.saveSoon();
  }

  /** One timer for the lease that ends first. */
  #arm(): void {
    clearTimeout(this.#clock);
    if (this.#stopped) return;
    let first = Number.POSITIVE_INFINITY;
    for (const { held } of this.#entries.values()) if (held.phase === "leased") first = Math.min(first, held.until);
    if (first === Number.POSITIVE_INFINITY) return;
    const wait = Math.max(0, Math.min(LONGEST_TIMER_MS, first - this.#now()));
    this.#clock = setTimeout(() => {
      for (const id of this.#entries.keys()) this.#expire(id);
      this.#arm();
    }, wait);
  }

  #text(): string {
    const holds = Object.fromEntries([...this.#entries].map(([id, { held }]) => [id, held]));
    return `${JSON.stringify({ version: 1, holds })}\n`;
  }

  #written(upTo: number): void {
    for (const id of this.#unsettled) {
      const entry = this.#entries.get(id);
      if (!entry || entry.change > upTo) continue;
      this.#unsettled.delete(id);
      this.#listeners.get(id)?.settled(entry.held);
    }
  }
}

function parseHolds(text: string): [string, Held][] {
  const json: unknown = JSON.parse(text);
  const holds = typeof json === "object" && json !== null && "holds" in json ? json.holds : undefined;
  if (typeof holds !== "object" || holds === null) throw new PhonerackError("data_unwritable", "holds.json is not ours");
  return Object.entries(holds).map(([id, entry]: [string, unknown]) => [DeviceId.parse(id), parseHeld(entry)]);
}

function parseHeld(entry: unknown): Held {
  const { epoch, phase, note } = Hold.parse(entry);
  const { lent, actor, until, reboot, work, tenant = "", enrolled = false, isolated = false } = entry as Partial<Held>;
  const whole = typeof lent === "boolean" && typeof actor === "string" && typeof reboot === "boolean";
  if (
    !whole ||
    typeof tenant !== "string" ||
    typeof enrolled !== "boolean" ||
    typeof isolated !== "boolean" ||
    typeof until !== "number" ||
    typeof work !== "number"
  ) {
    throw new PhonerackError("data_unwritable", "holds.json holds an entry that is none");
  }
  return { epoch, phase, lent, actor, tenant, enrolled, isolated, until, reboot, work, note };
}
