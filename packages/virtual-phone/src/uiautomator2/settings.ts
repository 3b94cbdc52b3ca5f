/** The server's settings (its model/settings) with their defaults. A few are obeyed, the others are kept and told. */
import type { Body } from "./body.js";

export type SettingValue = string | number | boolean;

const DEFAULTS: Readonly<Record<string, SettingValue>> = {
  actionAcknowledgmentTimeout: 3000,
  allowInvisibleElements: false,
  alwaysTraversableViewClasses: "",
  currentDisplayId: 0,
  deferAccessibilityCacheReset: false,
  disableIdLocatorAutocompletion: false,
  elementResponseAttributes: "name,text",
  enableMultiWindows: false,
  enableNotificationListener: true,
  enableTopmostWindowFromActivePackage: false,
  enforceXPath1: false,
  ignoreUnimportantViews: false,
  includeA11yActionsInPageSource: false,
  includeExtraRenderingInfo: false,
  includeExtrasInPageSource: false,
  keyInjectionDelay: 0,
  limitXPathContextScope: true,
  mapTestTagToResourceId: false,
  mjpegBilinearFiltering: false,
  mjpegScalingFactor: 50,
  mjpegServerFramerate: 10,
  mjpegServerPort: 7810,
  mjpegServerScreenshotQuality: 50,
  normalizeTagNames: false,
  scrollAcknowledgmentTimeout: 200,
  serverPort: 6790,
  shouldUseCompactResponses: true,
  shutdownOnPowerDisconnect: true,
  simpleBoundsCalculation: false,
  snapshotMaxDepth: 70,
  trackScrollEvents: true,
  useResourcesForOrientationDetection: false,
  waitForIdleTimeout: 10_000,
  waitForSelectorTimeout: 10_000,
  wakeLockTimeout: 86_400_000,
};

export class ServerSettings {
  readonly #values: Record<string, SettingValue> = { ...DEFAULTS };

  all(): Readonly<Record<string, SettingValue>> {
    return this.#values;
  }

  on(name: "enableMultiWindows" | "disableIdLocatorAutocompletion" | "limitXPathContextScope"): boolean {
    return this.#values[name] === true;
  }

  /** What is unknown or of another type is left out, as the server does. */
  update(wanted: Body): void {
    for (const [name, value] of Object.entries(wanted)) {
      if (Object.hasOwn(DEFAULTS, name) && typeof value === typeof DEFAULTS[name]) this.#values[name] = value as SettingValue;
    }
  }
}
