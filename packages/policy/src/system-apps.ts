/**
 * The parts of Android that nobody owns and everybody must use: settings, the dialogs for permissions, installing and choosing, system UI,
 * keyboards. Home screens are known by their role, whatever they are called. Not on the list, because a person's accounts, money or public
 * words are made there: browsers, stores, mail, dialler, messages, camera, contacts, Google Play services, VPN dialogs.
 */
import type { SystemApp } from "./apps.js";

const SETTINGS = [
  "com.android.settings",
  "com.android.settings.intelligence",
  "com.google.android.settings.intelligence",
  "com.android.tv.settings",
  "com.samsung.android.settings.intelligence",
  "com.miui.securitycenter",
  "com.coloros.safecenter",
  "com.oplus.safecenter",
  "com.huawei.systemmanager",
  "com.hihonor.systemmanager",
];

const SYSTEM_UI = [
  "android",
  "com.android.systemui",
  "com.android.keyguard",
  "com.android.shell",
  "com.android.wallpaper.livepicker",
  "com.android.wallpapercropper",
];

/** Home screens by name too: recents stay theirs when somebody sets another home. */
const HOMES = [
  "com.miui.home",
  "com.google.android.apps.nexuslauncher",
  "com.android.launcher3",
  "com.android.quickstep",
  "com.sec.android.app.launcher",
  "com.huawei.android.launcher",
  "com.hihonor.android.launcher",
  "com.oppo.launcher",
  "com.bbk.launcher2",
  "net.oneplus.launcher",
];

/** Permission, installer, chooser and picker dialogs. */
const DIALOGS = [
  "com.android.permissioncontroller",
  "com.google.android.permissioncontroller",
  "com.lbe.security.miui",
  "com.android.packageinstaller",
  "com.google.android.packageinstaller",
  "com.samsung.android.permissioncontroller",
  "com.samsung.android.packageinstaller",
  "com.miui.packageinstaller",
  "com.android.intentresolver",
  "com.google.android.intentresolver",
  "com.android.documentsui",
  "com.google.android.documentsui",
  "com.android.providers.media.module",
  "com.google.android.providers.media.module",
  "com.google.android.photopicker",
  "com.android.certinstaller",
  "com.android.keychain",
  "com.android.printspooler",
];

const KEYBOARDS = [
  "com.android.inputmethod.latin",
  "com.google.android.inputmethod.latin",
  "com.google.android.inputmethod.pinyin",
  "com.google.android.inputmethod.japanese",
  "com.google.android.inputmethod.korean",
  "com.samsung.android.honeyboard",
  "com.sec.android.inputmethod",
  "com.sohu.inputmethod.sogou.xiaomi",
  "com.baidu.input_mi",
  "com.iflytek.inputmethod.miui",
  "com.baidu.input_huawei",
  "com.sohu.inputmethod.sogouoem",
  "com.baidu.input_oppo",
  "com.baidu.input_vivo",
  "com.touchtype.swiftkey",
];

/** What may be used by everybody, each only as the image's maker signed it. */
export const SYSTEM_APPS: readonly SystemApp[] = [...SETTINGS, ...SYSTEM_UI, ...HOMES, ...DIALOGS, ...KEYBOARDS].map((name) => ({
  package: name,
  signers: ["image"],
}));
