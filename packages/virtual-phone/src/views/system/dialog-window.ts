/** Draws a system dialog: a card in the middle, or a whole screen for what nobody may overlook. */
import type { SystemDialog } from "../../phone/dialogs.js";
import { withAlpha } from "../../screen/geometry.js";
import type { Kit } from "../kit.js";
import type { View } from "../view.js";

export function dialogWindow(dialog: SystemDialog, kit: Kit, press: (button: string) => void): View {
  const texts: View[] = [];
  if (dialog.full) texts.push(kit.icon("bug", { color: kit.theme.accent, iconSize: 52, margin: { bottom: kit.dp(10) } }));
  texts.push(kit.text(dialog.title, dialog.full ? 24 : 19, { bold: true, width: "match", id: "android:id/alertTitle" }));
  if (dialog.message)
    texts.push(kit.text(dialog.message, 15, { color: kit.theme.secondary, width: "match", id: "android:id/message" }));
  if (dialog.detail) {
    const looks = { background: kit.theme.raised, radius: kit.dp(12), padding: kit.dp(14) };
    texts.push(kit.text(dialog.detail, 15.5, { ...looks, bold: true, width: "match", id: "fingerprint" }));
  }
  const buttons = dialog.buttons.map(({ id, label }, index) => {
    const options = { id: `android:id/button${index + 1}`, width: "match", onClick: () => press(id) } as const;
    if (!dialog.full) return kit.textButton(label, options);
    if (id === "allow") return kit.filledButton(label, options);
    return id === "always" ? kit.tonalButton(label, options) : kit.textButton(label, options);
  });
  const gap = kit.dp(12);
  if (dialog.full) {
    return kit.column(
      { height: "match", background: kit.theme.surface, padding: kit.dp(28), gap, contentVerticalGravity: "center" },
      [...texts, kit.space({ height: kit.dp(8), width: 1 }), ...buttons],
    );
  }
  const margin = { left: kit.dp(28), right: kit.dp(28) };
  const card = kit.column(
    { background: kit.theme.raised, radius: kit.dp(26), padding: kit.dp(22), gap, margin, verticalGravity: "center" },
    [...texts, ...buttons],
  );
  return kit.frame({ width: "match", height: "match", background: withAlpha(0xff000000, 0.5), onClick: () => {} }, [card]);
}
