import { DeviceSettings, LocaleTag, TimeZone } from "@phonerack/contract/api";
import { describe, expect, test } from "vitest";
import { FONT_SCALES, localeChoices, PLACE_NAMES, PLACES, placeAt, zoneChoices } from "./choices.js";

describe("what a phone's settings can be set to", () => {
  test("is all taken by the API", () => {
    for (const { value } of localeChoices(null)) expect(LocaleTag.safeParse(value).success, value).toBe(true);
    for (const zone of zoneChoices(null)) expect(TimeZone.safeParse(zone).success, zone).toBe(true);
    for (const fontScale of FONT_SCALES) expect(DeviceSettings.safeParse({ fontScale }).success).toBe(true);
    for (const name of PLACE_NAMES) expect(DeviceSettings.safeParse({ location: PLACES[name] }).success, name).toBe(true);
  });

  test("has what the phone has now, once", () => {
    const values = (now: string) => localeChoices(now).filter(({ value }) => value === now).length;
    expect(values("de-DE")).toBe(1);
    expect(values("gsw-CH")).toBe(1);
    expect(zoneChoices("Moon/Tycho")[0]).toBe("Moon/Tycho");
  });

  test("names each language in itself", () => {
    const label = (tag: string) => localeChoices(null).find(({ value }) => value === tag)?.label;
    expect(label("de-DE")).toMatch(/^Deutsch/);
    expect(label("zh-Hans-CN")).toMatch(/中文/);
  });

  test("knows cities again, and places that are none", () => {
    expect(placeAt(null)).toBe("own");
    expect(placeAt(PLACES.paris)).toBe("paris");
    expect(placeAt({ latitude: 0, longitude: 0 })).toBe("other");
  });
});
