/** The settings tables of a fresh phone. Made once per model and shared. */
import { STOCK_IME } from "../phone/ime.js";
import type { SettingsTable } from "../phone/settings.js";
import type { Model } from "./model.js";

export type SettingsDefaults = Readonly<Record<SettingsTable, ReadonlyMap<string, string>>>;

const cache = new Map<string, SettingsDefaults>();

export function defaultSettings(model: Model): SettingsDefaults {
  let defaults = cache.get(model.id);
  if (!defaults) {
    defaults = { system: systemTable(model), secure: secureTable(model), global: new Map(Object.entries(GLOBAL)) };
    cache.set(model.id, defaults);
  }
  return defaults;
}

function systemTable(model: Model): ReadonlyMap<string, string> {
  return new Map(
    Object.entries({
      accelerometer_rotation: "0",
      user_rotation: "0",
      screen_brightness: "102",
      screen_brightness_mode: "0",
      screen_off_timeout: "1800000",
      font_scale: "1.0",
      haptic_feedback_enabled: "1",
      sound_effects_enabled: "1",
      volume_music: "8",
      volume_ring: "5",
      volume_alarm: "6",
      volume_notification: "5",
      time_12_24: "24",
      pointer_location: "0",
      show_touches: "0",
      system_locales: model.locale,
    }),
  );
}

function secureTable(model: Model): ReadonlyMap<string, string> {
  return new Map(
    Object.entries({
      default_input_method: STOCK_IME,
      enabled_input_methods: STOCK_IME,
      "lockscreen.disabled": "0",
      lock_screen_owner_info: "phonerack test lab device",
      lock_screen_owner_info_enabled: "1",
      location_mode: "0",
      install_non_market_apps: "1",
      accessibility_enabled: "0",
      navigation_mode: model.navigation === "gesture" ? "2" : "0",
      show_ime_with_hard_keyboard: "1",
      ui_night_mode: "1",
      user_setup_complete: "1",
      screensaver_enabled: "0",
    }),
  );
}

const GLOBAL = {
  adb_enabled: "1",
  airplane_mode_on: "0",
  animator_duration_scale: "1.0",
  auto_time: "1",
  auto_time_zone: "1",
  bluetooth_on: "0",
  boot_count: "7",
  development_settings_enabled: "1",
  device_name: "phonerack test lab device",
  device_provisioned: "1",
  mobile_data: "0",
  stay_on_while_plugged_in: "0",
  transition_animation_scale: "1.0",
  usb_mass_storage_enabled: "1",
  verifier_verify_adb_installs: "0",
  wifi_on: "1",
  window_animation_scale: "1.0",
  zen_mode: "0",
};
