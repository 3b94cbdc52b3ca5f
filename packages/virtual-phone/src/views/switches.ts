/** Switch, RadioButton and SeekBar. */
import type { Canvas } from "../screen/canvas.js";
import { type Color, mix, withAlpha } from "../screen/geometry.js";
import { type TouchEvent, View, type ViewOptions } from "./view.js";

export interface CheckOptions extends ViewOptions {
  /** Height in device pixels; the rest follows from it. */
  readonly size: number;
  readonly accent: Color;
  readonly outline: Color;
  readonly checked: boolean;
  readonly onChange?: (checked: boolean) => void;
}

abstract class CompoundButton extends View {
  readonly #onChange: ((checked: boolean) => void) | undefined;
  #checked: boolean;

  constructor(
    protected readonly style: CheckOptions,
    className: string,
  ) {
    super({ className, onClick: () => this.toggle(), ...style });
    this.#checked = style.checked;
    this.#onChange = style.onChange;
  }

  override get checkable(): boolean {
    return true;
  }
  override get checked(): boolean {
    return this.#checked;
  }
  override set checked(checked: boolean) {
    if (checked === this.#checked) return;
    this.#checked = checked;
    this.invalidate();
  }

  toggle(): void {
    this.checked = !this.#checked;
    this.#onChange?.(this.#checked);
  }
}

export class Switch extends CompoundButton {
  constructor(options: CheckOptions) {
    super(options, "android.widget.Switch");
  }

  protected override onMeasure(): { width: number; height: number } {
    return { width: Math.round(this.style.size * 1.7), height: this.style.size };
  }

  protected override onDraw(canvas: Canvas): void {
    const { size, accent, outline } = this.style;
    const rect = { x: 0, y: 0, width: size * 1.7, height: size };
    canvas.fillRoundRect(rect, size / 2, this.checked ? accent : withAlpha(outline, 0.35));
    const x = this.checked ? rect.width - size / 2 : size / 2;
    canvas.fillCircle({ x, y: size / 2 }, size * (this.checked ? 0.36 : 0.3), this.checked ? 0xffffffff : outline);
  }
}

export class RadioButton extends CompoundButton {
  constructor(options: CheckOptions) {
    super(options, "android.widget.RadioButton");
  }

  override toggle(): void {
    if (!this.checked) super.toggle();
  }

  protected override onMeasure(): { width: number; height: number } {
    return { width: this.style.size, height: this.style.size };
  }

  protected override onDraw(canvas: Canvas): void {
    const { size, accent, outline } = this.style;
    const middle = { x: size / 2, y: size / 2 };
    canvas.strokeCircle(middle, size * 0.42, { width: size / 11, color: this.checked ? accent : outline });
    if (this.checked) canvas.fillCircle(middle, size * 0.22, accent);
  }
}

export interface SeekOptions extends ViewOptions {
  readonly accent: Color;
  readonly track: Color;
  /** 0 … 1. */
  readonly value: number;
  readonly onChange: (value: number) => void;
}

export class SeekBar extends View {
  readonly #options: SeekOptions;
  #value: number;

  constructor(options: SeekOptions) {
    super({ className: "android.widget.SeekBar", ...options });
    this.#options = options;
    this.#value = options.value;
  }

  get value(): number {
    return this.#value;
  }
  set value(value: number) {
    const next = Math.max(0, Math.min(1, value));
    if (next === this.#value) return;
    this.#value = next;
    this.invalidate();
  }
  override get textValue(): string {
    return String(Math.round(this.#value * 100));
  }

  /** As a finger would: who listens is told. */
  moveTo(value: number): void {
    this.value = value;
    this.#options.onChange(this.#value);
  }

  override onTouch(event: TouchEvent): boolean {
    const room = this.measuredWidth - this.measuredHeight;
    if (event.phase !== "cancel" && room > 0) {
      this.moveTo((event.x - this.measuredHeight / 2) / room);
    }
    return true;
  }

  protected override onDraw(canvas: Canvas): void {
    const { accent, track } = this.#options;
    const high = this.measuredHeight;
    const thick = high / 6;
    const room = this.measuredWidth - high;
    const x = high / 2 + room * this.#value;
    const bar = { x: high / 2, y: (high - thick) / 2, width: room, height: thick };
    canvas.fillRoundRect(bar, thick / 2, track);
    canvas.fillRoundRect({ ...bar, width: room * this.#value }, thick / 2, accent);
    canvas.fillCircle({ x, y: high / 2 }, high * 0.26, this.pressed ? mix(accent, 0xff000000, 0.2) : accent);
  }
}
