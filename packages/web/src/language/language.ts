/** The console's language. English now; another one is another file beside `en.ts` and a line here. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en.js";
import { shown } from "./shown.js";

export async function startLanguage(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: en } },
    // React escapes for HTML already.
    interpolation: { escape: shown },
  });
  document.documentElement.lang = i18next.language;
}
