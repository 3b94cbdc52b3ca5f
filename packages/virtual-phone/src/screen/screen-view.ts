// A screen at the size of a stream: collects damage, draws only what it touched, and hands the changed macroblocks to the H.264 encoder.
import { H264Encoder, type MotionHint } from "../h264/encoder.js";
import { Canvas } from "./canvas.js";
import { colors, intersect, isEmpty, type Rect, rectOf, type Size } from "./geometry.js";
import { convertMacroblock } from "./i420.js";
import { type Box, createRaster, type Raster } from "./raster.js";
import type { Damage, Screen } from "./screen.js";

/** Beyond this many, damage is drawn as one area: each costs a walk through the screen's views. */
const MOST_BOXES = 12;

interface Scroll {
  readonly rect: Rect;
  dx: number;
  dy: number;
}

export class ScreenView {
  private readonly device: Size;
  private readonly raster: Raster;
  private readonly canvas: Canvas;
  private readonly encoder: H264Encoder;
  private boxes: Box[] = [];
  private scrolls: Scroll[] = [];
  private black: boolean | undefined;
  /** Per macroblock: 1 to look at again, 1 when it changed, 1 when it was last coded coarsely. */
  private readonly touched: Uint8Array;
  private readonly changed: Uint8Array;
  private readonly coarsely: Uint8Array;
  /** Some of the picture was coded coarser than wished. */
  coarse = false;

  constructor(
    private readonly screen: Screen,
    readonly size: Size,
    maxFps: number,
  ) {
    this.device = screen.size();
    this.raster = createRaster(size.width, size.height);
    this.canvas = new Canvas(this.raster, this.device);
    this.encoder = new H264Encoder({ ...size, maxFps });
    const count = this.encoder.source.mbWidth * this.encoder.source.mbHeight;
    this.touched = new Uint8Array(count);
    this.changed = new Uint8Array(count);
    this.coarsely = new Uint8Array(count);
    this.damageAll();
  }

  parameterSets(): Uint8Array {
    return this.encoder.parameterSets();
  }

  /** True when the screen or the stream has another size now: this view cannot be used any more. */
  outdated(size: Size): boolean {
    const device = this.screen.size();
    return (
      size.width !== this.size.width ||
      size.height !== this.size.height ||
      device.width !== this.device.width ||
      device.height !== this.device.height
    );
  }

  /** Remember damage; nothing is drawn before `update`. */
  add(damage: Damage): void {
    switch (damage.kind) {
      case "rects":
        for (const rect of damage.rects) this.addBox(rect);
        return;
      case "scroll":
        this.addScroll(damage);
        return;
      case "resize":
        this.damageAll();
        return;
    }
  }

  /** Draw what was damaged. Answers whether any sample of the stream's picture changed. */
  update(): boolean {
    const black = this.screen.secure || !this.screen.on;
    if (black !== this.black) this.damageAll();
    this.black = black;
    const { boxes } = this;
    this.boxes = [];
    if (boxes.length > 0) this.touched.fill(0);
    for (const box of boxes) {
      this.draw(box);
      this.touch(box);
    }
    const changed = this.convert(boxes.length > 0);
    if (!changed) this.scrolls = [];
    return changed;
  }

  /** Code the picture drawn by the last `update`. `refine` codes again what was coarse. */
  encode(request: { key: boolean; refine: boolean; qp: number }): Uint8Array {
    const data = this.encoder.encode({
      key: request.key,
      changed: request.refine ? this.coarsely : this.changed,
      hints: request.refine ? [] : this.hints(),
      qp: request.qp,
    });
    this.scrolls = [];
    this.rememberCoarse(request);
    return data;
  }

  private rememberCoarse(request: { key: boolean; refine: boolean; qp: number }): void {
    const coarse = request.qp > FINE_ENOUGH ? 1 : 0;
    if (request.key) this.coarsely.fill(coarse);
    else if (request.refine) this.coarsely.fill(0);
    else for (let i = 0; i < this.coarsely.length; i++) if (this.changed[i] === 1) this.coarsely[i] = coarse;
    this.coarse = this.coarsely.includes(1);
  }

  private damageAll(): void {
    this.scrolls = [];
    this.boxes = [{ x0: 0, y0: 0, x1: this.size.width, y1: this.size.height }];
  }

