// Drawing in device pixels onto a raster of any scale: the same calls make the encoder's small picture and a full-size screenshot.
// Edges of rectangles are put on whole raster pixels, so that what moves by whole pixels looks the same after it.
import { Outline } from "./coverage.js";
import { type Color, intersect, intersects, type Point, type Rect, rectOf, type Size, withAlpha } from "./geometry.js";
import { glyphMask } from "./glyphs.js";
import { type IconName, iconMask } from "./icons.js";
import { circlePath, type Path, roundRectPath, traceFill } from "./path.js";
import { type Bitmap, type Box, drawBitmap, fillBox, fillGradient, fillMask, type Mask, type Raster } from "./raster.js";
import { traceStroke } from "./stroke.js";
import { BASELINE, ellipsize, layoutLine, measureText, type Weight } from "./text.js";

/** Where and how one line of text is drawn. Lengths in device pixels. */
export interface TextPlace {
  /** Left, centre or right edge of the text, as `align` says. */
  readonly x: number;
  /** Top of the line box, which is `size * LINE_HEIGHT` high. */
  readonly y: number;
  /** Font size (em). */
  readonly size: number;
  readonly color: Color;
  readonly weight?: Weight;
  readonly align?: "left" | "center" | "right";
  /** Longer text ends in "…". */
  readonly maxWidth?: number;
}

export interface Gradient {
  readonly from: Color;
  readonly to: Color;
  /** Default vertical (from at the top). */
  readonly direction?: "vertical" | "horizontal" | "diagonal";
  /** Corner radius, default 0. */
  readonly radius?: number;
}

export interface Stroke {
  readonly width: number;
  readonly color: Color;
  /** Corner radius, default 0. */
  readonly radius?: number;
}

const outline = new Outline();

export class Canvas {
  /** Scale from device to raster pixels; the two differ a little because encoders want multiples of 8. */
  private readonly scaleX: number;
  private readonly scaleY: number;
  private dx = 0;
  private dy = 0;
  private opacity = 1;
  private bounds: Rect;
  private box: Box;

  constructor(
    private readonly raster: Raster,
    readonly device: Size,
  ) {
    this.scaleX = raster.width / device.width;
    this.scaleY = raster.height / device.height;
    this.bounds = rectOf(device);
    this.box = { x0: 0, y0: 0, x1: raster.width, y1: raster.height };
  }

  /** False when nothing in `rect` would be drawn; leaving it out then saves time. */
  visible(rect: Rect): boolean {
    return intersects(this.bounds, this.moved(rect));
  }

  /** Keep everything drawn inside the callback within `rect` (and within the clips around it). */
  clip(rect: Rect, draw: () => void): void {
    const { bounds, box } = this;
    this.bounds = intersect(bounds, this.moved(rect));
    const inner = this.snapped(rect);
    this.box = {
      x0: Math.max(box.x0, inner.x0),
      y0: Math.max(box.y0, inner.y0),
      x1: Math.max(Math.max(box.x0, inner.x0), Math.min(box.x1, inner.x1)),
      y1: Math.max(Math.max(box.y0, inner.y0), Math.min(box.y1, inner.y1)),
    };
    try {
      draw();
    } finally {
      this.bounds = bounds;
      this.box = box;
    }
  }

  /** Everything drawn inside the callback is moved by (dx, dy). */
  translated(dx: number, dy: number, draw: () => void): void {
    this.dx += dx;
    this.dy += dy;
    try {
      draw();
    } finally {
      this.dx -= dx;
      this.dy -= dy;
    }
  }

  /** Everything drawn inside the callback has its opacity multiplied by `alpha`, 0 to 1. */
  faded(alpha: number, draw: () => void): void {
    const before = this.opacity;
    this.opacity = before * Math.min(1, Math.max(0, alpha));
    try {
      draw();
    } finally {
      this.opacity = before;
    }
  }

  fillRect(rect: Rect, color: Color): void {
    fillBox(this.raster, this.clipped(this.snapped(rect)), this.ink(color));
  }

  /** A radius of half the shorter side or more makes a pill. */
  fillRoundRect(rect: Rect, radius: number, color: Color): void {
    if (!this.visible(rect)) return;
    const box = this.snapped(rect);
    const ink = this.ink(color);
    forBands(box, radius * this.scaleX, {
      clip: this.clipped(box),
      draw: (part, cover) => {
        if (cover === undefined) fillBox(this.raster, part, ink);
        else fillMask(this.raster, cover, { x: 0, y: 0, color: ink, clip: part });
      },
    });
  }

