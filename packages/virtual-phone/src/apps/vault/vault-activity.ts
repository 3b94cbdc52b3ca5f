/** An app that forbids capture: pictures of it are black, its hierarchy and touches work. */
import type { Language } from "../../models/model.js";
import { DataKey } from "../../phone/app-data.js";
import type { Kit } from "../../views/kit.js";
import type { View } from "../../views/view.js";
import { AppActivity } from "../activity.js";
import { appBar } from "../app-bar.js";
import { VAULT } from "../manifests.js";

export const VAULT_TEXT: Readonly<Record<Language, Record<"title" | "hint" | "add" | "why", string>>> = {
  en: { title: "Vault", hint: "A secret", add: "Keep it", why: "Screens of this app cannot be captured." },
  zh: { title: "保险箱", hint: "一个秘密", add: "保存", why: "此应用的屏幕禁止截取。" },
  fr: { title: "Coffre", hint: "Un secret", add: "Garder", why: "Les écrans de cette application ne peuvent pas être capturés." },
  de: { title: "Tresor", hint: "Ein Geheimnis", add: "Behalten", why: "Bildschirme dieser App können nicht aufgenommen werden." },
};

const VAULT_DATA = new DataKey(VAULT, () => ({ secrets: [] as string[] }));

export class VaultActivity extends AppActivity {
  override build(kit: Kit): View {
    const text = VAULT_TEXT[this.language];
    const { secrets } = this.phone.data.get(VAULT_DATA);
    const box = { background: kit.theme.raised, radius: kit.dp(14), padding: kit.dp(16) };
    const field = kit.field({ id: "secret", hint: text.hint, password: true, maxLength: 200, ...box });
    const keep = (): void => {
      if (!field.text) return;
      secrets.unshift(field.text);
      secrets.length = Math.min(secrets.length, 50);
      field.text = "";
      this.context.rebuild();
    };
    const rows = secrets.map((secret) => kit.text("•".repeat(secret.length), 18, { ...box, width: "match", id: "kept" }));
    const padding = { left: kit.dp(16), right: kit.dp(16), top: kit.dp(4), bottom: kit.dp(16) };
    const list = kit.column({ padding, gap: kit.dp(12) }, [
      kit.text(text.why, 15, { color: kit.theme.secondary, width: "match", id: "why" }),
      field,
      kit.filledButton(text.add, { id: "keep", gravity: "end", onClick: keep }),
      ...rows,
    ]);
    return kit.column({ height: "match" }, [appBar(kit, { title: text.title }), kit.scroll({ weight: 1, height: 0 }, list)]);
  }
}
