import fc from "fast-check";
import { expect, test } from "vitest";
import { type InstalledApp, standingOf, type TenantGrounds } from "./apps.js";
import { SYSTEM_APPS } from "./system-apps.js";

const OURS = "a".repeat(64);
const THEIRS = "b".repeat(64);
const CONTEXT = { deviceId: "d-one", virtual: false, now: 1_000 };
const GROUNDS: TenantGrounds = {
  owned: [
    { id: "a-ours", package: "org.example.ours", signer: OURS },
    { id: "a-demo", package: "dev.phonerack.notes", signer: OURS, only: "virtual" },
  ],
  permits: [{ id: "p-shop", package: "com.example.bazaar", devices: ["d-one"], until: 2_000 }],
};
const app = (change: Partial<InstalledApp>): InstalledApp => ({
  package: "org.example.ours",
  signer: null,
  image: false,
  role: null,
  ...change,
});
const standing = (change: Partial<InstalledApp>, context = {}) =>
  standingOf(app(change), GROUNDS, { ...CONTEXT, ...context }).standing;

test("owns a package by the signer that was proved, and by no other", () => {
  expect(standingOf(app({ signer: OURS }), GROUNDS, CONTEXT)).toMatchObject({ standing: "owned", by: "a-ours" });
  expect(standing({ signer: THEIRS })).toBe("other");
  expect(standing({ signer: null })).toBe("other");
});

test("lets the demo's apps, whose key everybody has, count on phones made of code only", () => {
  const demo = { package: "dev.phonerack.notes", signer: OURS };
  expect(standing(demo, { virtual: true })).toBe("owned");
  expect(standing(demo)).toBe("other");
});

test("takes for system what is on the list and came with the phone, and what the phone uses as home and keyboard", () => {
  expect(standing({ package: "com.android.settings", image: true })).toBe("system");
  expect(standing({ package: "com.android.settings", image: false })).toBe("other");
  expect(standing({ package: "com.vendor.desk", image: true, role: "home" })).toBe("system");
  expect(standing({ package: "com.vendor.desk", image: false, role: "home" })).toBe("other");
  expect(standing({ package: "com.vendor.keys", image: true, role: "keyboard" })).toBe("system");
});

test("takes no app that merely came with the phone for a part of the system", () => {
  for (const name of ["com.android.chrome", "com.android.vending", "com.zhiliaoapp.musically", "com.android.vpndialogs"]) {
    expect(standing({ package: name, image: true })).toBe("other");
  }
});

test("takes an operator's own entry by its signer", () => {
  const system = [{ package: "org.example.keys", signers: [OURS] }];
  expect(standing({ package: "org.example.keys", signer: OURS }, { system })).toBe("system");
  expect(standing({ package: "org.example.keys", signer: THEIRS }, { system })).toBe("other");
});

test("permits a named package on named devices until its time", () => {
  const shop = { package: "com.example.bazaar", signer: THEIRS };
  expect(standingOf(app(shop), GROUNDS, CONTEXT)).toMatchObject({ standing: "permitted", by: "p-shop" });
  expect(standing(shop, { deviceId: "d-two" })).toBe("other");
  expect(standing(shop, { now: 2_000 })).toBe("other");
});

test("names every system app once", () => {
  expect(new Set(SYSTEM_APPS.map((one) => one.package)).size).toBe(SYSTEM_APPS.length);
});

test("without grounds owns and permits nothing, whatever the app says of itself", () => {
  const any = fc.record({
    package: fc.constantFrom("org.example.ours", "com.example.bazaar", "dev.phonerack.notes"),
    signer: fc.constantFrom(null, OURS, THEIRS),
    image: fc.boolean(),
    role: fc.constant(null),
  });
  fc.assert(fc.property(any, (one) => standingOf(one, { owned: [], permits: [] }, CONTEXT).standing === "other"));
});