  /** A border of the given width inside the rectangle. */
  strokeRect(rect: Rect, stroke: Stroke): void {
    if (!this.visible(rect)) return;
    const box = this.snapped(rect);
    const side = Math.max(1, Math.round(stroke.width * this.scaleX));
    const outer = { x: box.x0, y: box.y0, width: box.x1 - box.x0, height: box.y1 - box.y0 };
    const inner = { x: box.x0 + side, y: box.y0 + side, width: outer.width - 2 * side, height: outer.height - 2 * side };
    const radius = (stroke.radius ?? 0) * this.scaleX;
    outline.clear();
    traceFill(roundRectPath(outer, radius), SAME, outline);
    if (inner.width > 0 && inner.height > 0)
      traceFill(roundRectPath(inner, radius - side), { ...SAME, scaleX: -1, x: 2 * inner.x + inner.width }, outline);
    this.fillOutline(stroke.color);
  }

  fillCircle(center: Point, radius: number, color: Color): void {
    if (!this.visible(around(center, radius))) return;
    this.fillPath(circlePath(center, radius), color);
  }

  strokeCircle(center: Point, radius: number, stroke: Stroke): void {
    if (!this.visible(around(center, radius + stroke.width))) return;
    this.strokePath(circlePath(center, radius), stroke);
  }

  line(from: Point, to: Point, stroke: Stroke): void {
    this.strokePath(
      [
        ["M", from.x, from.y],
        ["L", to.x, to.y],
      ],
      stroke,
    );
  }

  polygon(points: readonly Point[], color: Color): void {
    this.fillPath(
      points.map((point, i) => [i === 0 ? "M" : "L", point.x, point.y] as const),
      color,
    );
  }

  /** The inside of a path given in device pixels. */
  fillPath(path: Path, color: Color): void {
    traceFill(path, this.placement(), outline.clear());
    this.fillOutline(color);
  }

  /** A line along a path given in device pixels, with round ends and joins. */
  strokePath(path: Path, stroke: Stroke): void {
    traceStroke(path, { at: this.placement(), width: stroke.width }, outline.clear());
    this.fillOutline(stroke.color);
  }

  gradient(rect: Rect, gradient: Gradient): void {
    if (!this.visible(rect)) return;
    const box = this.snapped(rect);
    const radius = (gradient.radius ?? 0) * this.scaleX;
    const { from, to, direction = "vertical" } = gradient;
    const ramp = { from: this.ink(from), to: this.ink(to), direction };
    const clip = this.clipped(box);
    forBands(box, radius, { clip, draw: (part, cover) => fillGradient(this.raster, { box, clip: part }, { ...ramp, cover }) });
  }

  /** One line of text; line feeds are not drawn (wrap with `wrapText`). */
  text(text: string, place: TextPlace): void {
    const style = { size: place.size, weight: place.weight ?? ("regular" as const) };
    const shown = place.maxWidth === undefined ? text : ellipsize(text, style, place.maxWidth);
    const width = measureText(shown, style);
    const left = place.x - (place.align === "center" ? width / 2 : place.align === "right" ? width : 0);
    if (
      !this.visible({
        x: left - place.size,
        y: place.y - place.size / 2,
        width: width + place.size * 2,
        height: place.size * 2.5,
      })
    )
      return;
    const baseline = Math.round((place.y + this.dy + place.size * BASELINE) * this.scaleY);
    const color = this.ink(place.color);
    const { x0, y0, x1, y1 } = this.box;
    for (const glyph of layoutLine(shown, style)) {
      const at = (left + this.dx + glyph.x) * this.scaleX;
      const x = Math.floor(at);
      const clip = { x0: x0 - x, y0: y0 - baseline, x1: x1 - x, y1: y1 - baseline };
      const mask = glyphMask(glyph.code, { size: place.size * this.scaleY, weight: style.weight, fraction: at - x }, clip);
      if (mask !== undefined) fillMask(this.raster, mask, { x, y: baseline, color, clip: this.box });
    }
  }

