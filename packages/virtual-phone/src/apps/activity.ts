/** The base of all stock apps' activities. An activity's views are made when somebody looks, and again after each rotation. */
import type { Language } from "../models/model.js";
import type { Component, Intent } from "../phone/intent.js";
import type { Phone } from "../phone/phone.js";
import type { Canvas } from "../screen/canvas.js";
import type { Color } from "../screen/geometry.js";
import type { Kit } from "../views/kit.js";
import type { View } from "../views/view.js";

/** What an activity is given by the window system. */
export interface ActivityContext {
  readonly phone: Phone;
  readonly token: number;
  readonly intent: Intent;
  readonly component: Component;
  /** Throws its views away and asks for new ones. */
  rebuild(): void;
  /** Shows a text for two seconds. */
  toast(text: string): void;
  focus(view: View): void;
}

export abstract class AppActivity {
  #intent: Intent;

  constructor(protected readonly context: ActivityContext) {
    this.#intent = context.intent;
  }

  get component(): Component {
    return this.context.component;
  }
  /** The newest one. */
  get intent(): Intent {
    return this.#intent;
  }

  /** Colour of the bars' symbols over it. */
  get darkBars(): boolean {
    return !this.phone.ui.theme.dark;
  }
  /** Behind the content and the bars. */
  get surface(): Color {
    return this.phone.ui.theme.surface;
  }
  /** Paints the window's background instead of `surface`. */
  paintBackground: ((canvas: Canvas, size: { readonly width: number; readonly height: number }) => void) | undefined;

  protected get phone(): Phone {
    return this.context.phone;
  }
  protected get language(): Language {
    return this.phone.language;
  }

  /** The content, between the bars. */
  abstract build(kit: Kit): View;

  onResume(): void {}
  onPause(): void {}
  onDestroy(): void {}
  /** An app came, went, or was disabled. */
  onPackagesChanged(): void {}
  protected onNewIntent(_intent: Intent): void {}
  deliver(intent: Intent): void {
    this.#intent = intent;
    this.onNewIntent(intent);
  }
  /** @returns true when it used Back itself; else the activity ends. */
  onBack(): boolean {
    return false;
  }
  /** The clock moved on; only called while somebody watches. */
  onMinute(): void {}
  /** A key no view wanted. */
  onKey(_code: number, _meta: number): boolean {
    return false;
  }

  protected finish(): void {
    this.phone.activities.finish(this.context.token);
  }
  protected open(intent: Intent): void {
    this.phone.activities.start(intent);
  }
}

export type ActivityFactory = new (context: ActivityContext) => AppActivity;
