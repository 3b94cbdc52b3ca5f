/** Apps with power over the phone (DevicePolicyManager): active admins, one of which may own the device. */
import { type Component, longComponent, parseComponent } from "./intent.js";
import type { Packages } from "./packages.js";

export interface DeviceAdmin {
  readonly component: Component;
  /** A shell may take its power again: its APK says `testOnly`. */
  readonly testOnly: boolean;
  readonly owner: boolean;
}

export type AdminResult = "ok" | "unknown" | "active" | "owned" | "accounts" | "not-test-only";

export class DeviceAdmins {
  readonly #packages: Packages;
  readonly #accounts: () => number;
  readonly #admins = new Map<string, DeviceAdmin>();

  /** @param parts.accounts how many there are: none may be when a device gets its owner. */
  constructor(parts: { packages: Packages; accounts: () => number }) {
    this.#packages = parts.packages;
    this.#accounts = parts.accounts;
  }

  list(): readonly DeviceAdmin[] {
    return [...this.#admins.values()];
  }

  get owner(): DeviceAdmin | undefined {
    return this.list().find(({ owner }) => owner);
  }

  /** Its package cannot be removed, nor its data cleared. */
  guards(packageName: string): boolean {
    return this.list().some(({ component }) => component.package === packageName);
  }

  /** `dpm set-active-admin`, or the switch in Settings. */
  activate(name: string): AdminResult {
    const component = parseComponent(name);
    const info = component && this.#packages.get(component.package);
    if (!component || !info) return "unknown";
    const key = longComponent(component);
    if (this.#admins.has(key)) return "active";
    this.#admins.set(key, { component, testOnly: info.testOnly === true, owner: false });
    return "ok";
  }

  /** `dpm set-device-owner`: only on a phone without accounts and owner. */
  own(name: string): AdminResult {
    if (this.owner) return "owned";
    if (this.#accounts() > 0) return "accounts";
    const result = this.activate(name);
    const component = parseComponent(name);
    if ((result !== "ok" && result !== "active") || !component) return result;
    const key = longComponent(component);
    const admin = this.#admins.get(key);
    if (admin) this.#admins.set(key, { ...admin, owner: true });
    return "ok";
  }

  /** @param byShell the shell may only where the app is test-only; the switch in Settings always. */
  remove(name: string, byShell: boolean): AdminResult {
    const component = parseComponent(name);
    const key = component ? longComponent(component) : "";
    const admin = this.#admins.get(key);
    if (!admin) return "unknown";
    if (byShell && !admin.testOnly) return "not-test-only";
    this.#admins.delete(key);
    return "ok";
  }
}
