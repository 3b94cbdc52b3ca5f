/** The overview of recent tasks: press one to go there, swipe it up to end it. */

import { appIcon } from "../../apps/app-icon.js";
import { labelOf } from "../../apps/labels.js";
import type { Task } from "../../phone/activity-record.js";
import type { Phone } from "../../phone/phone.js";
import { systemText } from "../../phone/system-text.js";
import type { Canvas } from "../../screen/canvas.js";
import { withAlpha } from "../../screen/geometry.js";
import { InsetFrame } from "../inset-frame.js";
import type { Kit } from "../kit.js";
import type { View } from "../view.js";
import { paintWallpaper } from "./wallpaper.js";

export function recentsWindow(parts: { phone: Phone; kit: Kit; close: () => void }): InsetFrame {
  const { phone, kit, close } = parts;
  const text = systemText(phone.language);
  const tasks = phone.activities.recents();
  const paint = (canvas: Canvas, size: { width: number; height: number }): void => {
    paintWallpaper(canvas, size, phone.model.wallpaper);
    canvas.fillRect({ x: 0, y: 0, ...size }, withAlpha(0xff000000, 0.5));
  };
  const white = 0xffffffff;
  if (!tasks.length) {
    const empty = kit.text(text.noRecents, 18, {
      color: white,
      width: "match",
      height: "match",
      align: "center",
      onClick: close,
    });
    return new InsetFrame(empty, paint);
  }
  const width = Math.round(phone.display.width * 0.66);
  const cards = kit.row(
    { width: "wrap", height: "match", gap: kit.dp(16), padding: { left: kit.dp(28), right: kit.dp(28), top: 0, bottom: 0 } },
    tasks.map((task) => card({ ...parts, task, width })),
  );
  const clear = kit.textButton(text.clearAll, {
    id: "clear_all",
    gravity: "center",
    background: withAlpha(white, 0.2),
    color: white,
    onClick: () => {
      for (const { id } of phone.activities.recents()) phone.activities.removeTask(id);
      close();
    },
  });
  const content = kit.column(
    { height: "match", padding: { left: 0, right: 0, top: kit.dp(36), bottom: kit.dp(28) }, gap: kit.dp(20), onClick: close },
    [kit.scroll({ horizontal: true, weight: 1, height: 0, id: "overview_panel" }, cards), clear],
  );
  return new InsetFrame(content, paint);
}

function card(parts: { phone: Phone; kit: Kit; close: () => void; task: Task; width: number }): View {
  const { phone, kit, task } = parts;
  const name = labelOf(phone, task.affinity);
  const open = (): void => {
    parts.close();
    phone.activities.moveToFront(task.id);
  };
  const swipe = (dx: number, dy: number): boolean => {
    if (dy > -kit.dp(60) || Math.abs(dx) > -dy) return false;
    phone.activities.removeTask(task.id);
    return true;
  };
  const options = {
    background: kit.theme.surface,
    radius: kit.dp(24),
    width: parts.width,
    height: "match",
    description: name,
  } as const;
  return kit.column(
    {
      ...options,
      onClick: open,
      onSwipe: swipe,
      contentGravity: "center",
      contentVerticalGravity: "center",
      gap: kit.dp(14),
      id: "snapshot",
    },
    [appIcon(phone, kit, { package: task.affinity, size: 72 }), kit.text(name, 18, { bold: true, id: "title" })],
  );
}
