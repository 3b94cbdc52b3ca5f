/** Reads one APK: manifest, label, icon, signer. Whether it may be installed is install-sessions.ts's and the package list's. */

import { ApkError, noCertificates } from "./apk-error.js";
import { attribute, childrenNamed, parseBinaryXml, type XmlElement } from "./binary-xml.js";
import { VALUE } from "./chunks.js";
import type { ActivityInfo, ApkFacts, IntentFilter, Picture, Power } from "./facts.js";
import { decodePng } from "./png.js";
import { Resources, type Wanted } from "./resources.js";
import { readSigner, type Signer } from "./signer.js";
import { type ByteRange, openZip, readEntry, type Zip } from "./zip.js";

/** Numbers of android.R.attr, for manifests whose names a tool has stripped. */
const ATTR = {
  label: 0x01010001,
  icon: 0x01010002,
  name: 0x01010003,
  permission: 0x01010006,
  sharedUserId: 0x0101000b,
  exported: 0x01010010,
  debuggable: 0x0101000f,
  targetPackage: 0x01010021,
  scheme: 0x01010027,
  host: 0x01010028,
  mimeType: 0x01010026,
  minSdkVersion: 0x0101020c,
  versionCode: 0x0101021b,
  versionName: 0x0101021c,
  targetSdkVersion: 0x01010270,
  testOnly: 0x01010272,
  targetActivity: 0x01010202,
} as const;

export interface Apk {
  readonly facts: ApkFacts;
  /** `<manifest split="…">`; null for a base APK. */
  readonly split: string | null;
  readonly testOnly: boolean;
  readonly scheme: 1 | 2 | 3;
  readonly signer: Signer;
}

/** Apps for Android 11 and later are not installed with a v1 signature alone. */
const V1_ENDS_AT_SDK = 30;

/** @param wanted the language of the label and the density of the icon. @throws ApkError */
export async function readApk(bytes: ByteRange, wanted: Wanted): Promise<Apk> {
  const zip = await openZip(bytes);
  const manifestBytes = await readEntry(zip, "AndroidManifest.xml");
  if (!manifestBytes) throw new ApkError("INSTALL_PARSE_FAILED_NOT_APK", "AndroidManifest.xml");
  const manifest = parseBinaryXml(manifestBytes);
  if (manifest.name !== "manifest") throw new ApkError("INSTALL_PARSE_FAILED_MANIFEST_MALFORMED", "No <manifest> tag");
  const signer = await readSigner(zip);
  const look = new Lookup(await tableOf(zip), wanted);
  const application = childrenNamed(manifest, "application")[0];
  const split = attribute(manifest, "split")?.text ?? null;
  const facts = manifestFacts(manifest, application, look);
  if (signer.scheme === 1 && facts.targetSdk >= V1_ENDS_AT_SDK)
    throw noCertificates(
      `stripped: for Android 11 and later (target ${facts.targetSdk}) it needs a v2 signature, and there is none`,
    );
  const icon = split === null && application ? await readIcon(zip, application, look) : undefined;
  const abis = abisOf(zip);
  const testOnly = application ? look.boolean(application, "testOnly") : false;
  return {
    facts: { ...facts, signer: signer.digest, size: bytes.size, ...(icon ? { icon } : {}), ...(abis.length > 0 && { abis }) },
    split,
    testOnly,
    scheme: signer.scheme,
    signer,
  };
}

/** By the folders of its libraries, as Android finds them. */
function abisOf(zip: Zip): string[] {
  const found = [...zip.entries.keys()].flatMap((name) => /^lib\/([\w-]+)\/[^/]+\.so$/.exec(name)?.[1] ?? []);
  return [...new Set(found)].sort();
}

async function tableOf(zip: Zip): Promise<Resources | undefined> {
  const bytes = await readEntry(zip, "resources.arsc", 64 * 1024 * 1024);
  return bytes && new Resources(bytes);
}

/** Attribute values, references followed. */
class Lookup {
  readonly #resources: Resources | undefined;
  readonly wanted: Wanted;

  constructor(resources: Resources | undefined, wanted: Wanted) {
    this.#resources = resources;
    this.wanted = wanted;
  }

  text(element: XmlElement, name: keyof typeof ATTR): string | undefined {
    const found = attribute(element, name, ATTR[name]);
    if (found?.type === VALUE.reference) return this.#resources?.text(found.data, this.wanted);
    return found?.text ?? (found && found.type >= VALUE.integer && found.type <= VALUE.hex ? String(found.data) : undefined);
  }

