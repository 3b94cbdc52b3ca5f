/** Sees when a leased phone shows the page on which an account is added, by what its agent reports to be in front, and records it once per lease and ten minutes. */
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";

const ONCE_MS = 10 * 60_000;
const MOST_KEPT = 10_000;

/** Packages and, of those that do more than accounts, their activities. */
const SCREENS: readonly (readonly [RegExp, RegExp])[] = [
  [/^com\.android\.settings$/, /AddAccount|ChooseAccount/],
  [/^com\.google\.android\.gms$/, /\.auth\.(?:uiflows\.(?:addaccount|minutemaid)|login)|AddAccount|MinuteMaid/],
  [/^com\.google\.android\.gsf\.login$/, /./],
  [/^android$/, /ChooseAccountType|ChooseTypeAndAccount/],
  [
    /^com\.(?:xiaomi\.account|osp\.app\.signin|samsung\.android\.mobileservice|oppo\.usercenter|heytap\.usercenter|bbk\.account|meizu\.account)$/,
    /./,
  ],
  [/^com\.(?:huawei|hihonor)\.(?:hwid|id)$/, /./],
];

export function isAccountScreen({ package: name, activity }: { package: string; activity: string }): boolean {
  return SCREENS.some(([packages, activities]) => packages.test(name) && activities.test(activity));
}

export interface AccountWatchParts {
  readonly devices: Pick<Devices, "get" | "onChange">;
  readonly record: RecordEvent;
  /** One control records it for all. */
  readonly leads: () => boolean;
  readonly now?: () => number;
}

/** @returns ends it */
export function watchAccounts({ devices, record, leads, now = Date.now }: AccountWatchParts): () => void {
  const seen = new Map<string, number>();
  return devices.onChange((id) => {
    const device = devices.get(id);
    if (!device?.holder || !device.foreground || !isAccountScreen(device.foreground) || !leads()) return;
    const { actor, tenant, lease } = device.holder;
    const key = `${id} ${lease}`;
    if ((seen.get(key) ?? 0) > now() - ONCE_MS) return;
    if (seen.size >= MOST_KEPT) seen.clear();
    seen.set(key, now());
    record({ actor, tenant, kind: "account.screen", subject: id, detail: { package: device.foreground.package } });
  });
}