  /** A named icon; (x, y) is the top left corner of its square, `size` the square's side. */
  icon(name: IconName, place: { x: number; y: number; size: number; color: Color }): void {
    if (!this.visible({ x: place.x, y: place.y, width: place.size, height: place.size })) return;
    const at = this.placement();
    const mask = iconMask(name, Math.max(1, Math.round(place.size * Math.min(at.scaleX, at.scaleY))));
    // On whole pixels, so that an icon looks the same wherever it stands.
    const x = Math.round(place.x * at.scaleX + at.x);
    const y = Math.round(place.y * at.scaleY + at.y);
    fillMask(this.raster, mask, { x, y, color: this.ink(place.color), clip: this.box });
  }

  /** A picture scaled to `rect`, its transparency kept. */
  image(bitmap: Bitmap, rect: Rect, options: { readonly radius?: number } = {}): void {
    if (!this.visible(rect)) return;
    const box = this.snapped(rect);
    const radius = (options.radius ?? 0) * this.scaleX;
    forBands(box, radius, {
      clip: this.clipped(box),
      draw: (part, cover) => drawBitmap(this.raster, bitmap, { box, clip: part, opacity: this.opacity, cover }),
    });
  }

  private placement(): { scaleX: number; scaleY: number; x: number; y: number } {
    return { scaleX: this.scaleX, scaleY: this.scaleY, x: this.dx * this.scaleX, y: this.dy * this.scaleY };
  }

  private fillOutline(color: Color): void {
    const mask = outline.rasterise(this.box);
    if (mask !== undefined) fillMask(this.raster, mask, { x: 0, y: 0, color: this.ink(color), clip: this.box });
  }

  private ink(color: Color): Color {
    return this.opacity === 1 ? color : withAlpha(color, ((color >>> 24) / 255) * this.opacity);
  }

  private moved(rect: Rect): Rect {
    return { x: rect.x + this.dx, y: rect.y + this.dy, width: rect.width, height: rect.height };
  }

  /** Edges on whole raster pixels; a line too thin for the raster still gets one pixel. */
  private snapped(rect: Rect): Box {
    const x0 = Math.round((rect.x + this.dx) * this.scaleX);
    const y0 = Math.round((rect.y + this.dy) * this.scaleY);
    const x1 = Math.round((rect.x + this.dx + rect.width) * this.scaleX);
    const y1 = Math.round((rect.y + this.dy + rect.height) * this.scaleY);
    return { x0, y0, x1: rect.width > 0 ? Math.max(x1, x0 + 1) : x0, y1: rect.height > 0 ? Math.max(y1, y0 + 1) : y0 };
  }

  private clipped(box: Box): Box {
    const { x0, y0, x1, y1 } = this.box;
    return { x0: Math.max(x0, box.x0), y0: Math.max(y0, box.y0), x1: Math.min(x1, box.x1), y1: Math.min(y1, box.y1) };
  }
}

const SAME = { scaleX: 1, scaleY: 1, x: 0, y: 0 };

function around(center: Point, radius: number): Rect {
  return { x: center.x - radius, y: center.y - radius, width: radius * 2, height: radius * 2 };
}

function roundMask(box: Box, radius: number, clip: Box): Mask | undefined {
  const rect = { x: box.x0, y: box.y0, width: box.x1 - box.x0, height: box.y1 - box.y0 };
  traceFill(roundRectPath(rect, radius), SAME, outline.clear());
  return outline.rasterise(clip);
}

/**
 * A rounded box in up to three bands: the middle needs no mask, only the two with the corners do.
 * @param job.clip inside the box
 */
function forBands(box: Box, radius: number, job: { clip: Box; draw: (part: Box, cover: Mask | undefined) => void }): void {
  const { clip, draw } = job;
  const height = radius < 0.5 ? 0 : Math.ceil(Math.min(radius, (box.x1 - box.x0) / 2, (box.y1 - box.y0) / 2));
  const top = box.y0 + height;
  const bottom = Math.max(top, box.y1 - height);
  for (const [y0, y1, corners] of [
    [box.y0, top, true],
    [top, bottom, false],
    [bottom, box.y1, true],
  ] as const) {
    const part = { x0: clip.x0, x1: clip.x1, y0: Math.max(clip.y0, y0), y1: Math.min(clip.y1, y1) };
    if (part.y1 <= part.y0 || part.x1 <= part.x0) continue;
    const cover = corners ? roundMask(box, radius, part) : undefined;
    if (!corners || cover !== undefined) draw(part, cover);
  }
}
