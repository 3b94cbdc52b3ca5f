/** The strings of the stock apps as their APKs carry them: by entry name, in all languages. The apps draw with the same tables. */
import { LANGUAGES, type Language } from "../models/model.js";
import { SYSTEM_TEXT, type SystemText } from "../phone/system-text.js";
import { BAZAAR_TEXT, POSTS, PRODUCTS } from "./bazaar/content.js";
import { BLOCKS_TEXT } from "./blocks/game-activity.js";
import { BAZAAR, BLOCKS, LAUNCHER, NOTES, SETTINGS, STOCK_MANIFESTS, VAULT } from "./manifests.js";
import { NOTES_TEXT } from "./notes/store.js";
import { SETTINGS_TEXT } from "./settings/text.js";
import { VAULT_TEXT } from "./vault/vault-activity.js";

/** By entry name, then by language, "" for English, which is also the default. */
export type NamedStrings = Readonly<Record<string, Readonly<Record<string, string>>>>;
type Texts = Readonly<Record<Language, object>>;

/** `newNote` becomes `new_note`, as Android names its entries. */
function entryName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Sentences with holes get Android's placeholders. */
function asText(value: unknown): string | undefined {
  return typeof value === "function" ? String(value("%1$s", "%2$s")) : typeof value === "string" ? value : undefined;
}

function named(texts: Texts, wanted?: readonly (keyof SystemText)[]): NamedStrings {
  const keys = wanted ?? Object.keys(texts.en);
  return Object.fromEntries(
    keys.flatMap((key) => {
      const byLanguage = LANGUAGES.flatMap((language) => {
        const text = asText(Reflect.get(texts[language], key));
        return text === undefined ? [] : [[language === "en" ? "" : language, text] as const];
      });
      return byLanguage.length === 0 ? [] : [[entryName(key), Object.fromEntries(byLanguage)] as const];
    }),
  );
}

/** One text for each of many things: `post_1`, `post_2` … */
function listed(prefix: string, texts: readonly Readonly<Record<Language, string>>[]): NamedStrings {
  return Object.fromEntries(
    texts.map(({ en, ...others }, index): [string, Record<string, string>] => [`${prefix}_${index + 1}`, { "": en, ...others }]),
  );
}

const STRINGS: Readonly<Record<string, () => NamedStrings>> = {
  [NOTES]: () => named(NOTES_TEXT),
  [SETTINGS]: () => named(SETTINGS_TEXT),
  [BLOCKS]: () => named(BLOCKS_TEXT),
  [VAULT]: () => named(VAULT_TEXT),
  [BAZAAR]: () => ({
    ...named(BAZAAR_TEXT),
    ...listed(
      "post",
      POSTS.map(({ text }) => text),
    ),
    ...listed(
      "product",
      PRODUCTS.map(({ name }) => name),
    ),
  }),
  [LAUNCHER]: () =>
    Object.fromEntries(
      STOCK_MANIFESTS.map(({ package: name, label }) => [`label_${name.replaceAll(".", "_")}`, { ...label, "": label.en }]),
    ),
  "com.android.permissioncontroller": () => ({
    ...named(SYSTEM_TEXT, ["allow", "dontAllow", "permissionQuestion"]),
    ...Object.fromEntries(
      Object.keys(SYSTEM_TEXT.en.permissions).map((name) => [
        `permission_${name.toLowerCase()}`,
        Object.fromEntries(
          LANGUAGES.map((language) => [language === "en" ? "" : language, SYSTEM_TEXT[language].permissions[name] ?? ""]),
        ),
      ]),
    ),
  }),
  "com.android.systemui": () =>
    named(SYSTEM_TEXT, [
      "usbTitle",
      "usbMessage",
      "usbAllow",
      "usbAlways",
      "usbCancel",
      "swipeToUnlock",
      "enterPin",
      "wrongPin",
      "noNotifications",
      "clearAll",
      "noRecents",
      "labPhone",
    ]),
  android: () => named(SYSTEM_TEXT, ["closeApp", "wait", "stopped", "notResponding"]),
};

/** Empty for packages that show nothing of their own. */
export function stockStrings(packageName: string): NamedStrings {
  return Object.hasOwn(STRINGS, packageName) ? (STRINGS[packageName]?.() ?? {}) : {};
}
