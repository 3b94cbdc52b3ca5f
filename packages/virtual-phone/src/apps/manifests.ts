/**
 * The manifests of the stock apps: what PackageManager knows of them. Their windows are in the folders beside; this file draws
 * nothing, so that a phone nobody looks at loads no app.
 */

import type { ActivityInfo, IntentFilter } from "@phonerack/apk";
import type { Language } from "../models/model.js";
import type { StockSigner } from "../models/signers.js";
import { ACTION, CATEGORY } from "../phone/intent.js";

export interface StockManifest {
  readonly package: string;
  readonly label: Readonly<Record<Language, string>>;
  readonly uid: number;
  readonly versionCode: number;
  readonly versionName: string;
  /** Who signed it: each name is one key. */
  readonly signedBy: StockSigner;
  readonly systemPath?: string;
  readonly permissions: readonly string[];
  readonly granted: readonly string[];
  readonly activities: readonly ActivityInfo[];
}

const LAUNCHER_FILTER: IntentFilter = { actions: [ACTION.main], categories: [CATEGORY.launcher, CATEGORY.default] };

function activity(name: string, filters: readonly IntentFilter[] = [], exported = filters.length > 0): ActivityInfo {
  return { name, exported, filters };
}

function page(name: string, action: string): ActivityInfo {
  return activity(`com.android.settings.Settings$${name}`, [{ actions: [action], categories: [CATEGORY.default] }]);
}

export const LAUNCHER = "dev.phonerack.launcher";
export const SETTINGS = "com.android.settings";
export const HTML_VIEWER = "com.android.htmlviewer";
export const NOTES = "dev.phonerack.notes";
export const BLOCKS = "dev.phonerack.blocks";
export const VAULT = "dev.phonerack.vault";
export const BAZAAR = "com.example.bazaar";
const PERMISSION_CONTROLLER = "com.android.permissioncontroller";
const INTERNET = "android.permission.INTERNET";
const NOTIFY = "android.permission.POST_NOTIFICATIONS";

