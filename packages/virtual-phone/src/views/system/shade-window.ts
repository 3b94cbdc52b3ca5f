/** The notification shade with its quick settings. */
import type { Phone } from "../../phone/phone.js";
import { systemText } from "../../phone/system-text.js";
import { withAlpha } from "../../screen/geometry.js";
import type { IconName } from "../../screen/icons.js";
import type { Kit } from "../kit.js";
import { SeekBar } from "../switches.js";
import type { View } from "../view.js";
import { clockText } from "./bars.js";

export function shadeWindow(phone: Phone, kit: Kit): View {
  const close = (): void => phone.shade.set("closed");
  const swipe = (dx: number, dy: number): boolean => {
    if (dy > -kit.dp(30) || Math.abs(dx) > -dy) return false;
    close();
    return true;
  };
  const panel = kit.column(
    {
      id: "notification_panel",
      background: kit.theme.surface,
      radius: kit.dp(24),
      padding: { left: kit.dp(16), right: kit.dp(16), top: kit.dp(14), bottom: kit.dp(18) },
      gap: kit.dp(12),
      onClick: () => {},
    },
    [header(phone, kit), tiles(phone, kit), brightness(phone, kit), ...notifications(phone, kit)],
  );
  const root = kit.column({ height: "match", background: withAlpha(0xff000000, 0.45), onClick: close, onSwipe: swipe }, [
    kit.space({ width: "match", height: kit.dp(30) }),
    kit.column({ padding: kit.dp(8) }, [panel]),
  ]);
  return root;
}

function header(phone: Phone, kit: Kit): View {
  return kit.row({}, [
    kit.text(clockText(phone), 22, { bold: true, weight: 1, width: 0, id: "clock" }),
    kit.text(systemText(phone.language).labPhone, 13, { color: kit.theme.secondary }),
  ]);
}

function tiles(phone: Phone, kit: Kit): View {
  const names = systemText(phone.language).tiles;
  const dark = phone.settings.get("secure", "ui_night_mode") === "2";
  const tile = (icon: IconName, label: string, state: { on: boolean; toggle?: () => void }): View => {
    const { on, toggle } = state;
    const color = on ? kit.theme.onAccent : kit.theme.text;
    const looks = { background: on ? kit.theme.accent : kit.theme.raised, radius: kit.dp(18) };
    const padding = { left: kit.dp(14), right: kit.dp(8), top: kit.dp(14), bottom: kit.dp(14) };
    const click = toggle ? { onClick: toggle } : {};
    return kit.row(
      {
        ...looks,
        ...click,
        padding,
        gap: kit.dp(10),
        weight: 1,
        width: 0,
        description: label,
        className: "android.widget.Switch",
      },
      [kit.icon(icon, { color, iconSize: 20 }), kit.text(label, 13.5, { color, bold: true, maxLines: 1 })],
    );
  };
  const gap = kit.dp(8);
  return kit.column({ gap }, [
    kit.row({ gap }, [
      tile("wifi", names.wifi, { on: true }),
      tile("rotate", names.rotation, {
        on: phone.display.autoRotate,
        toggle: () => phone.display.setUserRotation(phone.display.autoRotate ? phone.display.rotation : "free"),
      }),
    ]),
    kit.row({ gap }, [
      tile("moon", names.dark, { on: dark, toggle: () => void phone.settings.put("secure", "ui_night_mode", dark ? "1" : "2") }),
      tile("battery", `${names.battery} ${phone.battery.state.level}%`, { on: false }),
    ]),
  ]);
}

function brightness(phone: Phone, kit: Kit): View {
  const bar = new SeekBar({
    id: "slider",
    weight: 1,
    width: 0,
    height: kit.dp(36),
    accent: kit.theme.accent,
    track: kit.theme.tinted,
    value: phone.settings.getInt("system", "screen_brightness", 102) / 255,
    onChange: (value) => void phone.settings.put("system", "screen_brightness", String(Math.round(value * 255))),
  });
  return kit.row({ gap: kit.dp(6) }, [kit.icon("sun", { iconSize: 20, color: kit.theme.secondary }), bar]);
}

function notifications(phone: Phone, kit: Kit): View[] {
  const text = systemText(phone.language);
  const all = phone.shade.notifications;
  if (!all.length)
    return [
      kit.text(text.noNotifications, 14, { color: kit.theme.secondary, width: "match", align: "center", padding: kit.dp(12) }),
    ];
  const cards = all.slice(0, 5).map((notification) => {
    const open = (): void => {
      phone.shade.set("closed");
      phone.shade.cancel(notification.key);
      const component = phone.packages.launcherActivity(notification.package);
      if (component)
        phone.activities.start({ action: "android.intent.action.MAIN", component: `${component.package}/${component.activity}` });
    };
    return kit.column({ background: kit.theme.raised, radius: kit.dp(16), padding: kit.dp(14), gap: kit.dp(3), onClick: open }, [
      kit.text(phone.packages.get(notification.package)?.label ?? notification.package, 12, { color: kit.theme.secondary }),
      kit.text(notification.title, 15, { bold: true, maxLines: 1, id: "android:id/title" }),
      kit.text(notification.text, 14, { color: kit.theme.secondary, maxLines: 2, id: "android:id/text" }),
    ]);
  });
  return [...cards, kit.textButton(text.clearAll, { gravity: "end", id: "dismiss_text", onClick: () => phone.shade.cancel() })];
}
