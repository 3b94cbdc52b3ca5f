/** How long artifacts stay and how much room they have, for each organisation; what is beyond is removed, the oldest first. */
import type { Retention } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { RecordEvent } from "../events/events.js";
import type { ArtifactRow, ArtifactStore } from "./store.js";

/** For organisations without a word of their own. */
export const LAB_RETENTION: Retention = { days: 30, bytes: null };
const DAY_MS = 24 * 3_600_000;
const SWEEP_MS = 10 * 60_000;
/** Removed in one go, so that other work comes in between. */
const AT_ONCE = 100;
/** Nobody brings bytes into the store, or records, for so long. */
const UNFINISHED_MS = 2 * DAY_MS;

export interface RetentionsParts {
  readonly store: ArtifactStore;
  readonly replica: string;
  readonly record: RecordEvent;
  readonly log: Logger;
  /** Removes an artifact with its bytes. */
  readonly drop: (id: string) => Promise<void>;
  readonly now?: () => number;
}

export class Retentions {
  readonly #parts: RetentionsParts;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(parts: RetentionsParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  /** What was being written when this control ended goes, but for what `keep` names. */
  async start(keep: ReadonlySet<string>): Promise<void> {
    await this.#removeUnfinished(keep);
    this.#timer = setInterval(() => void this.sweep(), SWEEP_MS);
    void this.sweep();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async of(tenant: string): Promise<Retention & { usedBytes: number }> {
    const { store } = this.#parts;
    const [own, usedBytes] = await Promise.all([store.retention(tenant), this.#used(tenant)]);
    return { ...(own ?? LAB_RETENTION), usedBytes };
  }

  async set(tenant: string, retention: Retention): Promise<Retention & { usedBytes: number }> {
    await this.#parts.store.retain(tenant, retention);
    await this.sweep();
    return this.of(tenant);
  }

  async expiryOf(tenant: string, now: number): Promise<Date | null> {
    const { days } = (await this.#parts.store.retention(tenant)) ?? LAB_RETENTION;
    return days === null ? null : new Date(now + days * DAY_MS);
  }

  /** Makes room for so many bytes more; fails with `storage_full` when they are more than the organisation has beside its builds. */
  async makeRoom(tenant: string, bytes: number): Promise<void> {
    const { store } = this.#parts;
    const { bytes: limit } = (await store.retention(tenant)) ?? LAB_RETENTION;
    if (limit === null) return;
    const builds = await store.buildBytes(tenant);
    if (builds + bytes > limit) throw new PhonerackError("storage_full", `${bytes} bytes more, of ${limit} allowed`);
    await this.#shrink(tenant, limit - builds - bytes);
  }

  /** What one artifact may grow to, when all others give room; null: no limit. */
  async mostOf(tenant: string): Promise<number | null> {
    const { store } = this.#parts;
    const { bytes } = (await store.retention(tenant)) ?? LAB_RETENTION;
    return bytes === null ? null : Math.max(0, bytes - (await store.buildBytes(tenant)));
  }

  /** For what is no artifact, e.g. a build's files: these remove nothing, what is full is full. Fails with `storage_full`. */
  async requireRoom(tenant: string, bytes: number): Promise<void> {
    const { bytes: limit } = (await this.#parts.store.retention(tenant)) ?? LAB_RETENTION;
    if (limit === null) return;
    const used = await this.#used(tenant);
    if (used + bytes > limit)
      throw new PhonerackError("storage_full", `${used} bytes are used and ${bytes} more are wanted, of ${limit} allowed`);
  }

  /** Removes what is beyond its time or its room. */
  sweep(): Promise<void> {
    this.#sweeping = this.#sweeping
      .then(() => this.#sweep())
      .catch((error: unknown) => this.#parts.log.error({ err: error }, "artifacts beyond their time could not be removed"));
    return this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { store } = this.#parts;
    for (;;) {
      const rows = await store.expired(new Date(this.#now()), AT_ONCE);
      for (const row of rows) await this.#end(row, "time");
      if (rows.length < AT_ONCE) break;
    }
    for (const { tenant, bytes } of await store.limited())
      await this.#shrink(tenant, Math.max(0, bytes - (await store.buildBytes(tenant))));
  }

  async #used(tenant: string): Promise<number> {
    const { store } = this.#parts;
    const [artifacts, builds] = await Promise.all([store.bytes(tenant), store.buildBytes(tenant)]);
    return artifacts + builds;
  }

  async #shrink(tenant: string, most: number): Promise<void> {
    const { store } = this.#parts;
    for (let used = await store.bytes(tenant); used > most; ) {
      const rows = await store.oldest(tenant, AT_ONCE);
      if (rows.length === 0) return;
      for (const row of rows) {
        if (used <= most) return;
        await this.#end(row, "room");
        used -= row.size;
      }
    }
  }

  async #end({ id, tenant, deviceId, name, kind }: ArtifactRow, why: "time" | "room"): Promise<void> {
    const { drop, record } = this.#parts;
    await drop(id);
    const detail = { artifact: id, name, type: kind, why };
    record({ kind: "artifact.expired", tenant, actor: "system", subject: deviceId, detail });
  }

  async #removeUnfinished(keep: ReadonlySet<string>): Promise<void> {
    const { store, replica, drop, log } = this.#parts;
    for (const { id, name } of await store.unfinished(replica, new Date(this.#now() - UNFINISHED_MS))) {
      if (keep.has(id)) continue;
      log.warn({ artifact: id, name }, "an artifact was never finished; it is removed");
      await drop(id);
    }
  }
}
