/**
 * The page's side of one picture worker: hands it canvases, streams and frames, and hears which pictures there are. The wall has one for all
 * its tiles, a phone seen large has one of its own, so that a busy wall never delays the phone in hand.
 */
import { type DeviceId, frameRateOf, type Tier } from "@phonerack/contract/api";
import type { OpenStream, StreamError, Streams, StreamWish } from "../live/streams.js";
import type { PictureOrder, PictureReport, PictureStats, Place } from "./orders.js";
import type { PictureShapes } from "./picture-shapes.js";

export interface Surface {
  readonly element: HTMLCanvasElement;
  /** Sizes and places in CSS pixels. */
  layout(size: { width: number; height: number }, places: readonly Place[]): void;
  drop(): void;
}

export interface WatchedPicture {
  /** Counted since the last call. */
  takeReceived(): { frames: number; bytes: number };
  /** The frames a second that its encoder was asked for, as the agent says; undefined until it does. */
  rate(): number | undefined;
  /** Other frames a second are wished from now on. */
  retune(fps: number): void;
  close(): void;
}

export interface PictureWish extends StreamWish {
  readonly tier: Exclude<Tier, "audio">;
}

/** Beyond two device pixels per CSS pixel nobody sees a difference, but everybody pays. */
const MOST_SCALE = 2;
const RESTART_AFTER_MS = [0, 500, 2_000, 5_000] as const;

interface Entry {
  readonly deviceId: DeviceId;
  readonly open: OpenStream;
  restarts: number;
  lastRestart: number;
}

export class Pictures {
  readonly #name: string;
  #worker: Worker | undefined;
  readonly #shapes: PictureShapes;
  readonly #entries = new Map<number, Entry>();
  readonly #watchers = new Set<() => void>();
  #stats: PictureStats = { drawn: 0, pictures: 0, decoders: 0, delayMs: undefined };
  #canvases = 0;

  constructor({ name, shapes }: { name: string; shapes: PictureShapes }) {
    this.#shapes = shapes;
    this.#name = name;
  }

  get stats(): PictureStats {
    return this.#stats;
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  };

  stop(): void {
    for (const { open } of this.#entries.values()) open.close();
    this.#entries.clear();
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** A canvas that this worker draws on; the caller puts it on the page. */
  surface(): Surface {
    const element = document.createElement("canvas");
    const surface = element.transferControlToOffscreen();
    const canvas = this.#canvases++;
    this.#order({ type: "canvas", canvas, surface }, [surface]);
    return {
      element,
      layout: (size, places) => {
        const scale = Math.min(devicePixelRatio, MOST_SCALE);
        element.style.width = `${size.width}px`;
        element.style.height = `${size.height}px`;
        this.#order({ type: "layout", canvas, ...size, scale, places });
      },
      drop: () => {
        element.remove();
        this.#order({ type: "drop", canvas });
      },
    };
  }

  watch(streams: Streams, wish: PictureWish): WatchedPicture {
    const { deviceId, tier } = wish;
    let received = { frames: 0, bytes: 0 };
    let rate: number | undefined;
    const open = streams.open(wish, {
      frame: (bytes) => {
        rate = frameRateOf(new Uint8Array(bytes)) ?? rate;
        received.frames += 1;
        received.bytes += bytes.byteLength;
        if (this.#shapes.get(deviceId).error) this.#shapes.set(deviceId, { error: undefined });
        this.#order({ type: "frame", bytes }, [bytes]);
      },
      failed: (error) => this.#shapes.set(deviceId, { error }),
    });
    const { stream } = open;
    this.#entries.set(stream, { deviceId, open, restarts: 0, lastRestart: 0 });
    this.#order({ type: "open", stream, key: deviceId, manySmall: tier === "tile" });
    return {
      takeReceived: () => {
        const taken = received;
        received = { frames: 0, bytes: 0 };
        return taken;
      },
      rate: () => rate,
      retune: (fps) => open.retune(fps),
      close: () => {
        open.close();
        if (this.#entries.delete(stream)) this.#order({ type: "close", stream });
      },
    };
  }

  #order(order: PictureOrder, transfer: Transferable[] = []): void {
    this.#worker ??= this.#startWorker();
    this.#worker.postMessage(order, transfer);
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL("./picture-worker.ts", import.meta.url), {
      type: "module",
      name: `pictures: ${this.#name}`,
    });
    worker.onmessage = ({ data }: MessageEvent<PictureReport>) => this.#heard(data);
    return worker;
  }

  #heard(report: PictureReport): void {
    if (report.type === "shape") {
      this.#shapes.set(report.key, { size: { width: report.width, height: report.height }, error: undefined });
    } else if (report.type === "stats") {
      this.#stats = report.stats;
      for (const changed of this.#watchers) changed();
    } else if (report.type === "broken") {
      this.#restart(report.stream);
    } else {
      this.#fail(report.stream, { code: "no_decoder", message: "" });
    }
  }

  /** Asks anew, more slowly each time: a stream that never decodes must not be asked for in a loop. */
  #restart(stream: number): void {
    const entry = this.#entries.get(stream);
    if (!entry) return;
    const now = performance.now();
    if (now - entry.lastRestart > 30_000) entry.restarts = 0;
    entry.lastRestart = now;
    const wait = RESTART_AFTER_MS[Math.min(entry.restarts, RESTART_AFTER_MS.length - 1)] ?? 5_000;
    entry.restarts += 1;
    if (entry.restarts > 2) this.#fail(stream, { code: "decode_failed", message: "" });
    setTimeout(() => this.#entries.get(stream)?.open.restart(), wait);
  }

  #fail(stream: number, error: StreamError): void {
    const entry = this.#entries.get(stream);
    if (entry) this.#shapes.set(entry.deviceId, { error });
  }
}
