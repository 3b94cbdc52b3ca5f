/**
 * All pictures of one worker: streams in, canvases out. Keeps the last picture of each device, so that a tile that moved, grew or came back
 * shows what was there until news come, and draws at most once per frame of the screen.
 */
import { readFrame } from "@phonerack/contract/api";
import { CanvasSheet } from "./canvas-sheet.js";
import type { PictureOrder, PictureReport } from "./orders.js";
import { type Picture, pictureSize } from "./picture-decoder.js";
import { Track } from "./track.js";

/** Last pictures kept of devices without a stream: about 100 KB each. */
const MOST_KEPT = 600;

interface Shown {
  picture: Picture;
  width: number;
  height: number;
  /** When the frame it came from arrived; undefined once drawn. */
  arrivedAt: number | undefined;
}

export class PictureBoard {
  readonly #report: (report: PictureReport) => void;
  readonly #sheets = new Map<number, CanvasSheet>();
  readonly #tracks = new Map<number, { key: string; track: Track; arrivedAt: number }>();
  /** In the order of their last news: the first is the oldest. */
  readonly #shown = new Map<string, Shown>();
  readonly #dirty = new Set<string>();
  #scheduled = false;
  #drawn = 0;
  readonly #drawnKeys = new Set<string>();
  #delays = 0;
  #delaySum = 0;

  constructor(report: (report: PictureReport) => void) {
    this.#report = report;
  }

  obey(order: PictureOrder): void {
    switch (order.type) {
      case "canvas":
        this.#sheets.set(order.canvas, new CanvasSheet(order.surface));
        break;
      case "layout":
        this.#layout(order);
        break;
      case "drop":
        this.#sheets.delete(order.canvas);
        break;
      case "open":
        this.#open(order);
        break;
      case "close":
        this.#tracks.get(order.stream)?.track.close();
        this.#tracks.delete(order.stream);
        break;
      case "frame":
        this.#frame(new Uint8Array(order.bytes));
        break;
    }
  }

  /** Sums since the last call. */
  takeStats(): void {
    const decoders = [...this.#tracks.values()].filter(({ track }) => track.decoding).length;
    const delayMs = this.#delays > 0 ? this.#delaySum / this.#delays : undefined;
    this.#report({ type: "stats", stats: { drawn: this.#drawn, pictures: this.#drawnKeys.size, decoders, delayMs } });
    this.#drawnKeys.clear();
    this.#drawn = this.#delays = this.#delaySum = 0;
  }

  #layout(order: Extract<PictureOrder, { type: "layout" }>): void {
    const sheet = this.#sheets.get(order.canvas);
    if (!sheet) return;
    sheet.layout(order);
    // At once, not at the next frame of the screen: the emptied canvas must never be seen.
    for (const key of sheet.keys) {
      const shown = this.#shown.get(key);
      if (shown) sheet.draw(key, shown.picture);
    }
  }

  #open({ stream, key, manySmall }: Extract<PictureOrder, { type: "open" }>): void {
    const track = new Track(manySmall, {
      picture: (picture) => this.#show(stream, key, picture),
      broken: (reason) => this.#report({ type: "broken", stream, reason }),
      unable: () => this.#report({ type: "unable", stream }),
    });
    this.#tracks.set(stream, { key, track, arrivedAt: 0 });
  }

  #frame(bytes: Uint8Array): void {
    const frame = readFrame(bytes);
    const entry = frame && this.#tracks.get(frame.stream);
    if (!entry) return;
    entry.arrivedAt = performance.now();
    entry.track.push(frame);
  }

  #show(stream: number, key: string, picture: Picture): void {
    const before = this.#shown.get(key);
    const size = pictureSize(picture);
    before?.picture.close();
    this.#shown.delete(key);
    this.#shown.set(key, { picture, ...size, arrivedAt: this.#tracks.get(stream)?.arrivedAt });
    if (before?.width !== size.width || before.height !== size.height) this.#report({ type: "shape", key, ...size });
    this.#forgetOld();
    this.#dirty.add(key);
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => this.#draw());
  }

  #forgetOld(): void {
    if (this.#shown.size <= MOST_KEPT) return;
    const streaming = new Set([...this.#tracks.values()].map(({ key }) => key));
    for (const [key, { picture }] of this.#shown) {
      if (this.#shown.size <= MOST_KEPT) return;
      if (streaming.has(key)) continue;
      picture.close();
      this.#shown.delete(key);
    }
  }

  #draw(): void {
    this.#scheduled = false;
    const now = performance.now();
    for (const key of this.#dirty) {
      const shown = this.#shown.get(key);
      if (!shown) continue;
      for (const sheet of this.#sheets.values()) {
        if (!sheet.has(key)) continue;
        sheet.draw(key, shown.picture);
        this.#drawn += 1;
        this.#drawnKeys.add(key);
      }
      if (shown.arrivedAt === undefined) continue;
      this.#delays += 1;
      this.#delaySum += now - shown.arrivedAt;
      shown.arrivedAt = undefined;
    }
    this.#dirty.clear();
  }
}
