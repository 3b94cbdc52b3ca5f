/** What shows for two seconds and goes: the volume panel and toasts. */
import type { Canvas } from "../../screen/canvas.js";
import type { Kit } from "../kit.js";
import { CanvasView } from "../text-view.js";
import type { TouchEvent, View } from "../view.js";

/** @param share 0 … 1. */
export function volumePanel(kit: Kit, share: number, set: (share: number) => void): View {
  let shown = share;
  const paint = (canvas: Canvas, { width, height }: { width: number; height: number }): void => {
    const radius = width / 2;
    canvas.fillRoundRect({ x: 0, y: 0, width, height }, radius, kit.theme.raised);
    const filled = Math.max(width, height * shown);
    canvas.fillRoundRect({ x: 0, y: height - filled, width, height: filled }, radius, kit.theme.accent);
    const icon = kit.dp(22);
    const color = kit.theme.onAccent;
    canvas.icon(shown === 0 ? "mute" : "volume", { x: (width - icon) / 2, y: height - width / 2 - icon / 2, size: icon, color });
  };
  const onTouch = (event: TouchEvent): boolean => {
    if (event.phase === "cancel") return true;
    shown = Math.max(0, Math.min(1, 1 - event.y / kit.dp(190)));
    set(shown);
    view.invalidate();
    return true;
  };
  const view = new CanvasView(paint, {
    width: "match",
    height: "match",
    className: "android.widget.SeekBar",
    id: "volume_row_slider",
    onTouch,
  });
  return view;
}

export function toastView(kit: Kit, text: string): View {
  const looks = { background: 0xf0323338, color: 0xffffffff, radius: kit.dp(20), maxLines: 1 };
  const padding = { left: kit.dp(18), right: kit.dp(18), top: kit.dp(9), bottom: kit.dp(9) };
  const label = kit.text(text, 14.5, {
    ...looks,
    padding,
    gravity: "center",
    verticalGravity: "center",
    id: "android:id/message",
  });
  return kit.frame({ width: "match", height: "match" }, [label]);
}
