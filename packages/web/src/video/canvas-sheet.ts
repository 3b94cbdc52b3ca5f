/** One canvas in the picture worker: knows where whose picture goes, keeps true shapes, and draws what changed. */
import { contain } from "./contain.js";
import type { PictureOrder, Place } from "./orders.js";
import { type Picture, pictureSize } from "./picture-decoder.js";

type Layout = Extract<PictureOrder, { type: "layout" }>;

export class CanvasSheet {
  readonly #surface: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;
  #places = new Map<string, Place>();
  #scale = 1;

  constructor(surface: OffscreenCanvas) {
    this.#surface = surface;
    const context = surface.getContext("2d", { alpha: true });
    if (!context) throw new Error("no 2d context");
    this.#context = context;
    context.imageSmoothingQuality = "high";
  }

  get keys(): Iterable<string> {
    return this.#places.keys();
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** Empties the canvas; what is placed must be drawn again. */
  layout({ width, height, scale, places }: Layout): void {
    this.#scale = scale;
    this.#surface.width = Math.max(1, Math.round(width * scale));
    this.#surface.height = Math.max(1, Math.round(height * scale));
    this.#context.imageSmoothingQuality = "high";
    this.#places = new Map(places.map((place) => [place.key, place]));
  }

  draw(key: string, picture: Picture): void {
    const place = this.#places.get(key);
    if (!place) return;
    const context = this.#context;
    const box = contain(pictureSize(picture), place, true);
    context.setTransform(this.#scale, 0, 0, this.#scale, 0, 0);
    context.clearRect(place.x, place.y, place.width, place.height);
    context.save();
    context.beginPath();
    context.roundRect(box.x, box.y, box.width, box.height, place.radius);
    context.clip();
    context.drawImage(picture, box.x, box.y, box.width, box.height);
    context.restore();
  }
}
