/** A text field. The cursor does not blink: a phone nobody touches sends no picture. */
import { characterOf, KEYCODE, META } from "../phone/key-characters.js";
import type { Canvas } from "../screen/canvas.js";
import { type Color, withAlpha } from "../screen/geometry.js";
import { ellipsize, LINE_HEIGHT, measureText, type TextStyle } from "../screen/text.js";
import { type EditLine, editLines, indexAt, nextBoundary, previousBoundary } from "./edit-lines.js";
import type { Spec } from "./spec.js";
import { View, type ViewOptions } from "./view.js";

export interface EditOptions extends ViewOptions {
  readonly size: number;
  readonly color: Color;
  readonly hintColor: Color;
  readonly accent: Color;
  readonly hint: string;
  readonly text?: string;
  readonly bold?: boolean;
  readonly multiline?: boolean;
  readonly password?: boolean;
  /** Most UTF-16 units it takes; more is cut, as InputFilter.LengthFilter does. */
  readonly maxLength?: number;
  readonly onChange?: (text: string) => void;
  /** Enter in a single line. */
  readonly onAction?: () => void;
  /** Where copy and paste go. */
  readonly clipboard: { get(): string; set(text: string): boolean };
}

export class EditText extends View {
  readonly #options: EditOptions;
  readonly #style: TextStyle;
  #text: string;
  #cursor: number;
  /** The other end of the selection; equal to the cursor when nothing is selected. */
  #anchor: number;
  #lines: readonly EditLine[] = [{ start: 0, end: 0 }];
  #scroll = 0;

  constructor(options: EditOptions) {
    super({ className: "android.widget.EditText", onClick: () => {}, ...options });
    this.#options = options;
    this.#style = { size: options.size, weight: options.bold ? "bold" : "regular" };
    this.#text = options.text ?? "";
    this.#cursor = this.#text.length;
    this.#anchor = this.#cursor;
  }

  get text(): string {
    return this.#text;
  }
  set text(text: string) {
    this.#replace(text, text.length);
  }
  override get textValue(): string {
    if (this.#text === "") return this.#options.hint;
    return this.#shownText;
  }
  override get hintValue(): string {
    return this.#options.hint;
  }
  override get password(): boolean {
    return this.#options.password ?? false;
  }
  get multiline(): boolean {
    return this.#options.multiline ?? false;
  }

  override onText(text: string): boolean {
    const flat = this.multiline ? text : text.replaceAll("\n", " ");
    const [from, to] = this.#selection();
    this.#replace(this.#text.slice(0, from) + flat + this.#text.slice(to), from + flat.length);
    return true;
  }

  override onKey(code: number, meta: number): boolean {
    if (meta & META.ctrl) return this.#shortcut(code);
    switch (code) {
      case KEYCODE.del:
        this.#erase(previousBoundary(this.#text, this.#cursor), this.#cursor);
        return true;
      case KEYCODE.forwardDel:
        this.#erase(this.#cursor, nextBoundary(this.#text, this.#cursor));
        return true;
      case KEYCODE.enter:
      case KEYCODE.numpadEnter:
        if (this.multiline) return this.onText("\n");
        this.#options.onAction?.();
        return true;
      case KEYCODE.tab:
        return false;
      case KEYCODE.copy:
      case KEYCODE.cut:
      case KEYCODE.paste:
        return this.#edit(code);
      default:
        return this.#move(code, meta) || this.#type(characterOf(code, meta));
    }
  }

  #type(character: string | undefined): boolean {
    return character !== undefined && this.onText(character);
  }