  /** Every raster pixel that a device rectangle touches, and one more for smooth edges. */
  private addBox(rect: Rect): void {
    const inside = intersect(rect, rectOf(this.device));
    if (isEmpty(inside)) return;
    const { width, height } = this.size;
    const scaleX = width / this.device.width;
    const scaleY = height / this.device.height;
    const box = {
      x0: Math.max(0, Math.floor(inside.x * scaleX) - 1),
      y0: Math.max(0, Math.floor(inside.y * scaleY) - 1),
      x1: Math.min(width, Math.ceil((inside.x + inside.width) * scaleX) + 1),
      y1: Math.min(height, Math.ceil((inside.y + inside.height) * scaleY) + 1),
    };
    const { boxes } = this;
    if (boxes.some((other) => holds(other, box))) return;
    this.boxes = boxes.filter((other) => !holds(box, other));
    this.boxes.push(box);
    if (this.boxes.length > MOST_BOXES) this.boxes = [this.boxes.reduce(hull)];
  }

  private addScroll(scroll: { rect: Rect; dx: number; dy: number }): void {
    this.addBox(scroll.rect);
    const known = this.scrolls.find(({ rect }) => sameRect(rect, scroll.rect));
    if (known !== undefined) {
      known.dx += scroll.dx;
      known.dy += scroll.dy;
    } else this.scrolls.push({ rect: scroll.rect, dx: scroll.dx, dy: scroll.dy });
  }

  /** A scroll by a fraction of a stream pixel moves some lines by one pixel more than others: both are offered. */
  private hints(): MotionHint[] {
    const scaleX = this.size.width / this.device.width;
    const scaleY = this.size.height / this.device.height;
    const hints: MotionHint[] = [];
    for (const { rect, dx, dy } of this.scrolls) {
      const box = {
        x0: rect.x * scaleX,
        y0: rect.y * scaleY,
        x1: (rect.x + rect.width) * scaleX,
        y1: (rect.y + rect.height) * scaleY,
      };
      for (const x of roundings(dx * scaleX))
        for (const y of roundings(dy * scaleY)) if (x !== 0 || y !== 0) hints.push({ box, x, y });
    }
    return hints;
  }

  private draw(box: Box): void {
    const { device, size, canvas } = this;
    const scaleX = device.width / size.width;
    const scaleY = device.height / size.height;
    const dirty = {
      x: box.x0 * scaleX,
      y: box.y0 * scaleY,
      width: (box.x1 - box.x0) * scaleX,
      height: (box.y1 - box.y0) * scaleY,
    };
    canvas.clip(dirty, () => {
      if (this.black) canvas.fillRect(dirty, colors.black);
      else this.screen.draw(canvas, dirty);
    });
  }

  private touch(box: Box): void {
    const { mbWidth } = this.encoder.source;
    for (let y = box.y0 >> 4; y << 4 < box.y1; y++) {
      for (let x = box.x0 >> 4; x << 4 < box.x1; x++) this.touched[y * mbWidth + x] = 1;
    }
  }

  private convert(any: boolean): boolean {
    this.changed.fill(0);
    if (!any) return false;
    const { source } = this.encoder;
    const place = { x: 0, y: 0 };
    let changed = false;
    for (let i = 0; i < this.touched.length; i++) {
      if (this.touched[i] === 0) continue;
      place.x = i % source.mbWidth;
      place.y = (i - place.x) / source.mbWidth;
      if (!convertMacroblock(this.raster, source, place)) continue;
      this.changed[i] = 1;
      changed = true;
    }
    return changed;
  }
}

/** Up to this quantiser a picture is not called coarse. */
const FINE_ENOUGH = 28;

function roundings(value: number): number[] {
  const low = Math.floor(value);
  const high = Math.ceil(value);
  return low === high ? [low] : [low, high];
}

function holds(outer: Box, inner: Box): boolean {
  return outer.x0 <= inner.x0 && outer.y0 <= inner.y0 && outer.x1 >= inner.x1 && outer.y1 >= inner.y1;
}

function hull(a: Box, b: Box): Box {
  return { x0: Math.min(a.x0, b.x0), y0: Math.min(a.y0, b.y0), x1: Math.max(a.x1, b.x1), y1: Math.max(a.y1, b.y1) };
}

function sameRect(a: Rect, b: Rect): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}
