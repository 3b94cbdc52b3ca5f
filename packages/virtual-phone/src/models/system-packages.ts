/** The packages of a fresh phone: the platform's own and the stock apps. Made once per model and shared. */
import { createHash } from "node:crypto";
import { buildApk } from "@phonerack/apk";
import { STOCK_MANIFESTS, type StockManifest, stockLabels } from "../apps/manifests.js";
import { stockStrings } from "../apps/strings.js";
import type { PackageInfo } from "../phone/packages.js";
import { languageOf, type Model } from "./model.js";
import { type StockSigner, sampleKey, signerDigest } from "./signers.js";

/** Packages without windows of ours: name, folder, uid. */
const PLATFORM: readonly (readonly [name: string, path: string, uid: number, label: string])[] = [
  ["android", "/system/framework/framework-res.apk", 1000, "Android System"],
  ["com.android.systemui", "/system_ext/priv-app/SystemUI", 10_060, "System UI"],
  ["com.android.shell", "/system/priv-app/Shell", 2000, "Shell"],
  ["com.android.inputmethod.latin", "/product/app/LatinIME", 10_062, "Android Keyboard (AOSP)"],
  ["com.android.providers.settings", "/system/priv-app/SettingsProvider", 1000, "Settings Storage"],
  ["com.android.providers.media", "/system/priv-app/MediaProvider", 10_050, "Media Storage"],
  ["com.android.providers.downloads", "/system/priv-app/DownloadProvider", 10_051, "Download Manager"],
  ["com.android.providers.contacts", "/system/priv-app/ContactsProvider", 10_052, "Contacts Storage"],
  ["com.android.packageinstaller", "/system/priv-app/PackageInstaller", 10_053, "Package installer"],
  ["com.android.documentsui", "/system/priv-app/DocumentsUI", 10_054, "Files"],
  ["com.android.externalstorage", "/system/priv-app/ExternalStorageProvider", 10_055, "External Storage"],
  ["com.android.bluetooth", "/system/app/Bluetooth", 1002, "Bluetooth"],
  ["com.android.phone", "/system/priv-app/TeleService", 1001, "Phone Services"],
  ["com.android.webview", "/product/app/webview", 10_056, "Android System WebView"],
  ["com.android.certinstaller", "/system/app/CertInstaller", 10_057, "Certificate Installer"],
  ["com.android.keychain", "/system/app/KeyChain", 1000, "Key Chain"],
  ["com.android.location.fused", "/system/priv-app/FusedLocation", 1000, "Fused Location"],
  ["com.android.proxyhandler", "/system/priv-app/ProxyHandler", 10_059, "ProxyHandler"],
  ["com.android.wallpaper.livepicker", "/product/app/LiveWallpapersPicker", 10_063, "Live Wallpaper Picker"],
];

const cache = new Map<string, ReadonlyMap<string, PackageInfo>>();

export function systemPackages(model: Model): ReadonlyMap<string, PackageInfo> {
  let packages = cache.get(model.id);
  if (!packages) {
    const time = Date.UTC(2009, 0, 1);
    const platform = PLATFORM.map(([name, path, uid, label]) => platformPackage(model, { name, path, uid, label }, time));
    const stock = STOCK_MANIFESTS.map((manifest) => stockPackage(model, manifest, time));
    packages = new Map([...platform, ...stock].map((info) => [info.package, info]));
    cache.set(model.id, packages);
  }
  return packages;
}

/**
 * The bytes of each stock APK by its path, made when they are first read and then the same for all phones of the model: a thousand phones
 * whose APKs nobody reads cost nothing.
 */
export function systemApks(model: Model): ReadonlyMap<string, () => Uint8Array> {
  let apks = apkCache.get(model.id);
  if (!apks) {
    apks = new Map(
      [...systemPackages(model).values()].flatMap((info) => info.apkPaths.map((path) => [path, madeOnce(() => stockApk(info))])),
    );
    apkCache.set(model.id, apks);
  }
  return apks;
}

const apkCache = new Map<string, ReadonlyMap<string, () => Uint8Array>>();

function madeOnce<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function stockApk(info: PackageInfo): Buffer {
  const { versionCode, versionName, minSdk, targetSdk, permissions, activities } = info;
  const labels = stockLabels(info.package);
  return buildApk(
    {
      package: info.package,
      versionCode,
      versionName,
      minSdk,
      targetSdk,
      permissions,
      activities,
      label: labels?.en ?? info.label,
      ...(labels ? { labels: { zh: labels.zh, fr: labels.fr, de: labels.de } } : {}),
      strings: stockStrings(info.package),
      schemes: [2, 3],
    },
    sampleKey(signerOf(info.package)),
  );
}

function signerOf(packageName: string): StockSigner {
  return STOCK_MANIFESTS.find((manifest) => manifest.package === packageName)?.signedBy ?? "phonerack platform";
}

function platformPackage(
  model: Model,
  entry: { name: string; path: string; uid: number; label: string },
  time: number,
): PackageInfo {
  const { name, path, uid, label } = entry;
  const apk = path.endsWith(".apk") ? path : `${path}/${path.slice(path.lastIndexOf("/") + 1)}.apk`;
  return {
    ...frame(model, time),
    package: name,
    label,
    uid,
    versionCode: model.sdk,
    versionName: model.release,
    codePath: path,
    apkPaths: [apk],
    signer: signerDigest("phonerack platform"),
    activities: [],
    permissions: [],
    granted: new Set(),
    system: true,
    installer: null,
  };
}

function stockPackage(model: Model, manifest: StockManifest, time: number): PackageInfo {
  const path =
    manifest.systemPath ??
    `/data/app/${model.sdk >= 30 ? `~~${tail(manifest.package, "a")}==/` : ""}${manifest.package}-${tail(manifest.package, "b")}==`;
  const apk = manifest.systemPath ? `${path}/${path.slice(path.lastIndexOf("/") + 1)}.apk` : `${path}/base.apk`;
  const platformLike = manifest.signedBy === "phonerack platform";
  return {
    ...frame(model, manifest.systemPath ? time : Date.UTC(2026, 0, 15, 8, 30)),
    package: manifest.package,
    label: manifest.label[languageOf(model.locale)],
    uid: manifest.uid,
    versionCode: platformLike ? model.sdk : manifest.versionCode,
    versionName: platformLike ? model.release : manifest.versionName,
    codePath: path,
    apkPaths: [apk],
    signer: signerDigest(manifest.signedBy),
    activities: manifest.activities,
    permissions: manifest.permissions,
    granted: new Set(manifest.granted),
    system: manifest.systemPath !== undefined,
    installer: null,
  };
}

function frame(model: Model, time: number) {
  return {
    minSdk: 23,
    targetSdk: model.sdk,
    debuggable: false,
    size: 4_194_304,
    enabled: "default",
    installed: true,
    lastDisabledCaller: null,
    firstInstallTime: time,
    lastUpdateTime: time,
    stopped: false,
  } as const;
}

function tail(packageName: string, salt: string): string {
  return createHash("sha256").update(`${packageName}:${salt}`).digest("base64url").slice(0, 22);
}
