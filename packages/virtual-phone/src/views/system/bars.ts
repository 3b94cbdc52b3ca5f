/** Status bar and navigation bar. */
import type { Phone } from "../../phone/phone.js";
import type { Canvas } from "../../screen/canvas.js";
import { type Color, withAlpha } from "../../screen/geometry.js";
import { measureText } from "../../screen/text.js";
import type { Kit } from "../kit.js";
import { CanvasView } from "../text-view.js";
import type { View } from "../view.js";

export const STATUS_BAR_DP = 26;
/** With buttons; the gesture bar is lower. */
export const NAV_BUTTONS_DP = 48;
export const NAV_GESTURE_DP = 20;

const LIGHT: Color = 0xffffffff;
const DARK: Color = 0xff202124;

/** Hours and minutes where the phone is. */
export function clockText(phone: Phone): string {
  const timeZone = phone.properties.get("persist.sys.timezone") || "Europe/London";
  return timeFormat(timeZone).format(phone.clock.now());
}

/** Weekday, day and month where the phone is, in its language. */
export function dateText(phone: Phone): string {
  const timeZone = phone.properties.get("persist.sys.timezone") || "Europe/London";
  const key = `${phone.locale} ${timeZone}`;
  let format = dateFormats.get(key);
  if (!format) {
    const options = { weekday: "long", day: "numeric", month: "long" } as const;
    format = new Intl.DateTimeFormat(phone.locale, { ...options, timeZone: knownZone(timeZone) });
    if (dateFormats.size < 50) dateFormats.set(key, format);
  }
  return format.format(phone.clock.now());
}

function knownZone(timeZone: string): string {
  return Intl.supportedValuesOf("timeZone").includes(timeZone) ? timeZone : "UTC";
}

// Making a format costs as much as laying out a page: phones share them. Bounded, because a shell may set any zone.
const dateFormats = new Map<string, Intl.DateTimeFormat>();
const formats = new Map<string, Intl.DateTimeFormat>();

function timeFormat(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      hour: "2-digit",
      minute: "2-digit",
      hour12: false,
      timeZone: knownZone(timeZone),
    });
    if (formats.size < 50) formats.set(timeZone, format);
  }
  return format;
}

/** @param dark whether its symbols are dark now. */
export function statusBar(phone: Phone, kit: Kit, dark: () => boolean): View {
  const paint = (canvas: Canvas, { width, height }: { width: number; height: number }): void => {
    const color = dark() ? DARK : LIGHT;
    const size = kit.dp(13.5);
    const y = (height - size * 1.25) / 2;
    const side = kit.dp(16);
    canvas.text(clockText(phone), { x: side, y, size, color, weight: "bold" });
    const level = `${phone.battery.state.level}%`;
    canvas.text(level, { x: width - side, y, size, color, align: "right" });
    let x = width - side - measureText(level, { size }) - kit.dp(22);
    const icon = kit.dp(18);
    const top = (height - icon) / 2;
    canvas.icon(phone.battery.charging ? "charging" : "battery", { x, y: top, size: icon, color });
    x -= kit.dp(22);
    canvas.icon("wifi", { x, y: top, size: icon, color });
    if (phone.shade.notifications.length) canvas.icon("bell", { x: side + kit.dp(46), y: top, size: kit.dp(15), color });
    if (phone.sound.playing) canvas.icon("volume", { x: side + kit.dp(64), y: top, size: kit.dp(15), color });
  };
  return new CanvasView(paint, { width: "match", height: "match", className: "android.widget.FrameLayout", id: "status_bar" });
}

export interface NavActions {
  readonly back: () => void;
  readonly home: () => void;
  readonly recents: () => void;
}

/** Three buttons, or the pill of the gesture bar (its gestures are the window system's). */
export function navigationBar(parts: { phone: Phone; kit: Kit; dark: () => boolean; actions: NavActions }): View {
  const { phone, kit, dark, actions } = parts;
  if (phone.model.navigation === "gesture") {
    const paint = (canvas: Canvas, { width, height }: { width: number; height: number }): void => {
      const pill = { x: width / 2 - kit.dp(54), y: height / 2 - kit.dp(2), width: kit.dp(108), height: kit.dp(4) };
      canvas.fillRoundRect(pill, kit.dp(2), withAlpha(dark() ? DARK : LIGHT, 0.8));
    };
    return new CanvasView(paint, { width: "match", height: "match", id: "navigation_handle" });
  }
  const button = (
    name: "nav-back" | "nav-home" | "nav-recents",
    texts: { id: string; description: string },
    onClick: () => void,
  ): View => {
    const paint = (canvas: Canvas, { width, height }: { width: number; height: number }): void => {
      const size = kit.dp(22);
      canvas.icon(name, { x: (width - size) / 2, y: (height - size) / 2, size, color: withAlpha(dark() ? DARK : LIGHT, 0.85) });
    };
    return new CanvasView(paint, {
      className: "android.widget.ImageView",
      ...texts,
      onClick,
      weight: 1,
      height: "match",
      width: 0,
    });
  };
  return kit.row({ height: "match", padding: { left: kit.dp(24), right: kit.dp(24), top: 0, bottom: 0 } }, [
    button("nav-back", { id: "back", description: "Back" }, actions.back),
    button("nav-home", { id: "home", description: "Home" }, actions.home),
    button("nav-recents", { id: "recent_apps", description: "Overview" }, actions.recents),
  ]);
}
