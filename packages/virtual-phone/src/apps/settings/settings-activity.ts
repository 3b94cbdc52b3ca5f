/** Settings' first page. */
import type { Kit } from "../../views/kit.js";
import type { View } from "../../views/view.js";
import { AppActivity } from "../activity.js";
import { appBar } from "../app-bar.js";
import { SETTINGS } from "../manifests.js";
import { LANGUAGES } from "./pages.js";
import { row } from "./rows.js";
import { settingsText } from "./text.js";

export class SettingsActivity extends AppActivity {
  override build(kit: Kit): View {
    const text = settingsText(this.language);
    const rows = this.#rows(kit);
    const margin = { left: kit.dp(16), right: kit.dp(16), top: 0, bottom: kit.dp(8) };
    const search = kit.row(
      {
        background: kit.theme.raised,
        radius: kit.dp(24),
        height: kit.dp(48),
        margin,
        padding: { left: kit.dp(16) },
        gap: kit.dp(12),
      },
      [
        kit.icon("search", { iconSize: 20, color: kit.theme.secondary }),
        kit.text(text.search, 16, { color: kit.theme.secondary, id: "search_action_bar_title" }),
      ],
    );
    const list = kit.column({ padding: { bottom: kit.dp(16) } }, [appBar(kit, { title: text.settings }), search, ...rows]);
    return kit.scroll({ id: "main_content", className: "androidx.recyclerview.widget.RecyclerView" }, list);
  }

  #rows(kit: Kit): View[] {
    const text = settingsText(this.language);
    const { battery, model } = this.phone;
    const charge = `${battery.state.level}% · ${battery.charging ? text.charging : text.notCharging}`;
    const language = LANGUAGES.find(({ locale }) => locale.startsWith(this.language))?.name ?? this.phone.locale;
    const open = (page: string) => (): void => this.open({ component: `${SETTINGS}/com.android.settings.Settings$${page}` });
    return [
      row(kit, {
        title: text.display,
        summary: text.displaySummary,
        icon: "sun",
        tint: 0xe8963a,
        onClick: open("DisplaySettingsActivity"),
      }),
      row(kit, {
        title: text.sound,
        summary: text.soundSummary,
        icon: "volume",
        tint: 0x3f8f6b,
        onClick: open("SoundSettingsActivity"),
      }),
      row(kit, {
        title: text.battery,
        summary: charge,
        icon: "charging",
        tint: 0x4a9e4a,
        onClick: open("PowerUsageSummaryActivity"),
      }),
      row(kit, {
        title: text.apps,
        summary: text.appsSummary,
        icon: "package",
        tint: 0x7a5fc9,
        onClick: open("ManageApplicationsActivity"),
      }),
      row(kit, { title: text.language, summary: language, icon: "globe", tint: 0x2f86c4, onClick: open("LocalePickerActivity") }),
      row(kit, { title: text.about, summary: model.name, icon: "phone", tint: 0x5f6b78, onClick: open("MyDeviceInfoActivity") }),
      row(kit, {
        title: text.developer,
        summary: text.developerSummary,
        icon: "bug",
        tint: 0xb5526b,
        onClick: open("DevelopmentSettingsDashboardActivity"),
      }),
    ];
  }
}
