/** Which class draws which activity, and what system_server must know of it beforehand. */
import type { ActivityTraits } from "../phone/activity-record.js";
import { type Component, longComponent } from "../phone/intent.js";
import { GRANT_ACTIVITY, PERMISSION_CONTROLLER } from "../phone/permission-requests.js";
import type { ActivityFactory } from "./activity.js";
import { BazaarActivity } from "./bazaar/main-activity.js";
import { PostActivity } from "./bazaar/post-activity.js";
import { ProductActivity } from "./bazaar/product-activity.js";
import { GameActivity } from "./blocks/game-activity.js";
import { ForeignActivity } from "./foreign-activity.js";
import { HtmlViewerActivity } from "./html-viewer/html-viewer-activity.js";
import { HomeActivity } from "./launcher/home-activity.js";
import { BAZAAR, BLOCKS, HTML_VIEWER, LAUNCHER, NOTES, SETTINGS, VAULT } from "./manifests.js";
import { NoteEditActivity } from "./notes/edit-activity.js";
import { NotesActivity } from "./notes/main-activity.js";
import { GrantPermissionsActivity } from "./permissions/grant-activity.js";
import { AboutPage, AppsPage, BatteryPage, DeveloperPage, DisplayPage, LanguagePage, SoundPage } from "./settings/pages.js";
import { SettingsActivity } from "./settings/settings-activity.js";
import { VaultActivity } from "./vault/vault-activity.js";

const TRAITS: ReadonlyMap<string, ActivityTraits> = new Map<string, ActivityTraits>([
  [`${PERMISSION_CONTROLLER}/${GRANT_ACTIVITY}`, { translucent: true, excludeFromRecents: true }],
  [`${BLOCKS}/${BLOCKS}.GameActivity`, { orientation: "portrait", runsUnseen: true }],
  [`${VAULT}/${VAULT}.MainActivity`, { secure: true }],
]);

const NONE: ActivityTraits = {};

export function stockTraits(component: Component): ActivityTraits {
  return TRAITS.get(longComponent(component)) ?? NONE;
}

const settingsPage = (name: string): string => `${SETTINGS}/com.android.settings.Settings$${name}`;

const FACTORIES: ReadonlyMap<string, ActivityFactory> = new Map<string, ActivityFactory>([
  [`${LAUNCHER}/${LAUNCHER}.HomeActivity`, HomeActivity],
  [`${SETTINGS}/com.android.settings.Settings`, SettingsActivity],
  [settingsPage("DisplaySettingsActivity"), DisplayPage],
  [settingsPage("SoundSettingsActivity"), SoundPage],
  [settingsPage("PowerUsageSummaryActivity"), BatteryPage],
  [settingsPage("ManageApplicationsActivity"), AppsPage],
  [settingsPage("LocalePickerActivity"), LanguagePage],
  [settingsPage("MyDeviceInfoActivity"), AboutPage],
  [settingsPage("DevelopmentSettingsDashboardActivity"), DeveloperPage],
  [`${PERMISSION_CONTROLLER}/${GRANT_ACTIVITY}`, GrantPermissionsActivity],
  [`${HTML_VIEWER}/${HTML_VIEWER}.HTMLViewerActivity`, HtmlViewerActivity],
  [`${NOTES}/${NOTES}.MainActivity`, NotesActivity],
  [`${NOTES}/${NOTES}.EditActivity`, NoteEditActivity],
  [`${BLOCKS}/${BLOCKS}.GameActivity`, GameActivity],
  [`${VAULT}/${VAULT}.MainActivity`, VaultActivity],
  [`${BAZAAR}/${BAZAAR}.MainActivity`, BazaarActivity],
  [`${BAZAAR}/${BAZAAR}.PostActivity`, PostActivity],
  [`${BAZAAR}/${BAZAAR}.ProductActivity`, ProductActivity],
]);

/** The class of a stock app's activity; for a real APK's, one that shows its name. */
export function activityFactory(component: Component): ActivityFactory {
  return FACTORIES.get(longComponent(component)) ?? ForeignActivity;
}
