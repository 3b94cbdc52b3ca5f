/** What is the same for all phones of one model. Shared by a thousand phones, hence immutable. */

export type Locale = "en-US" | "en-GB" | "zh-CN" | "fr-FR";
/** ISO 639-1. What the stock apps speak; a model ships in one, `persist.sys.locale` sets any. */
export const LANGUAGES = ["en", "zh", "fr", "de"] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Wallpaper {
  /** 0xRRGGBB, top to bottom. */
  readonly top: number;
  readonly middle: number;
  readonly bottom: number;
  /** Two soft shapes over it. */
  readonly shape: number;
  readonly shape2: number;
}

export interface Model {
  /** Short name for flags and tests: `v1` … `v6`. */
  readonly id: string;
  /** `ro.product.model`. Says that it is a virtual phone of phonerack: nothing here passes for a real make. */
  readonly name: string;
  /** `ro.product.device`. */
  readonly device: string;
  readonly manufacturer: "phonerack";
  readonly sdk: number;
  /** Android version as people say it. */
  readonly release: string;
  readonly buildId: string;
  readonly securityPatch: string;
  /** Device pixels in natural rotation, and dpi. */
  readonly width: number;
  readonly height: number;
  readonly density: number;
  readonly tablet: boolean;
  readonly locale: Locale;
  readonly navigation: "buttons" | "gesture";
  /** scrcpy captures sound from API 30; here also the wish of the model. */
  readonly audio: boolean;
  readonly memoryMb: number;
  readonly cores: number;
  readonly wallpaper: Wallpaper;
  /** 0xRRGGBB: buttons, switches, selected things. */
  readonly accent: number;
}

/** The language its stock apps speak. */
export function languageOf(locale: string): Language {
  const language = locale.slice(0, 2);
  return LANGUAGES.find((known) => known === language) ?? "en";
}
