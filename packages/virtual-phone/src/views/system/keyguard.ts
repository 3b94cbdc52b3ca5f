/** The keyguard: clock, who owns the phone, and the PIN pad when one is set. */
import type { Phone } from "../../phone/phone.js";
import { systemText } from "../../phone/system-text.js";
import type { Canvas } from "../../screen/canvas.js";
import { withAlpha } from "../../screen/geometry.js";
import { InsetFrame } from "../inset-frame.js";
import type { Kit } from "../kit.js";
import type { TextView } from "../text-view.js";
import type { View } from "../view.js";
import { clockText, dateText } from "./bars.js";
import { paintWallpaper } from "./wallpaper.js";

const WHITE = 0xffffffff;

/** Shown when it is switched on, as LockPatternUtils does. */
function ownerInfo({ settings }: Phone): string {
  if (settings.get("secure", "lock_screen_owner_info_enabled") !== "1") return "";
  return settings.get("secure", "lock_screen_owner_info") ?? "";
}

/** The keyguard's window content. `typed` takes digits from a keyboard. */
export class Keyguard {
  readonly root: InsetFrame;
  readonly #phone: Phone;
  readonly #kit: Kit;
  readonly #bouncer: boolean;
  #pin = "";
  #dots: TextView | undefined;
  #message: TextView | undefined;

  /** @param showBouncer makes the PIN pad show instead of this. */
  constructor(parts: { phone: Phone; kit: Kit; bouncer: boolean; showBouncer: () => void }) {
    this.#phone = parts.phone;
    this.#kit = parts.kit;
    this.#bouncer = parts.bouncer;
    const paint = (canvas: Canvas, size: { width: number; height: number }): void => {
      paintWallpaper(canvas, size, parts.phone.model.wallpaper);
      canvas.fillRect({ x: 0, y: 0, ...size }, withAlpha(0xff000000, this.#bouncer ? 0.6 : 0.25));
    };
    this.root = new InsetFrame(this.#bouncer ? this.#pinPad() : this.#clock(parts.showBouncer), paint);
  }

  /** A digit, backspace or enter of a keyboard. */
  typed(key: string): void {
    if (!this.#bouncer) return;
    if (key === "del") this.#pin = this.#pin.slice(0, -1);
    else if (key === "enter") return this.#enter();
    else if (this.#pin.length < 16) this.#pin += key;
    this.#show();
  }

  #clock(showBouncer: () => void): View {
    const { dp } = { dp: (value: number) => this.#kit.dp(value) };
    const phone = this.#phone;
    const text = systemText(phone.language);
    const swipe = (dx: number, dy: number): boolean => {
      if (dy > -dp(60) || Math.abs(dx) > -dy) return false;
      if (!phone.power.dismissKeyguard()) showBouncer();
      return true;
    };
    return this.#kit.column({ height: "match", contentGravity: "center", padding: dp(24), onSwipe: swipe }, [
      this.#kit.icon("lock", { color: WHITE, iconSize: 22, margin: { top: dp(28) } }),
      this.#kit.text(clockText(phone), 68, { color: WHITE, margin: { top: dp(18) }, id: "keyguard_clock_view" }),
      this.#kit.text(dateText(phone), 16, { color: WHITE, margin: { top: dp(4) } }),
      this.#kit.space({ weight: 1, height: 0, width: 1 }),
      this.#kit.text(ownerInfo(phone), 14, {
        color: withAlpha(WHITE, 0.85),
        id: "owner_info",
      }),
      this.#kit.text(text.swipeToUnlock, 15, {
        color: WHITE,
        bold: true,
        margin: { top: dp(10), bottom: dp(14) },
        id: "keyguard_indication_text",
      }),
    ]);
  }

  #pinPad(): View {
    const { dp } = { dp: (value: number) => this.#kit.dp(value) };
    const text = systemText(this.#phone.language);
    this.#message = this.#kit.text(text.enterPin, 18, {
      color: WHITE,
      width: "match",
      align: "center",
      id: "keyguard_message_area",
    });
    this.#dots = this.#kit.text("", 28, {
      color: WHITE,
      width: "match",
      align: "center",
      height: dp(44),
      id: "pinEntry",
      className: "android.widget.EditText",
    });
    const rows = [
      ["1", "2", "3"],
      ["4", "5", "6"],
      ["7", "8", "9"],
      ["del", "0", "enter"],
    ].map((keys) =>
      this.#kit.row(
        { gap: dp(18), width: "wrap" },
        keys.map((key) => this.#pinKey(key)),
      ),
    );
    return this.#kit.column({ height: "match", contentGravity: "center", contentVerticalGravity: "center", gap: dp(14) }, [
      this.#message,
      this.#dots,
      ...rows,
    ]);
  }

  #pinKey(key: string): View {
    const side = this.#kit.dp(68);
    const looks = {
      width: side,
      height: side,
      radius: side / 2,
      background: withAlpha(WHITE, 0.16),
      color: WHITE,
      onClick: () => this.typed(key),
    };
    if (key === "del") return this.#kit.icon("backspace", { ...looks, id: "delete_button", description: "Delete" });
    if (key === "enter") return this.#kit.icon("check", { ...looks, id: "key_enter", description: "Enter" });
    return this.#kit.text(key, 28, { ...looks, align: "center", id: `key${key}` });
  }

  #enter(): void {
    if (this.#phone.power.dismissKeyguard(this.#pin)) return;
    this.#pin = "";
    if (this.#message) this.#message.text = systemText(this.#phone.language).wrongPin;
    this.#show();
  }

  #show(): void {
    if (this.#dots) this.#dots.text = "•".repeat(this.#pin.length);
  }
}
