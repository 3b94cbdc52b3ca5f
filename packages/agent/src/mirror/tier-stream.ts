/**
 * One stream of one phone (tile, full or sound): who watches it, and a source that runs only while somebody does. A source that fails is
 * tried again, ever more slowly, for as long as it is watched.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { FrameKind, PhonerackError, type StreamOrder, type Tier, WATCH_FORGET_MS, writeFrame } from "@phonerack/contract/bus";
import { GroupOfPictures } from "./group-of-pictures.js";
import type { StreamRun } from "./video.js";
import { Watcher } from "./watcher.js";

/** An encoder outlives its last viewer for this long: people leaf through phones. */
const LINGER_MS = 2_000;
const RETRY_MS = [500, 1_000, 2_000, 5_000, 15_000] as const;

export interface TierStreamParts {
  readonly tier: Tier;
  publish(replica: string, frame: Uint8Array): void;
  /** Runs the source until `signal` is aborted (resolves) or it fails; undefined while there is no phone to run it on. */
  source(run: Pick<StreamRun, "generation" | "signal" | "frame">): Promise<void> | undefined;
  /** The source fails with this, or gives pictures again (null). */
  onTrouble(trouble: PhonerackError | null): void;
  /** Somebody watches now, or nobody does any more. */
  onWatched(watched: boolean): void;
  /** Whether pictures may leave at this moment. Asked at each frame, so that an agent that was frozen sends none of a lease that has ended since. */
  allowed(): boolean;
  /** `active` has changed because of viewers. */
  onActive(): void;
  /** `wishedFps` is another one now. */
  onWish?(): void;
}

type WatchOrder = Extract<StreamOrder, { order: "watch" }>;

export class TierStream {
  readonly #parts: TierStreamParts;
  readonly #watchers = new Map<string, Watcher>();
  readonly #group = new GroupOfPictures();
  #generation = Math.floor(Math.random() * 0x8000_0000);
  #run: AbortController | undefined;
  #lingering: NodeJS.Timeout | undefined;
  #failures = 0;
  #hasFrames = false;
  #wishedFps: number | undefined;

  constructor(parts: TierStreamParts) {
    this.#parts = parts;
  }

  get watched(): boolean {
    return this.#watchers.size > 0;
  }

  /** The source has given a frame in this run. */
  get showing(): boolean {
    return this.#hasFrames;
  }

  /** The source runs, tries to, or lingers. */
  get active(): boolean {
    return this.#run !== undefined;
  }

  /** Frames a second that the most demanding watcher wishes; undefined: as many as there are. What it was last while nobody watches. */
  get wishedFps(): number | undefined {
    return this.#wishedFps;
  }

  order(order: StreamOrder, now: number): void {
    const watcher = this.#watchers.get(order.replica);
    switch (order.order) {
      case "watch":
        if (watcher) this.#renew(watcher, order, now);
        else this.#add(order, now);
        return;
      case "credit":
        watcher?.addCredit(order.bytes);
        if (watcher) this.#pump(watcher);
        return;
      case "restart":
        watcher?.restart();
        if (watcher) this.#pump(watcher);
        return;
      case "unwatch":
        this.#drop(order.replica);
        return;
    }
  }

  /** Forgets who has not renewed. */
  tick(now: number): void {
    for (const [replica, watcher] of this.#watchers) if (watcher.expires < now) this.#drop(replica);
  }

  /** Begins if it should and does not; call it when the phone is there again. */
  start(): void {
    if (this.#run || !this.watched) return;
    const run = new AbortController();
    this.#run = run;
    void this.#keepRunning(run.signal).finally(() => {
      if (this.#run === run) this.#run = undefined;
    });
  }

  /** Ends the source, not the watching; `start` begins anew. Viewers keep their last picture. */
  interrupt(): void {
    this.#run?.abort();
    this.#run = undefined;
    this.#hasFrames = false;
    this.#failures = 0;
    this.#group.clear();
  }

  /** The phone is gone: tells viewers that no more frames come. */
  lose(): void {
    this.interrupt();
    this.#end();
  }

  /** The phone changes hands: nobody watches any more, and nothing of this run is kept for who comes next. */
  cut(): void {
    const watched = this.watched;
    this.lose();
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
    this.#watchers.clear();
    if (watched) this.#parts.onWatched(false);
  }

  stop(): void {
    this.interrupt();
    clearTimeout(this.#lingering);
    this.#watchers.clear();
  }

  #add({ replica, credit, fps }: WatchOrder, now: number): void {
    const watcher = new Watcher({ credit, send: (frame) => this.#parts.publish(replica, frame) });
    watcher.expires = now + WATCH_FORGET_MS;
    watcher.fps = fps;
    this.#watchers.set(replica, watcher);
    this.#wish();
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
    this.#pump(watcher);
    const wasActive = this.active;
    this.start();
    if (this.active !== wasActive) this.#parts.onActive();
    if (this.#watchers.size === 1) this.#parts.onWatched(true);
  }

  #renew(watcher: Watcher, { fps }: WatchOrder, now: number): void {
    watcher.expires = now + WATCH_FORGET_MS;
    if (watcher.fps === fps) return;
    watcher.fps = fps;
    this.#wish();
  }

  #wish(): void {
    const wishes = [...this.#watchers.values()].map(({ fps }) => fps ?? Number.POSITIVE_INFINITY);
    const most = Math.max(...wishes);
    const wished = Number.isFinite(most) ? most : undefined;
    if (wished === this.#wishedFps) return;
    this.#wishedFps = wished;
    this.#parts.onWish?.();
  }

  #drop(replica: string): void {
    if (!this.#watchers.delete(replica)) return;
    if (this.watched) {
      this.#wish();
      return;
    }
    this.#lingering = setTimeout(() => {
      this.#lingering = undefined;
      this.interrupt();
      this.#parts.onActive();
    }, LINGER_MS);
    this.#parts.onWatched(false);
  }

  async #keepRunning(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#generation = (this.#generation + 1) >>> 0;
      const generation = this.#generation;
      const running = this.#parts.source({ generation, signal, frame: (kind, frame) => this.#take(kind, frame, signal) });
      if (!running) return;
      try {
        return await running;
      } catch (error) {
        if (signal.aborted) return;
        this.#fail(error);
        const wait = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)];
        await sleep(wait, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #fail(error: unknown): void {
    this.#hasFrames = false;
    this.#group.clear();
    this.#end();
    this.#parts.onTrouble(error instanceof PhonerackError ? error : new PhonerackError("internal", undefined, { cause: error }));
  }

  #take(kind: FrameKind, frame: Uint8Array, signal: AbortSignal): void {
    if (signal.aborted || !this.#parts.allowed()) return;
    if (!this.#hasFrames && kind !== FrameKind.config && kind !== FrameKind.audioConfig) {
      this.#hasFrames = true;
      this.#failures = 0;
      this.#parts.onTrouble(null);
    }
    if (!this.#group.add(kind, frame)) throw new PhonerackError("phone_failed", "its encoder gave no key frame for 4 MiB");
    for (const watcher of this.#watchers.values()) {
      if (kind === FrameKind.audio) watcher.offer(frame, this.#group.config);
      else this.#pump(watcher);
    }
  }

  #pump(watcher: Watcher): void {
    watcher.pump(this.#group);
  }

  #end(): void {
    const frame = writeFrame({ kind: FrameKind.end, stream: this.#generation, pts: 0n, payload: new Uint8Array(0) });
    for (const [replica, watcher] of this.#watchers) {
      watcher.restart();
      this.#parts.publish(replica, frame);
    }
  }
}
