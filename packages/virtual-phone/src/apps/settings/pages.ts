/** The pages behind Settings' first one. What they switch is the phone's true state. */
import { MAX_VOLUME } from "../../phone/sound.js";
import type { Kit } from "../../views/kit.js";
import type { View } from "../../views/view.js";
import { AppActivity } from "../activity.js";
import { appBar } from "../app-bar.js";
import { labelOf } from "../labels.js";
import { card, radioRow, row, seekRow, switchRow } from "./rows.js";
import { type SettingsText, settingsText } from "./text.js";

export const LANGUAGES = [
  { locale: "en-US", name: "English" },
  { locale: "zh-CN", name: "简体中文" },
  { locale: "fr-FR", name: "Français" },
  { locale: "de-DE", name: "Deutsch" },
] as const;

abstract class SettingsPage extends AppActivity {
  protected abstract title(text: SettingsText): string;
  protected abstract rows(kit: Kit, text: SettingsText): View[];

  override build(kit: Kit): View {
    const text = settingsText(this.language);
    const list = kit.column({ padding: { bottom: kit.dp(24) } }, this.rows(kit, text));
    return kit.column({ height: "match" }, [
      appBar(kit, { title: this.title(text), onBack: () => this.finish() }),
      kit.scroll({ weight: 1, height: 0, id: "recycler_view", className: "androidx.recyclerview.widget.RecyclerView" }, list),
    ]);
  }
}

export class DisplayPage extends SettingsPage {
  protected override title(text: SettingsText): string {
    return text.display;
  }
  protected override rows(kit: Kit, text: SettingsText): View[] {
    const { settings, display } = this.phone;
    const brightness = settings.getInt("system", "screen_brightness", 102) / 255;
    const setBrightness = (value: number): void =>
      void settings.put("system", "screen_brightness", String(Math.round(value * 255)));
    const setDark = (dark: boolean): void => void settings.put("secure", "ui_night_mode", dark ? "2" : "1");
    const setRotate = (free: boolean): void => display.setUserRotation(free ? "free" : display.rotation);
    return [
      seekRow(kit, { title: text.brightness, value: brightness, onChange: setBrightness }),
      switchRow(kit, { title: text.darkTheme, checked: settings.get("secure", "ui_night_mode") === "2", onChange: setDark }),
      switchRow(kit, { title: text.autoRotate, checked: display.autoRotate, onChange: setRotate }),
    ];
  }
}

export class SoundPage extends SettingsPage {
  protected override title(text: SettingsText): string {
    return text.sound;
  }
  protected override rows(kit: Kit, text: SettingsText): View[] {
    const { sound } = this.phone;
    return [
      seekRow(kit, {
        title: text.mediaVolume,
        value: sound.volume / MAX_VOLUME,
        onChange: (value) => sound.setVolume(value * MAX_VOLUME),
      }),
    ];
  }
}

export class BatteryPage extends SettingsPage {
  protected override title(text: SettingsText): string {
    return text.battery;
  }
  protected override rows(kit: Kit, text: SettingsText): View[] {
    const { battery } = this.phone;
    return [
      card(kit, `${battery.state.level}%`, battery.charging ? text.charging : text.notCharging),
      row(kit, { title: text.temperature, summary: `${(battery.state.temperature / 10).toFixed(1)} °C` }),
    ];
  }
}

export class AppsPage extends SettingsPage {
  protected override title(text: SettingsText): string {
    return text.apps;
  }
  protected override rows(kit: Kit, text: SettingsText): View[] {
    const { packages } = this.phone;
    const apps = packages.list().filter((info) => packages.launcherActivity(info.package));
    return apps.map((info) => {
      const summary = `${info.package} · ${packages.isEnabled(info) ? text.enabled : text.disabled}`;
      return row(kit, { title: labelOf(this.phone, info.package), summary });
    });
  }
  override onPackagesChanged(): void {
    this.context.rebuild();
  }
}

export class LanguagePage extends SettingsPage {
  protected override title(text: SettingsText): string {
    return text.language;
  }
  protected override rows(kit: Kit): View[] {
    return LANGUAGES.map(({ locale, name }) => {
      const checked = locale.startsWith(this.language);
      return radioRow(kit, {
        title: name,
        summary: locale,
        checked,
        onSelect: () => this.phone.properties.put("persist.sys.locale", locale),
      });
    });
  }
}

export class AboutPage extends SettingsPage {
  protected override title(text: SettingsText): string {
    return text.about;
  }
  protected override rows(kit: Kit, text: SettingsText): View[] {
    const { model, display, serial, properties } = this.phone;
    const { width, height, density } = display.physical;
    return [
      card(kit, text.virtualTitle, text.virtualText),
      row(kit, { title: text.model, summary: model.name }),
      row(kit, { title: text.androidVersion, summary: model.release }),
      row(kit, { title: text.apiLevel, summary: String(model.sdk) }),
      row(kit, { title: text.securityPatch, summary: model.securityPatch }),
      row(kit, { title: text.build, summary: properties.get("ro.build.display.id") }),
      row(kit, { title: text.serial, summary: serial }),
      row(kit, { title: text.screen, summary: `${width} × ${height}, ${density} dpi` }),
    ];
  }
}

export class DeveloperPage extends SettingsPage {
  protected override title(text: SettingsText): string {
    return text.developer;
  }
  protected override rows(kit: Kit, text: SettingsText): View[] {
    const { settings, power } = this.phone;
    const put =
      (key: string) =>
      (on: boolean): void =>
        void settings.put("global", key, on ? "1" : "0");
    const animated = settings.get("global", "window_animation_scale") !== "0";
    return [
      switchRow(kit, {
        title: text.usbDebugging,
        checked: settings.get("global", "adb_enabled") === "1",
        onChange: put("adb_enabled"),
      }),
      switchRow(kit, { title: text.stayAwake, checked: power.stayOn, onChange: (on) => power.setStayOn(on) }),
      switchRow(kit, {
        title: text.showTouches,
        checked: settings.get("system", "show_touches") === "1",
        onChange: (on) => void settings.put("system", "show_touches", on ? "1" : "0"),
      }),
      switchRow(kit, { title: text.animations, checked: animated, onChange: put("window_animation_scale") }),
    ];
  }
}
