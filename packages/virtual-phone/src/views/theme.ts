/** Colours and measures of a look, made from the model's accent, its density and whether the dark theme is on. */
import { type Color, mix, rgb } from "../screen/geometry.js";

export interface Theme {
  readonly dark: boolean;
  readonly accent: Color;
  readonly onAccent: Color;
  /** Behind everything in an app. */
  readonly surface: Color;
  /** Cards, sheets, fields. */
  readonly raised: Color;
  /** Soft accent: chips, selected rows. */
  readonly tinted: Color;
  readonly onTinted: Color;
  readonly text: Color;
  readonly secondary: Color;
  readonly outline: Color;
  readonly divider: Color;
  readonly error: Color;
}

const cache = new Map<number, Theme>();

/** @param accent 0xRRGGBB */
export function themeOf(accent: number, dark: boolean): Theme {
  const key = accent * 2 + (dark ? 1 : 0);
  let theme = cache.get(key);
  if (!theme) {
    theme = dark ? darkTheme(rgb(accent)) : lightTheme(rgb(accent));
    cache.set(key, theme);
  }
  return theme;
}

function lightTheme(accent: Color): Theme {
  return {
    dark: false,
    accent,
    onAccent: rgb(0xffffff),
    surface: mix(rgb(0xfbfbfd), accent, 0.03),
    raised: mix(rgb(0xf1f2f5), accent, 0.06),
    tinted: mix(rgb(0xffffff), accent, 0.2),
    onTinted: mix(accent, rgb(0x000000), 0.45),
    text: rgb(0x1c1d21),
    secondary: rgb(0x5b5e66),
    outline: rgb(0x7c8089),
    divider: mix(rgb(0xe3e5ea), accent, 0.05),
    error: rgb(0xb3261e),
  };
}

function darkTheme(accent: Color): Theme {
  const light = mix(accent, rgb(0xffffff), 0.45);
  return {
    dark: true,
    accent: light,
    onAccent: rgb(0x101114),
    surface: mix(rgb(0x131417), accent, 0.06),
    raised: mix(rgb(0x212328), accent, 0.1),
    tinted: mix(rgb(0x2b2e35), accent, 0.35),
    onTinted: mix(light, rgb(0xffffff), 0.5),
    text: rgb(0xe6e7ea),
    secondary: rgb(0xa6aab2),
    outline: rgb(0x8b8f98),
    divider: rgb(0x33363d),
    error: rgb(0xf2b8b5),
  };
}
