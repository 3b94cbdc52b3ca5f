/** The dialog in which a person allows or denies a runtime permission. */
import { systemText } from "../../phone/system-text.js";
import { withAlpha } from "../../screen/geometry.js";
import type { IconName } from "../../screen/icons.js";
import type { Kit } from "../../views/kit.js";
import type { View } from "../../views/view.js";
import { AppActivity } from "../activity.js";
import { labelOf } from "../labels.js";

const ICONS: Readonly<Record<string, IconName>> = { POST_NOTIFICATIONS: "bell", CAMERA: "camera", ACCESS_FINE_LOCATION: "globe" };

export class GrantPermissionsActivity extends AppActivity {
  override get surface(): number {
    return withAlpha(0xff000000, 0.5);
  }
  override get darkBars(): boolean {
    return false;
  }

  override build(kit: Kit): View {
    const { package: name, permission } = this.#asked;
    const text = systemText(this.language);
    const short = permission.slice(permission.lastIndexOf(".") + 1);
    const what = text.permissions[short] ?? short.toLowerCase().replaceAll("_", " ");
    const answer = (granted: boolean): void =>
      this.phone.permissionRequests.answer(this.context.token, { package: name, permission, granted });
    const button = { width: "match" } as const;
    const allowId = "com.android.permissioncontroller:id/permission_allow_button";
    const denyId = "com.android.permissioncontroller:id/permission_deny_button";
    const margin = { left: kit.dp(24), right: kit.dp(24) };
    const card = {
      background: kit.theme.raised,
      radius: kit.dp(28),
      padding: kit.dp(24),
      margin,
      verticalGravity: "center",
    } as const;
    return kit.frame({ width: "match", height: "match" }, [
      kit.column({ ...card, contentGravity: "center", gap: kit.dp(14), id: "grant_dialog", onClick: () => {} }, [
        kit.icon(ICONS[short] ?? "lock", { color: kit.theme.accent, iconSize: 30 }),
        kit.text(text.permissionQuestion(labelOf(this.phone, name), what), 19, {
          align: "center",
          width: "match",
          id: "permission_message",
        }),
        kit.tonalButton(text.allow, { ...button, id: allowId, margin: { top: kit.dp(8) }, onClick: () => answer(true) }),
        kit.tonalButton(text.dontAllow, { ...button, id: denyId, onClick: () => answer(false) }),
      ]),
    ]);
  }

  get #asked(): { package: string; permission: string } {
    const extras = this.intent.extras ?? {};
    return { package: String(extras.package ?? ""), permission: String(extras.permission ?? "") };
  }
}
