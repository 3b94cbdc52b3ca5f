import type { ApkFacts } from "@phonerack/apk";
import { describe, expect, it } from "vitest";
import { modelById } from "../models/models.js";
import { ManualClock } from "./clock.js";
import { Phone } from "./phone.js";

const FACTS: ApkFacts = {
  package: "org.sample.app",
  versionCode: 5,
  versionName: "1.5",
  minSdk: 24,
  targetSdk: 34,
  label: "Sample",
  debuggable: false,
  permissions: ["android.permission.CAMERA", "android.permission.INTERNET"],
  activities: [
    {
      name: "org.sample.app.Main",
      exported: true,
      filters: [{ actions: ["android.intent.action.MAIN"], categories: ["android.intent.category.LAUNCHER"] }],
    },
  ],
  signer: "5a".repeat(32),
  size: 1000,
  splits: ["config.en"],
};

function phone(id = "v3"): Phone {
  const model = modelById(id);
  if (!model) throw new Error(`no model ${id}`);
  return new Phone({ model, serial: "PKG", clock: new ManualClock() });
}

describe("installing", () => {
  it("gives a uid of its own, paths for base and splits, and grants only install-time permissions", () => {
    const p = phone();
    const result = p.packages.install(FACTS);
    if (!result.ok) throw new Error(result.message);
    expect(result.info.uid).toBeGreaterThanOrEqual(10_100);
    expect(p.packages.list().filter(({ uid }) => uid === result.info.uid)).toHaveLength(1);
    expect(result.info.apkPaths[0]).toMatch(/^\/data\/app\/~~.{22}==\/org\.sample\.app-.{22}==\/base\.apk$/);
    expect(result.info.apkPaths[1]).toMatch(/split_config\.en\.apk$/);
    expect([...result.info.granted]).toEqual(["android.permission.INTERNET"]);
    expect(p.packages.launcherActivity("org.sample.app")).toEqual({ package: "org.sample.app", activity: "org.sample.app.Main" });
  });

  it("refuses what PackageManager refuses, by its codes", () => {
    const p = phone("v1");
    expect(p.packages.install({ ...FACTS, minSdk: 30 })).toMatchObject({ ok: false, code: "INSTALL_FAILED_OLDER_SDK" });
    p.packages.install(FACTS);
    expect(p.packages.install({ ...FACTS, signer: "07".repeat(32) })).toMatchObject({
      code: "INSTALL_FAILED_UPDATE_INCOMPATIBLE",
    });
    expect(p.packages.install({ ...FACTS, versionCode: 4 })).toMatchObject({ code: "INSTALL_FAILED_VERSION_DOWNGRADE" });
    expect(p.packages.install(FACTS, { replace: false })).toMatchObject({ code: "INSTALL_FAILED_ALREADY_EXISTS" });
    expect(p.packages.install({ ...FACTS, versionCode: 4 }, { downgrade: true })).toMatchObject({ ok: true });
  });

  it("keeps uid and first install time over an update, and -g grants all", () => {
    const p = phone();
    const first = p.packages.install(FACTS);
    const second = p.packages.install({ ...FACTS, versionCode: 6 }, { grantAll: true });
    if (!first.ok || !second.ok) throw new Error("not installed");
    expect(second.info.uid).toBe(first.info.uid);
    expect(second.info.firstInstallTime).toBe(first.info.firstInstallTime);
    expect(second.info.granted.has("android.permission.CAMERA")).toBe(true);
  });

  it("shows the app's icon on the home screen, and takes it away with it", () => {
    const p = phone();
    const shown = (): boolean => JSON.stringify(p.hierarchy()).includes('"Sample"');
    expect(shown()).toBe(false);
    p.packages.install(FACTS);
    expect(shown()).toBe(true);
    expect(p.packages.uninstall("org.sample.app")).toBeNull();
    expect(shown()).toBe(false);
  });
});

describe("a system package", () => {
  it("can only be hidden for the user, and comes back when installed again", () => {
    const p = phone();
    expect(p.packages.uninstall("com.android.documentsui")).toBe("DELETE_FAILED_INTERNAL_ERROR");
    expect(p.packages.uninstall("com.android.documentsui", { user0: true })).toBeNull();
    expect(p.packages.get("com.android.documentsui")).toBeUndefined();
    expect(p.packages.getHidden("com.android.documentsui")?.installed).toBe(false);
  });
});

describe("an app that came with the phone", () => {
  it("can be uninstalled for good, and its name is free then", () => {
    const p = phone();
    p.activities.start({ component: "dev.phonerack.notes/.MainActivity" });
    expect(p.packages.uninstall("dev.phonerack.notes")).toBeNull();
    expect(p.packages.getHidden("dev.phonerack.notes")).toBeUndefined();
    expect(p.packages.list().some((info) => info.package === "dev.phonerack.notes")).toBe(false);
    expect(p.foreground?.component.package).toBe("dev.phonerack.launcher");
    expect(p.packages.install({ ...FACTS, package: "dev.phonerack.notes" }).ok).toBe(true);
    expect(p.packages.get("dev.phonerack.notes")?.label).toBe("Sample");
  });
});

describe("permissions", () => {
  it("are granted and revoked only when asked for in the manifest and dangerous", () => {
    const p = phone();
    p.packages.install(FACTS);
    expect(p.packages.grant("org.sample.app", "android.permission.CAMERA")).toBe("ok");
    expect(p.packages.get("org.sample.app")?.granted.has("android.permission.CAMERA")).toBe(true);
    expect(p.packages.revoke("org.sample.app", "android.permission.CAMERA")).toBe("ok");
    expect(p.packages.grant("org.sample.app", "android.permission.INTERNET")).toBe("not-runtime");
    expect(p.packages.grant("org.sample.app", "android.permission.READ_SMS")).toBe("not-requested");
    expect(p.packages.grant("no.such", "android.permission.CAMERA")).toBe("no-package");
  });
});

describe("one phone's changes", () => {
  it("do not reach another phone of the same model", () => {
    const [a, b] = [phone(), phone()];
    a.packages.setEnabled("com.example.bazaar", "disabled-user");
    a.packages.install(FACTS);
    expect(b.packages.get("com.example.bazaar")?.enabled).toBe("default");
    expect(b.packages.get("org.sample.app")).toBeUndefined();
  });
});
