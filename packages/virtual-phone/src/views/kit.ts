/** Builds views with the measures and colours of one window: what an app's layout code is written in. */
import type { Color } from "../screen/geometry.js";
import type { IconName } from "../screen/icons.js";
import { EditText } from "./edit-text.js";
import { FrameLayout, LinearLayout, type LinearOptions } from "./groups.js";
import { type ScrollOptions, ScrollView } from "./scroll-view.js";
import { Switch } from "./switches.js";
import { Button, IconView, TextView } from "./text-view.js";
import type { Theme } from "./theme.js";
import { View, type ViewOptions } from "./view.js";

type TextExtra = ViewOptions & {
  readonly bold?: boolean;
  readonly color?: Color;
  readonly align?: "start" | "center" | "end";
  readonly maxLines?: number;
};

type ButtonExtra = ViewOptions & { readonly color?: Color };

export interface FieldOptions extends ViewOptions {
  readonly hint: string;
  readonly text?: string;
  readonly size?: number;
  readonly bold?: boolean;
  readonly multiline?: boolean;
  readonly password?: boolean;
  readonly maxLength?: number;
  readonly onChange?: (text: string) => void;
  readonly onAction?: () => void;
}

export class Kit {
  constructor(
    readonly theme: Theme,
    readonly density: number,
    readonly clipboard: { get(): string; set(text: string): boolean },
  ) {}

  /** Density-independent pixels to device pixels. */
  dp(value: number): number {
    return Math.round((value * this.density) / 160);
  }

  column(options: LinearOptions, children: readonly View[]): LinearLayout {
    return new LinearLayout({ width: "match", ...options, orientation: "vertical" }, children);
  }

  row(options: LinearOptions, children: readonly View[]): LinearLayout {
    return new LinearLayout(
      { width: "match", contentVerticalGravity: "center", ...options, orientation: "horizontal" },
      children,
    );
  }

  frame(options: ViewOptions, children: readonly View[]): FrameLayout {
    return new FrameLayout(options, children);
  }

  scroll(options: ScrollOptions, child: View): ScrollView {
    return new ScrollView({ width: "match", height: "match", ...options }, child);
  }

  /** @param size in dp (sp). */
  text(text: string, size: number, options: TextExtra = {}): TextView {
    return new TextView(text, { color: this.theme.text, ...options, size: this.dp(size) });
  }

  icon(icon: IconName, options: ViewOptions & { readonly color?: Color; readonly iconSize?: number } = {}): IconView {
    const { iconSize, ...rest } = options;
    return new IconView(icon, { color: this.theme.text, ...rest, size: this.dp(iconSize ?? 24) });
  }

  /** An icon with room to be pressed. */
  iconButton(icon: IconName, options: ViewOptions & { readonly color?: Color; readonly iconSize?: number }): IconView {
    return this.icon(icon, { padding: this.dp(12), radius: this.dp(24), ...options });
  }

  /** Filled with the accent. */
  filledButton(text: string, options: ButtonExtra): Button {
    return this.#button(text, { background: this.theme.accent, color: this.theme.onAccent, ...options });
  }

  tonalButton(text: string, options: ButtonExtra): Button {
    return this.#button(text, { background: this.theme.tinted, color: this.theme.onTinted, ...options });
  }

  /** Text only. */
  textButton(text: string, options: ButtonExtra): Button {
    return this.#button(text, { color: this.theme.accent, ...options });
  }

  #button(text: string, options: ViewOptions & { readonly color: Color }): Button {
    const padding = { left: this.dp(20), right: this.dp(20), top: this.dp(10), bottom: this.dp(10) };
    return new Button(text, {
      minHeight: this.dp(44),
      radius: this.dp(22),
      padding,
      bold: true,
      maxLines: 1,
      ...options,
      size: this.dp(14.5),
    });
  }

  field(options: FieldOptions): EditText {
    const { theme, clipboard } = this;
    const { size, ...rest } = options;
    const colors = { color: theme.text, hintColor: theme.secondary, accent: theme.accent };
    return new EditText({ width: "match", ...rest, ...colors, clipboard, size: this.dp(size ?? 16) });
  }

  toggle(checked: boolean, options: ViewOptions & { readonly onChange?: (checked: boolean) => void }): Switch {
    return new Switch({ ...options, checked, size: this.dp(30), accent: this.theme.accent, outline: this.theme.outline });
  }

  divider(options: ViewOptions = {}): View {
    return new View({ width: "match", height: Math.max(1, this.dp(1)), background: this.theme.divider, ...options });
  }

  space(options: ViewOptions): View {
    return new View(options);
  }
}
