/** Stands for an activity of an installed APK, whose code cannot run here: its icon, its name, and what was asked of it. */
import { shortComponent } from "../phone/intent.js";
import type { Kit } from "../views/kit.js";
import type { View } from "../views/view.js";
import { AppActivity } from "./activity.js";
import { appIcon } from "./app-icon.js";
import { labelOf } from "./labels.js";

const TEXT = {
  en: "This app's code does not run on a virtual phone. Its install, start, stop and permissions are real.",
  zh: "虚拟手机不会运行此应用的代码。安装、启动、停止和权限都是真实的。",
  fr: "Le code de cette application ne s'exécute pas sur un téléphone virtuel. Installation, démarrage, arrêt et autorisations sont réels.",
  de: "Der Code dieser App läuft nicht auf einem virtuellen Telefon. Installation, Start, Ende und Berechtigungen sind echt.",
} as const;

export class ForeignActivity extends AppActivity {
  override build(kit: Kit): View {
    const { component } = this.context;
    const info = this.phone.packages.get(component.package);
    const secondary = { color: kit.theme.secondary, align: "center", width: "match" } as const;
    const padding = kit.dp(28);
    const data = this.intent.data;
    return kit.column({ height: "match", padding, gap: kit.dp(14), contentGravity: "center", contentVerticalGravity: "center" }, [
      appIcon(this.phone, kit, { package: component.package, size: 84 }),
      kit.text(labelOf(this.phone, component.package), 24, { bold: true, align: "center", width: "match", id: "label" }),
      kit.text(shortComponent(component), 14, { ...secondary, id: "component" }),
      kit.text(`${info?.versionName ?? ""} (${info?.versionCode ?? 0})`, 14, { ...secondary, id: "version" }),
      ...(data ? [kit.text(data, 14, { ...secondary, id: "data" })] : []),
      kit.text(TEXT[this.language], 13, secondary),
    ]);
  }

  protected override onNewIntent(): void {
    this.context.rebuild();
  }
}
