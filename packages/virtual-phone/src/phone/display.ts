/** Size, density and rotation of the one display, with the overrides of `wm size` and `wm density`. */
import type { Model } from "../models/model.js";
import { Listeners } from "./listeners.js";
import type { Settings } from "./settings.js";

export type Rotation = 0 | 1 | 2 | 3;

export interface DisplayState {
  /** Device pixels in the current rotation. */
  readonly width: number;
  readonly height: number;
  /** dpi. */
  readonly density: number;
  /** Quarter turns counter-clockwise, as Surface.ROTATION_*. */
  readonly rotation: Rotation;
}

export class Display {
  /** Device pixels in natural rotation, and dpi: the hardware. */
  readonly physical: { readonly width: number; readonly height: number; readonly density: number };
  readonly #settings: Settings;
  #size: { readonly width: number; readonly height: number } | undefined;
  #density: number | undefined;
  /** How the phone is held (its sensor), in quarter turns. */
  #held: Rotation = 0;
  /** What the app in front demands: null leaves it to the user. */
  #demanded: "portrait" | "landscape" | null = null;
  #state: DisplayState;
  readonly changes = new Listeners<DisplayState>();

  constructor(model: Model, settings: Settings) {
    this.physical = { width: model.width, height: model.height, density: model.density };
    this.#settings = settings;
    this.#state = this.#compute();
    settings.changes.add(({ table, key }) => {
      if (table === "system" && (key === "user_rotation" || key === "accelerometer_rotation")) this.#update();
    });
  }

  get state(): DisplayState {
    return this.#state;
  }
  get width(): number {
    return this.#state.width;
  }
  get height(): number {
    return this.#state.height;
  }
  get density(): number {
    return this.#state.density;
  }
  get rotation(): Rotation {
    return this.#state.rotation;
  }
  /** `wm size`'s override in natural rotation, or undefined. */
  get sizeOverride(): { readonly width: number; readonly height: number } | undefined {
    return this.#size;
  }
  /** `wm density`'s override, or undefined. */
  get densityOverride(): number | undefined {
    return this.#density;
  }
  get autoRotate(): boolean {
    return this.#settings.getInt("system", "accelerometer_rotation", 1) === 1;
  }

  /** `wm size WxH` (natural rotation) or reset. @returns false outside 200 … 4096 per side. */
  setSize(size: { width: number; height: number } | undefined): boolean {
    if (size && [size.width, size.height].some((side) => !Number.isInteger(side) || side < 200 || side > 4096)) return false;
    this.#size = size;
    this.#update();
    return true;
  }

  /** `wm density N` or reset. @returns false outside 72 … 1000 (Android's own least is 72). */
  setDensity(density: number | undefined): boolean {
    if (density !== undefined && (!Number.isInteger(density) || density < 72 || density > 1000)) return false;
    this.#density = density;
    this.#update();
    return true;
  }

  /** `wm user-rotation lock N`: freezes; `free` hands it back to the sensor. */
  setUserRotation(rotation: Rotation | "free"): void {
    if (rotation !== "free") this.#settings.put("system", "user_rotation", String(rotation));
    this.#settings.put("system", "accelerometer_rotation", rotation === "free" ? "1" : "0");
  }

  /** Turns the phone in the hand: only seen while auto-rotate is on. */
  hold(rotation: Rotation): void {
    this.#held = rotation;
    this.#update();
  }

  /** scrcpy's ROTATE_DEVICE: freezes the other orientation, or thaws and turns back, as scrcpy-server does it. */
  rotate(): void {
    this.setUserRotation(this.rotation % 2 === 0 ? 1 : 0);
  }

  get demanded(): "portrait" | "landscape" | null {
    return this.#demanded;
  }

  /** What the app in front demands. */
  demand(orientation: "portrait" | "landscape" | null): void {
    this.#demanded = orientation;
    this.#update();
  }

  #compute(): DisplayState {
    const natural = this.#size ?? this.physical;
    const wished = this.autoRotate ? this.#held : ((this.#settings.getInt("system", "user_rotation", 0) & 3) as Rotation);
    const sideways = natural.width > natural.height;
    let rotation = wished;
    if (this.#demanded) {
      const wide = (rotation % 2 === 1) !== sideways;
      if (wide !== (this.#demanded === "landscape")) rotation = ((rotation + 1) % 2) as Rotation;
    }
    const turned = rotation % 2 === 1;
    return {
      width: turned ? natural.height : natural.width,
      height: turned ? natural.width : natural.height,
      density: this.#density ?? this.physical.density,
      rotation,
    };
  }

  #update(): void {
    const next = this.#compute();
    const old = this.#state;
    if (next.width === old.width && next.height === old.height && next.density === old.density && next.rotation === old.rotation)
      return;
    this.#state = next;
    this.changes.emit(next);
  }
}
