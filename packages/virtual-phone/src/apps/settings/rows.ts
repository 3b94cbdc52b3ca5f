/** The rows that all pages of Settings are made of. */
import { rgb } from "../../screen/geometry.js";
import type { IconName } from "../../screen/icons.js";
import type { Kit } from "../../views/kit.js";
import { RadioButton, SeekBar } from "../../views/switches.js";
import type { View } from "../../views/view.js";

export interface RowOptions {
  readonly title: string;
  readonly summary?: string;
  readonly icon?: IconName;
  /** 0xRRGGBB behind the icon. */
  readonly tint?: number;
  readonly onClick?: () => void;
  readonly end?: View;
}

export function row(kit: Kit, options: RowOptions): View {
  const texts = [
    kit.text(options.title, 17, { maxLines: 2, id: "android:id/title" }),
    ...(options.summary
      ? [kit.text(options.summary, 14, { color: kit.theme.secondary, maxLines: 2, id: "android:id/summary" })]
      : []),
  ];
  const side = kit.dp(38);
  const icon = options.icon
    ? [
        kit.icon(options.icon, {
          iconSize: 21,
          color: 0xffffffff,
          background: rgb(options.tint ?? 0x6b7785),
          radius: side / 2,
          width: side,
          height: side,
          id: "android:id/icon",
        }),
      ]
    : [];
  const padding = { left: kit.dp(20), right: kit.dp(20), top: kit.dp(13), bottom: kit.dp(13) };
  const click = options.onClick ? { onClick: options.onClick } : {};
  return kit.row({ padding, gap: kit.dp(16), minHeight: kit.dp(64), ...click }, [
    ...icon,
    kit.column({ weight: 1, width: 0, gap: kit.dp(2) }, texts),
    ...(options.end ? [options.end] : []),
  ]);
}

export function switchRow(
  kit: Kit,
  options: RowOptions & { readonly checked: boolean; readonly onChange: (checked: boolean) => void },
): View {
  const toggle = kit.toggle(options.checked, {
    id: "android:id/switch_widget",
    onChange: options.onChange,
    description: options.title,
  });
  return row(kit, { ...options, end: toggle, onClick: () => toggle.toggle() });
}

export function radioRow(kit: Kit, options: RowOptions & { readonly checked: boolean; readonly onSelect: () => void }): View {
  const { accent, outline } = kit.theme;
  const radio = new RadioButton({
    size: kit.dp(24),
    accent,
    outline,
    checked: options.checked,
    onChange: options.onSelect,
    description: options.title,
  });
  return row(kit, { ...options, end: radio, onClick: options.onSelect });
}

export function seekRow(
  kit: Kit,
  options: { readonly title: string; readonly value: number; readonly onChange: (value: number) => void },
): View {
  const { accent, tinted } = kit.theme;
  const bar = new SeekBar({
    id: "seekbar",
    height: kit.dp(40),
    width: "match",
    accent,
    track: tinted,
    value: options.value,
    onChange: options.onChange,
  });
  const padding = { left: kit.dp(20), right: kit.dp(20), top: kit.dp(13), bottom: kit.dp(10) };
  return kit.column({ padding, gap: kit.dp(4) }, [kit.text(options.title, 17, { id: "android:id/title" }), bar]);
}

export function card(kit: Kit, title: string, text: string): View {
  const margin = { left: kit.dp(16), right: kit.dp(16), top: kit.dp(6), bottom: kit.dp(10) };
  return kit.column(
    { background: kit.theme.tinted, radius: kit.dp(20), padding: kit.dp(18), margin, gap: kit.dp(6), id: "card" },
    [
      kit.text(title, 18, { bold: true, color: kit.theme.onTinted, width: "match" }),
      kit.text(text, 15, { color: kit.theme.onTinted, width: "match" }),
    ],
  );
}