  integer(element: XmlElement | undefined, name: keyof typeof ATTR, otherwise: number): number {
    const found = element && attribute(element, name, ATTR[name]);
    const value = found?.type === VALUE.reference ? this.#resources?.value(found.data, this.wanted) : found;
    if (value && value.type >= VALUE.integer && value.type <= VALUE.hex) return value.data;
    return found?.text !== undefined && /^\d+$/.test(found.text) ? Number(found.text) : otherwise;
  }

  boolean(element: XmlElement, name: keyof typeof ATTR): boolean {
    const found = attribute(element, name, ATTR[name]);
    return found?.type === VALUE.boolean ? found.data !== 0 : found?.text === "true";
  }

  /** A drawable: its file inside the APK at the best density this can decode, or a color. */
  drawable(id: number): { path: string } | { color: number } | undefined {
    const value = this.#resources?.value(id, this.wanted);
    if (value && value.type >= VALUE.colorFirst && value.type <= VALUE.colorLast) return { color: value.data };
    const path = this.#resources?.text(id, this.wanted);
    return path === undefined ? undefined : { path };
  }
  files(id: number): string[] {
    return this.#resources?.texts(id) ?? [];
  }
}

/** As Android takes them, and of a length with which the lab's messages are bounded. */
const PACKAGE_NAME = /^[A-Za-z]\w*(\.[A-Za-z]\w*)+$/;
const PACKAGE_NAME_MAX = 200;

function requirePackageName(name: string): void {
  if (name.length <= PACKAGE_NAME_MAX && PACKAGE_NAME.test(name)) return;
  const said = JSON.stringify(name.slice(0, 60)).replace(/[^\x20-\x7e]/gu, "?");
  const words = name === "" ? "must have at least one '.' separator" : `bad package name ${said}`;
  throw new ApkError("INSTALL_PARSE_FAILED_BAD_PACKAGE_NAME", `Invalid manifest package: ${words}`);
}

function manifestFacts(
  manifest: XmlElement,
  application: XmlElement | undefined,
  look: Lookup,
): Omit<ApkFacts, "signer" | "size"> {
  const packageName = attribute(manifest, "package")?.text ?? "";
  // The framework's own resources are the one package whose name may go without a dot.
  if (packageName !== "android") requirePackageName(packageName);
  const sdk = childrenNamed(manifest, "uses-sdk")[0];
  const minSdk = look.integer(sdk, "minSdkVersion", 1);
  const names = (element: XmlElement, child: string): string[] =>
    childrenNamed(element, child).flatMap((one) => look.text(one, "name") ?? []);
  const instrumentations = childrenNamed(manifest, "instrumentation").map((one) => ({
    name: fullName(look.text(one, "name") ?? "", packageName),
    target: look.text(one, "targetPackage") ?? packageName,
  }));
  for (const { target } of instrumentations) if (target !== "android") requirePackageName(target);
  const powers = application ? powersOf(application, look) : [];
  const sharedUserId = look.text(manifest, "sharedUserId");
  return {
    package: packageName,
    versionCode: look.integer(manifest, "versionCode", 0),
    versionName: look.text(manifest, "versionName") ?? "null",
    minSdk,
    targetSdk: look.integer(sdk, "targetSdkVersion", minSdk),
    label: (application && look.text(application, "label")) || packageName,
    debuggable: application ? look.boolean(application, "debuggable") : false,
    permissions: [...new Set([...names(manifest, "uses-permission"), ...names(manifest, "uses-permission-sdk-23")])],
    activities: application ? activitiesOf(application, { packageName, look }) : [],
    ...(instrumentations.length > 0 ? { instrumentations } : {}),
    ...(powers.length > 0 ? { powers } : {}),
    ...(sharedUserId === undefined ? {} : { sharedUserId }),
  };
}

function activitiesOf(application: XmlElement, { packageName, look }: { packageName: string; look: Lookup }): ActivityInfo[] {
  return [...childrenNamed(application, "activity"), ...childrenNamed(application, "activity-alias")].map((element) => {
    const filters = childrenNamed(element, "intent-filter").map((filter) => filterOf(filter, look));
    const label = look.text(element, "label");
    const stated = attribute(element, "exported", ATTR.exported);
    return {
      name: fullName(look.text(element, "name") ?? "", packageName),
      // Before Android 12 an activity with filters is exported unless it says otherwise.
      exported: stated ? look.boolean(element, "exported") : filters.length > 0,
      filters,
      ...(label === undefined ? {} : { label }),
    };
  });
}

