// What the encoder and screenshots need of a phone's screen. The phone implements it; nothing here knows views or apps.
import type { Canvas } from "./canvas.js";
import type { Rect, Size } from "./geometry.js";

/**
 * What changed on the screen, in device pixels.
 * - `rects`: these areas must be drawn again.
 * - `scroll`: what was in `rect` moved by (dx, dy) inside it; `exposed` areas show something new. A hint only: the receiver may draw
 *   all of `rect` again, so the screen must already be in its new state.
 * - `resize`: size, rotation, `secure` or `on` changed; everything is drawn again.
 */
export type Damage =
  | { readonly kind: "rects"; readonly rects: readonly Rect[] }
  | { readonly kind: "scroll"; readonly rect: Rect; readonly dx: number; readonly dy: number; readonly exposed: readonly Rect[] }
  | { readonly kind: "resize" };

export interface Screen {
  /** Device pixels in the current rotation. */
  size(): Size;
  /** A window that forbids capture is showing: pictures of the screen are black. */
  readonly secure: boolean;
  /** The display is lit; pictures of a dark display are black. */
  readonly on: boolean;
  /**
   * Draw the screen's present state. The canvas is clipped to `dirty` already; drawing outside it has no effect, so `dirty` (or
   * `canvas.visible(rect)`) is only for leaving out work. Everything inside `dirty` must be covered.
   */
  draw(canvas: Canvas, dirty: Rect): void;
  /** Tells of every change from now on; the answer ends it. May be called from inside a state change: only remember, do not draw. */
  onDamage(listener: (damage: Damage) => void): () => void;
}