export const STOCK_MANIFESTS: readonly StockManifest[] = [
  {
    package: LAUNCHER,
    label: { en: "Launcher", zh: "桌面", fr: "Accueil", de: "Startbildschirm" },
    uid: 10_061,
    versionCode: 12,
    versionName: "1.2",
    signedBy: "phonerack platform",
    systemPath: "/system/priv-app/PhonerackLauncher",
    permissions: [],
    granted: [],
    activities: [
      activity(`${LAUNCHER}.HomeActivity`, [
        { actions: [ACTION.main], categories: [CATEGORY.home, CATEGORY.default, "android.intent.category.MONKEY"] },
      ]),
    ],
  },
  {
    package: SETTINGS,
    label: { en: "Settings", zh: "设置", fr: "Paramètres", de: "Einstellungen" },
    uid: 1000,
    versionCode: 35,
    versionName: "15",
    signedBy: "phonerack platform",
    systemPath: "/system_ext/priv-app/Settings",
    permissions: ["android.permission.WRITE_SETTINGS", "android.permission.WRITE_SECURE_SETTINGS"],
    granted: ["android.permission.WRITE_SETTINGS", "android.permission.WRITE_SECURE_SETTINGS"],
    activities: [
      activity("com.android.settings.Settings", [
        LAUNCHER_FILTER,
        { actions: ["android.settings.SETTINGS"], categories: [CATEGORY.default] },
      ]),
      page("DisplaySettingsActivity", "android.settings.DISPLAY_SETTINGS"),
      page("LocalePickerActivity", "android.settings.LOCALE_SETTINGS"),
      page("MyDeviceInfoActivity", "android.settings.DEVICE_INFO_SETTINGS"),
      page("DevelopmentSettingsDashboardActivity", "android.settings.APPLICATION_DEVELOPMENT_SETTINGS"),
      page("SoundSettingsActivity", "android.settings.SOUND_SETTINGS"),
      page("PowerUsageSummaryActivity", "android.intent.action.POWER_USAGE_SUMMARY"),
      page("ManageApplicationsActivity", "android.settings.MANAGE_APPLICATIONS_SETTINGS"),
    ],
  },
  {
    package: PERMISSION_CONTROLLER,
    label: { en: "Permission controller", zh: "权限控制器", fr: "Contrôleur d'autorisations", de: "Berechtigungsverwaltung" },
    uid: 10_058,
    versionCode: 35,
    versionName: "15",
    signedBy: "phonerack platform",
    systemPath: "/system/priv-app/PermissionController",
    permissions: [],
    granted: [],
    activities: [activity("com.android.permissioncontroller.permission.ui.GrantPermissionsActivity")],
  },
  {
    package: HTML_VIEWER,
    label: { en: "HTML Viewer", zh: "HTML 查看程序", fr: "Visionneuse HTML", de: "HTML-Anzeige" },
    uid: 10_064,
    versionCode: 35,
    versionName: "15",
    signedBy: "phonerack platform",
    systemPath: "/system/app/HTMLViewer",
    permissions: [],
    granted: [],
    activities: [
      activity(`${HTML_VIEWER}.HTMLViewerActivity`, [
        {
          actions: [ACTION.view],
          categories: [CATEGORY.default],
          schemes: ["content", "file"],
          mimeTypes: ["text/html", "text/plain"],
        },
      ]),
    ],
  },
  {
    package: NOTES,
    label: { en: "Notes", zh: "便签", fr: "Notes", de: "Notizen" },
    uid: 10_101,
    versionCode: 3,
    versionName: "1.3",
    signedBy: "phonerack samples",
    permissions: [NOTIFY, "android.permission.CAMERA"],
    granted: [],
    activities: [
      activity(`${NOTES}.MainActivity`, [LAUNCHER_FILTER]),
      activity(`${NOTES}.EditActivity`, [
        { actions: [ACTION.view], categories: [CATEGORY.default, CATEGORY.browsable], schemes: ["notes"] },
        { actions: [ACTION.send], categories: [CATEGORY.default], mimeTypes: ["text/plain"] },
      ]),
    ],
  },
  {
    package: BLOCKS,
    label: { en: "Blocks", zh: "方块", fr: "Blocs", de: "Blöcke" },
    uid: 10_102,
    versionCode: 7,
    versionName: "2.1",
    signedBy: "phonerack samples",
    permissions: [INTERNET],
    granted: [INTERNET],
    activities: [activity(`${BLOCKS}.GameActivity`, [LAUNCHER_FILTER])],
  },
  {
    package: VAULT,
    label: { en: "Vault", zh: "保险箱", fr: "Coffre", de: "Tresor" },
    uid: 10_103,
    versionCode: 1,
    versionName: "1.0",
    signedBy: "phonerack samples",
    permissions: [],
    granted: [],
    activities: [activity(`${VAULT}.MainActivity`, [LAUNCHER_FILTER])],
  },
  {
    package: BAZAAR,
    label: { en: "Bazaar", zh: "集市", fr: "Bazar", de: "Basar" },
    uid: 10_104,
    versionCode: 418,
    versionName: "4.18.0",
    signedBy: "bazaar inc",
    permissions: [INTERNET, NOTIFY, "android.permission.ACCESS_FINE_LOCATION"],
    granted: [INTERNET],
    activities: [
      activity(`${BAZAAR}.MainActivity`, [LAUNCHER_FILTER]),
      activity(`${BAZAAR}.PostActivity`, [
        {
          actions: [ACTION.view],
          categories: [CATEGORY.default, CATEGORY.browsable],
          schemes: ["https", "bazaar"],
          hosts: ["bazaar.example", "post"],
        },
      ]),
      activity(`${BAZAAR}.ProductActivity`, [
        { actions: [ACTION.view], categories: [CATEGORY.default, CATEGORY.browsable], schemes: ["bazaar"], hosts: ["product"] },
      ]),
    ],
  },
];

/** The label of a stock app in a language; undefined for other packages. */
export function stockLabel(packageName: string, language: Language): string | undefined {
  return stockLabels(packageName)?.[language];
}

/** The label of a stock app in all languages; undefined for other packages. */
export function stockLabels(packageName: string): StockManifest["label"] | undefined {
  return STOCK_MANIFESTS.find((manifest) => manifest.package === packageName)?.label;
}