const POWERS: readonly { power: Power; permission: string; action: string }[] = [
  {
    power: "accessibility",
    permission: "android.permission.BIND_ACCESSIBILITY_SERVICE",
    action: "android.accessibilityservice.AccessibilityService",
  },
  { power: "vpn", permission: "android.permission.BIND_VPN_SERVICE", action: "android.net.VpnService" },
  {
    power: "device-admin",
    permission: "android.permission.BIND_DEVICE_ADMIN",
    action: "android.app.action.DEVICE_ADMIN_ENABLED",
  },
  { power: "keyboard", permission: "android.permission.BIND_INPUT_METHOD", action: "android.view.InputMethod" },
  {
    power: "notification-listener",
    permission: "android.permission.BIND_NOTIFICATION_LISTENER_SERVICE",
    action: "android.service.notification.NotificationListenerService",
  },
];

/** By the permission that guards it or the action that calls it: one of both is enough to suspect it. */
function powersOf(application: XmlElement, look: Lookup): Power[] {
  const parts = [...childrenNamed(application, "service"), ...childrenNamed(application, "receiver")];
  return POWERS.filter(({ permission, action }) =>
    parts.some(
      (part) =>
        look.text(part, "permission") === permission ||
        childrenNamed(part, "intent-filter").some((filter) => filterOf(filter, look).actions.includes(action)),
    ),
  ).map(({ power }) => power);
}

function filterOf(filter: XmlElement, look: Lookup): IntentFilter {
  const names = (child: string, attr: keyof typeof ATTR): string[] =>
    childrenNamed(filter, child).flatMap((one) => look.text(one, attr) ?? []);
  const [schemes, hosts, mimeTypes] = [names("data", "scheme"), names("data", "host"), names("data", "mimeType")];
  return {
    actions: names("action", "name"),
    categories: names("category", "name"),
    ...(schemes.length > 0 ? { schemes } : {}),
    ...(hosts.length > 0 ? { hosts } : {}),
    ...(mimeTypes.length > 0 ? { mimeTypes } : {}),
  };
}

function fullName(name: string, packageName: string): string {
  return name.startsWith(".") ? packageName + name : name.includes(".") ? name : `${packageName}.${name}`;
}

/** The launcher icon where it is a PNG, or an adaptive icon of a PNG over a color; others get the launcher's letter. */
async function readIcon(zip: Zip, application: XmlElement, look: Lookup): Promise<Picture | undefined> {
  const icon = attribute(application, "icon", ATTR.icon);
  if (icon?.type !== VALUE.reference) return undefined;
  const picture = await readPicture(zip, icon.data, look);
  if (picture) return picture;
  const layers = await adaptiveLayers(zip, icon.data, look);
  return layers?.foreground && composed(layers.foreground, layers.background);
}

async function readPicture(zip: Zip, id: number, look: Lookup): Promise<Picture | undefined> {
  const best = look.drawable(id);
  const paths = [...(best && "path" in best ? [best.path] : []), ...look.files(id)].filter((path) => path.endsWith(".png"));
  const bytes = paths[0] && (await readEntry(zip, paths[0], 4 * 1024 * 1024));
  return bytes ? decodePng(bytes) : undefined;
}

async function adaptiveLayers(
  zip: Zip,
  id: number,
  look: Lookup,
): Promise<{ foreground: Picture | undefined; background: number } | undefined> {
  const path = look.files(id).find((file) => file.endsWith(".xml"));
  const bytes = path && (await readEntry(zip, path, 1024 * 1024));
  const root = bytes ? parseBinaryXml(bytes) : undefined;
  if (root?.name !== "adaptive-icon") return undefined;
  const layer = (name: string): number | undefined => {
    const element = childrenNamed(root, name)[0];
    const drawable = element && attribute(element, "drawable", 0x01010199);
    return drawable?.type === VALUE.reference ? drawable.data : undefined;
  };
  const [front, back] = [layer("foreground"), layer("background")];
  const background = back === undefined ? undefined : look.drawable(back);
  return {
    foreground: front === undefined ? undefined : await readPicture(zip, front, look),
    background: background && "color" in background ? background.color : 0xffffffff,
  };
}

/** A foreground on a color (0xAARRGGBB). */
function composed({ width, height, rgba }: Picture, color: number): Picture {
  const result = new Uint8Array(rgba.length);
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = (rgba[i + 3] ?? 0) / 255;
    for (let channel = 0; channel < 3; channel++) {
      const under = (color >>> (16 - channel * 8)) & 0xff;
      result[i + channel] = Math.round((rgba[i + channel] ?? 0) * alpha + under * (1 - alpha));
    }
    result[i + 3] = 255;
  }
  return { width, height, rgba: result };
}
