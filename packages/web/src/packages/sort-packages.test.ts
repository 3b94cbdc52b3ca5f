import type { InstalledPackage } from "@phonerack/contract/api";
import { describe, expect, test } from "vitest";
import { sortPackages } from "./sort-packages.js";

function samplePackage(name: string, change: Partial<InstalledPackage> = {}): InstalledPackage {
  return {
    package: `com.example.${name}`,
    label: null,
    versionName: "1",
    versionCode: 1,
    system: false,
    enabled: true,
    fenced: false,
    running: false,
    standing: "other",
    ...change,
  };
}

const all = [
  samplePackage("zebra"),
  samplePackage("settings", { system: true, standing: "system" }),
  samplePackage("ours", { standing: "owned", system: true, label: "Our Notes" }),
  samplePackage("apple", { running: true }),
  samplePackage("allowed", { standing: "permitted" }),
  samplePackage("vendor", { system: true }),
];
const names = (filter: { text?: string; system?: boolean }) =>
  sortPackages(all, { text: "", system: false, ...filter }).map((each) => each.package.split(".").at(-1));

describe("the apps on a phone", () => {
  test("show one's own first, then what runs, and those of the system only when wished", () => {
    expect(names({})).toEqual(["ours", "allowed", "apple", "zebra"]);
    expect(names({ system: true })).toEqual(["ours", "allowed", "apple", "vendor", "zebra", "settings"]);
  });

  test("are found by all words of their label or package, in any case", () => {
    expect(names({ text: "NOTES our" })).toEqual(["ours"]);
    expect(names({ text: "example ple" })).toEqual(["ours", "allowed", "apple", "zebra"]);
    expect(names({ text: "settings" })).toEqual([]);
  });
});
