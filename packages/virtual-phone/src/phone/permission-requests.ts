/** An app asks for a runtime permission: the permission controller's activity shows, its answer comes back here. */
import { longComponent } from "./intent.js";
import type { Phone } from "./phone.js";

export const PERMISSION_CONTROLLER = "com.android.permissioncontroller";
export const GRANT_ACTIVITY = "com.android.permissioncontroller.permission.ui.GrantPermissionsActivity";

export class PermissionRequests {
  readonly #phone: Phone;
  readonly #waiting = new Map<number, (granted: boolean) => void>();

  constructor(phone: Phone) {
    this.#phone = phone;
    phone.activities.destroyed.add(({ token }) => this.#settle(token, false));
  }

  /** Shows the dialog unless it is granted already. Resolves false when denied, dismissed or not requested in the manifest. */
  async ask(packageName: string, permission: string): Promise<boolean> {
    const { packages, activities } = this.#phone;
    const info = packages.get(packageName);
    if (info?.granted.has(permission)) return true;
    if (!info?.permissions.includes(permission)) return false;
    const component = longComponent({ package: PERMISSION_CONTROLLER, activity: GRANT_ACTIVITY });
    const extras = { package: packageName, permission };
    const started = activities.startOver(packageName, {
      component,
      extras,
      action: "android.content.pm.action.REQUEST_PERMISSIONS",
    });
    if (started === null) return false;
    return new Promise((resolve) => this.#waiting.set(started.token, resolve));
  }

  /** The person chose. Grants, ends the dialog, then tells the app. */
  answer(token: number, choice: { readonly package: string; readonly permission: string; readonly granted: boolean }): void {
    if (choice.granted) this.#phone.packages.grant(choice.package, choice.permission);
    const resolve = this.#waiting.get(token);
    this.#waiting.delete(token);
    this.#phone.activities.finish(token);
    resolve?.(choice.granted);
  }

  #settle(token: number, granted: boolean): void {
    const resolve = this.#waiting.get(token);
    this.#waiting.delete(token);
    resolve?.(granted);
  }
}
