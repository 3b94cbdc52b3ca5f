import { expect, test } from "vitest";
import { type ManifestWords, manifestFindings, reachOf } from "./manifest.js";

const codes = (...files: Partial<ManifestWords>[]) =>
  manifestFindings(files.map((file) => ({ package: "com.acme.shop", ...file }))).map(({ code }) => code);

test("what reaches beyond the app is found, in the base and in splits", () => {
  expect(codes({})).toEqual([]);
  expect(codes({ powers: ["accessibility", "vpn", "device-admin", "keyboard"] })).toEqual([
    "accessibility",
    "vpn",
    "device-admin",
    "keyboard",
  ]);
  expect(codes({}, { powers: ["accessibility"] })).toEqual(["accessibility"]);
});

test("reading notifications alone is no harm, and neither is drawing over others; both together are", () => {
  const overlay = "android.permission.SYSTEM_ALERT_WINDOW";
  expect(codes({ powers: ["notification-listener"] })).toEqual([]);
  expect(codes({ permissions: [overlay] })).toEqual([]);
  expect(codes({ powers: ["notification-listener"] }, { permissions: [overlay] })).toEqual(["overlay-listener"]);
});

test("a test of the app itself is its own, one of another app is not", () => {
  expect(codes({ instrumentations: [{ target: "com.acme.shop" }] })).toEqual([]);
  expect(codes({ instrumentations: [{ target: "com.example.bazaar" }] })).toEqual(["foreign-instrumentation"]);
  const [target, other] = ["com.example.bazaar", "com.example.bank"];
  const found = manifestFindings([
    { package: "com.acme.shop", instrumentations: [{ target }, { target: "com.acme.shop" }] },
    { package: "com.acme.shop", instrumentations: [{ target: other }, { target }] },
  ]);
  expect(found.map(reachOf)).toEqual([`foreign-instrumentation ${target}`, `foreign-instrumentation ${other}`]);
});
