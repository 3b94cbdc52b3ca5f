/** What the fence would disable on many phones, told by app: nobody reads a thousand lists. */
import type { DeviceId, FencePreview } from "@phonerack/contract/api";

export interface FencedApp {
  readonly package: string;
  /** As people read it; the package where no phone tells it. */
  readonly label: string;
  readonly devices: readonly DeviceId[];
}

export interface FenceSummary {
  /** Those on most phones first. */
  readonly apps: readonly FencedApp[];
  /** Phones that no operator has enrolled: somebody must agree. */
  readonly ask: readonly DeviceId[];
}

export function summarise(previews: readonly FencePreview[]): FenceSummary {
  const apps = new Map<string, { label: string | null; devices: DeviceId[] }>();
  for (const { deviceId, packages } of previews) {
    for (const each of packages) {
      const app = apps.get(each.package) ?? { label: null, devices: [] };
      app.label ??= each.label;
      app.devices.push(deviceId);
      apps.set(each.package, app);
    }
  }
  return {
    apps: [...apps]
      .map(([name, { label, devices }]) => ({ package: name, label: label ?? name, devices }))
      .sort((a, b) => b.devices.length - a.devices.length || a.label.localeCompare(b.label)),
    ask: previews.filter(({ ask, packages }) => ask && packages.length > 0).map(({ deviceId }) => deviceId),
  };
}
