/** What changes among the devices and leases, gathered, and written once for all live sockets that see the same. */
import type { Device, ToBrowser } from "@phonerack/contract/api";
import type { Devices } from "../devices/devices.js";
import type { Board } from "../leases/board.js";
import { type Onlooker, viewFor, viewKey } from "../leases/visibility.js";

const GATHER_MS = 100;
/** A thousand devices at once are half a megabyte or more: the more change, the longer is gathered. */
const GATHER_MS_PER_DEVICE = 0.5;
const GATHER_LEASES_MS = 200;
const GATHER_JOBS_MS = 300;
const MOST_JOBS = 1_000;

export interface Follower {
  readonly who: Onlooker;
  /** `json` is the message for these ids. */
  changes(json: string, ids: ReadonlySet<string>): void;
  /** Leases that they may see have changed; `json` is the message. */
  leases(json: string): void;
  /** Jobs that they may see have changed; `json` is the message. */
  jobs(json: string): void;
}

/** Where jobs that changed are heard of. */
export interface JobChanges {
  onChange(listener: (id: string) => void): () => void;
  tenantsOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export class DeviceFeed {
  readonly #devices: Devices;
  readonly #followers = new Set<Follower>();
  readonly #stopListening: (() => void)[];
  readonly #leaseTenants = new Map<string, string>();
  #leaseTimer: NodeJS.Timeout | undefined;
  readonly #jobChanges: JobChanges;
  readonly #jobs = new Set<string>();
  #jobTimer: NodeJS.Timeout | undefined;
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #gatherMs = GATHER_MS;

  constructor({ devices, board, jobs }: { devices: Devices; board: Board; jobs: JobChanges }) {
    this.#devices = devices;
    this.#jobChanges = jobs;
    this.#stopListening = [
      devices.onChange((id) => this.#note(id)),
      board.onChange((leases) => this.#noteLeases(leases)),
      jobs.onChange((id) => this.#noteJob(id)),
    ];
  }

  /** The whole list now, and every change from now on; returns how to stop that. */
  follow(follower: Follower): { list: string; stop: () => void } {
    this.#followers.add(follower);
    const devices = this.#devices.all().flatMap((device) => viewFor(follower.who, device) ?? []);
    const list = JSON.stringify({ type: "devices", devices } satisfies ToBrowser);
    return { list, stop: () => this.#followers.delete(follower) };
  }

  /** The message that brings them up to date on these devices; what they may not see (any more) is gone. */
  changesOf(ids: Iterable<string>, who: Onlooker): string {
    const devices: Device[] = [];
    const gone: string[] = [];
    for (const id of ids) {
      const device = this.#devices.get(id);
      const view = device && viewFor(who, device);
      if (view) devices.push(view);
      else gone.push(id);
    }
    return JSON.stringify({ type: "changes", devices, gone } satisfies ToBrowser);
  }

  stop(): void {
    for (const stop of this.#stopListening) stop();
    clearTimeout(this.#timer);
    clearTimeout(this.#leaseTimer);
    clearTimeout(this.#jobTimer);
    this.#followers.clear();
  }

  #note(id: string): void {
    if (this.#followers.size === 0) return;
    this.#changed.add(id);
    this.#timer ??= setTimeout(() => this.#flush(), this.#gatherMs);
  }

  #flush(): void {
    this.#timer = undefined;
    const ids = this.#changed;
    this.#changed = new Set();
    this.#gatherMs = GATHER_MS + ids.size * GATHER_MS_PER_DEVICE;
    const written = new Map<string, string>();
    for (const follower of this.#followers) {
      const key = viewKey(follower.who);
      const json = written.get(key) ?? this.changesOf(ids, follower.who);
      written.set(key, json);
      follower.changes(json, ids);
    }
  }

  #noteLeases(leases: readonly { id: string; tenant: string }[]): void {
    if (this.#followers.size === 0) return;
    for (const { id, tenant } of leases) this.#leaseTenants.set(id, tenant);
    this.#leaseTimer ??= setTimeout(() => this.#flushLeases(), GATHER_LEASES_MS);
  }

  #flushLeases(): void {
    this.#leaseTimer = undefined;
    const changed = [...this.#leaseTenants];
    this.#leaseTenants.clear();
    for (const follower of this.#followers) {
      const { lab, tenant } = follower.who;
      const ids = changed.filter(([, of]) => lab !== null || of === tenant).map(([id]) => id);
      if (ids.length > 0) follower.leases(JSON.stringify({ type: "leases", ids } satisfies ToBrowser));
    }
  }

  #noteJob(id: string): void {
    if (this.#followers.size === 0 || this.#jobs.size >= MOST_JOBS) return;
    this.#jobs.add(id);
    this.#jobTimer ??= setTimeout(() => void this.#flushJobs(), GATHER_JOBS_MS);
  }

  async #flushJobs(): Promise<void> {
    this.#jobTimer = undefined;
    const changed = [...this.#jobs];
    this.#jobs.clear();
    // A database that is away: the page asks again by itself.
    const tenants = await this.#jobChanges.tenantsOf(changed).catch(() => new Map<string, string>());
    for (const follower of this.#followers) {
      const { lab, tenant } = follower.who;
      const ids = changed.filter((id) => tenants.has(id) && (lab !== null || tenants.get(id) === tenant));
      if (ids.length > 0) follower.jobs(JSON.stringify({ type: "jobs", ids } satisfies ToBrowser));
    }
  }
}
