/** Holds the wall to its pace: measures each second, tells the watcher what to wish, and says what the wall shows of it. */
import type { DeviceId } from "@phonerack/contract/api";
import type { Pictures } from "../video/pictures.js";
import { PageSpeed } from "./page-speed.js";
import { TilePace, type TilePaceNow } from "./tile-pace.js";
import type { TileWatcher } from "./tile-watcher.js";

const SECOND_MS = 1_000;

export interface WallPaceNow extends TilePaceNow {
  readonly watched: number;
  readonly budgetMbit: number;
  /** Tiles that have fewer frames than are wished, for their agent's uplink: by agent. */
  readonly slowed: readonly { readonly agentId: string; readonly count: number; readonly fps: number }[];
}

export interface TilePacerParts {
  readonly pictures: Pick<Pictures, "stats" | "subscribe">;
  readonly watcher: Pick<TileWatcher, "watched" | "retune" | "takeBytes" | "slowed">;
  /** Megabits per second. */
  readonly budget: () => number;
  readonly agentOf: (id: DeviceId) => string | undefined;
  readonly now?: () => number;
}

export class TilePacer {
  readonly #parts: TilePacerParts;
  readonly #pace = new TilePace();
  readonly #speed = new PageSpeed();
  readonly #listeners = new Set<() => void>();
  /** The worker has summed up since the last second. */
  #heard = false;
  #now: WallPaceNow = { fps: 5, reason: undefined, watched: 0, budgetMbit: 0, slowed: [] };

  constructor(parts: TilePacerParts) {
    this.#parts = parts;
    parts.pictures.subscribe(() => {
      this.#heard = true;
    });
    // By the page's own clock: a worker that is behind is late with its sums too.
    setInterval(() => this.#second(), SECOND_MS);
  }

  get now(): WallPaceNow {
    return this.#now;
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  };

  #second(): void {
    const { watcher, pictures, budget } = this.#parts;
    const watched = watcher.watched.size;
    if (watched === 0) {
      this.#speed.stop();
      this.#tell({ ...this.#pace.now(0), watched, budgetMbit: budget(), slowed: [] });
      return;
    }
    this.#speed.start();
    const heard = this.#heard;
    this.#heard = false;
    const budgetMbit = budget();
    const now = (this.#parts.now ?? (() => performance.now()))();
    const second = {
      bits: watcher.takeBytes() * 8,
      delayMs: heard ? pictures.stats.delayMs : undefined,
      page: this.#speed.take(),
    };
    this.#pace.measure(second, { now, budgetMbit });
    const pace = this.#pace.now(watched);
    watcher.retune(pace.fps);
    this.#tell({ ...pace, watched, budgetMbit, slowed: this.#slowed() });
  }

  #slowed(): WallPaceNow["slowed"] {
    const agents = new Map<string, { agentId: string; count: number; fps: number }>();
    for (const { id, fps } of this.#parts.watcher.slowed()) {
      const agentId = this.#parts.agentOf(id);
      if (agentId === undefined) continue;
      const before = agents.get(agentId);
      agents.set(agentId, { agentId, count: (before?.count ?? 0) + 1, fps: Math.min(before?.fps ?? fps, fps) });
    }
    return [...agents.values()];
  }

  #tell(next: WallPaceNow): void {
    if (JSON.stringify(next) === JSON.stringify(this.#now)) return;
    this.#now = next;
    for (const changed of this.#listeners) changed();
  }
}