  /** Puts the cursor where it was tapped. */
  placeCursor(x: number, y: number): void {
    const { left, top } = this.padding;
    const index = Math.max(0, Math.min(this.#lines.length - 1, Math.floor((y - top + this.#scroll) / this.#lineHeight)));
    const line = this.#lines[index];
    if (line) this.#setCursor(line.start + indexAt(this.#shownText.slice(line.start, line.end), this.#style, x - left), false);
  }

  override saveState(): unknown {
    return { text: this.#text, cursor: this.#cursor };
  }
  override restoreState(state: unknown): void {
    if (typeof state !== "object" || state === null || !("text" in state) || typeof state.text !== "string") return;
    this.#text = state.text;
    this.#cursor = "cursor" in state && typeof state.cursor === "number" ? state.cursor : state.text.length;
    this.#anchor = this.#cursor;
  }

  protected override onMeasure(width: Spec): { width: number; height: number } {
    const { left, right, top, bottom } = this.padding;
    this.#wrap(width.mode === "free" ? 1e6 : width.size - left - right);
    return { width: width.size, height: Math.ceil(Math.max(1, this.#lines.length) * this.#lineHeight) + top + bottom };
  }

  protected override onDraw(canvas: Canvas): void {
    const { left, right, top, bottom } = this.padding;
    const inner = { x: left, y: top, width: this.measuredWidth - left - right, height: this.measuredHeight - top - bottom };
    this.#follow(inner.height);
    canvas.clip({ ...inner, x: inner.x - 4, width: inner.width + 8 }, () => {
      canvas.translated(left, top - this.#scroll, () => this.#drawText(canvas, inner.width));
    });
  }

  #drawText(canvas: Canvas, width: number): void {
    const { color, hintColor, hint, size, bold } = this.#options;
    const weight = bold ? "bold" : "regular";
    if (this.#text === "") canvas.text(ellipsize(hint, this.#style, width), { x: 0, y: 0, size, color: hintColor, weight });
    const [from, to] = this.#selection();
    const shown = this.#shownText;
    for (const [index, line] of this.#lines.entries()) {
      const y = index * this.#lineHeight;
      if (from < to && from <= line.end && to >= line.start) this.#drawSelection(canvas, line, { y, from, to });
      canvas.text(shown.slice(line.start, line.end), { x: 0, y, size, color, weight });
    }
    if (this.focused) {
      const { x, y } = this.#cursorPlace();
      canvas.fillRect(
        { x: x - size / 16, y: y + size * 0.05, width: Math.max(2, size / 9), height: size * 1.2 },
        this.#options.accent,
      );
    }
  }

  #drawSelection(canvas: Canvas, line: EditLine, part: { y: number; from: number; to: number }): void {
    const shown = this.#shownText;
    const x = measureText(shown.slice(line.start, Math.max(line.start, part.from)), this.#style);
    const end = measureText(shown.slice(line.start, Math.min(line.end, part.to)), this.#style);
    canvas.fillRect(
      { x, y: part.y, width: Math.max(4, end - x), height: this.#lineHeight },
      withAlpha(this.#options.accent, 0.3),
    );
  }

  get #lineHeight(): number {
    return this.#options.size * LINE_HEIGHT;
  }
  get #shownText(): string {
    return this.#options.password ? "•".repeat(this.#text.length) : this.#text;
  }

  #cursorLine(): { index: number; line: EditLine } {
    const after = this.#lines.findIndex(({ start }) => start > this.#cursor);
    const index = Math.max(0, (after < 0 ? this.#lines.length : after) - 1);
    return { index, line: this.#lines[index] ?? { start: 0, end: 0 } };
  }

  #cursorPlace(): { x: number; y: number } {
    const { index, line } = this.#cursorLine();
    return { x: measureText(this.#shownText.slice(line.start, this.#cursor), this.#style), y: index * this.#lineHeight };
  }

  /** Scrolls inside a field of fixed height so that the cursor shows. */
  #follow(height: number): void {
    const { y } = this.#cursorPlace();
    if (y + this.#lineHeight > this.#scroll + height) this.#scroll = y + this.#lineHeight - height;
    if (y < this.#scroll) this.#scroll = y;
    this.#scroll = Math.max(0, Math.min(this.#scroll, this.#lines.length * this.#lineHeight - height));
  }

  #wrap(width: number): void {
    this.#lines = editLines(this.#shownText, this.#style, this.multiline ? Math.max(1, width) : 1e6);
  }

  #selection(): [from: number, to: number] {
    return [Math.min(this.#cursor, this.#anchor), Math.max(this.#cursor, this.#anchor)];
  }

  #setCursor(cursor: number, keepAnchor: boolean): void {
    this.#cursor = Math.max(0, Math.min(this.#text.length, cursor));
    if (!keepAnchor) this.#anchor = this.#cursor;
    this.invalidate();
  }

  #erase(from: number, to: number): void {
    const [start, end] = this.#selection();
    const [a, b] = start < end ? [start, end] : [from, to];
    if (a < b) this.#replace(this.#text.slice(0, a) + this.#text.slice(b), a);
  }

  #replace(text: string, cursor: number): void {
    const limited = text.slice(0, this.#options.maxLength ?? 100_000);
    const lines = this.#lines.length;
    const changed = limited !== this.#text;
    this.#text = limited;
    this.#cursor = Math.min(cursor, limited.length);
    this.#anchor = this.#cursor;
    this.#wrap(this.measuredWidth - this.padding.left - this.padding.right);
    if (this.#lines.length !== lines && this.height === "wrap") this.requestLayout();
    this.invalidate();
    if (changed) this.#options.onChange?.(limited);
  }

  #shortcut(code: number): boolean {
    if (code === KEYCODE.a) {
      this.#anchor = 0;
      this.#setCursor(this.#text.length, true);
      return true;
    }
    const edits = new Map<number, number>([
      [KEYCODE.c, KEYCODE.copy],
      [KEYCODE.x, KEYCODE.cut],
      [KEYCODE.v, KEYCODE.paste],
    ]);
    const edit = edits.get(code);
    return edit !== undefined && this.#edit(edit);
  }

  #edit(code: number): boolean {
    if (code === KEYCODE.paste) return this.onText(this.#options.clipboard.get());
    const [from, to] = this.#selection();
    if (from === to || this.password) return true;
    this.#options.clipboard.set(this.#text.slice(from, to));
    if (code === KEYCODE.cut) this.#erase(from, to);
    return true;
  }

  #move(code: number, meta: number): boolean {
    const keep = Boolean(meta & META.shift);
    const { line } = this.#cursorLine();
    const places = new Map<number, () => number>([
      [KEYCODE.dpadLeft, () => previousBoundary(this.#text, this.#cursor)],
      [KEYCODE.dpadRight, () => nextBoundary(this.#text, this.#cursor)],
      [KEYCODE.moveHome, () => line.start],
      [KEYCODE.moveEnd, () => line.end],
      [KEYCODE.dpadUp, () => this.#vertical(-1)],
      [KEYCODE.dpadDown, () => this.#vertical(1)],
    ]);
    const place = places.get(code);
    if (!place) return false;
    this.#setCursor(place(), keep);
    return true;
  }

  #vertical(step: number): number {
    const { x, y } = this.#cursorPlace();
    const line = this.#lines[Math.round(y / this.#lineHeight) + step];
    if (!line) return step < 0 ? 0 : this.#text.length;
    return line.start + indexAt(this.#shownText.slice(line.start, line.end), this.#style, x);
  }
}
