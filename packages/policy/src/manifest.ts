/** What an app's manifest asks for that reaches beyond the app itself: pure over what the APK says. Who may have it nevertheless is decided by people. */

/** What lets an app act in others, or on the whole phone: a service or receiver that only the system may bind. */
export type Power = "accessibility" | "vpn" | "device-admin" | "keyboard" | "notification-listener";

export interface ManifestWords {
  readonly package: string;
  readonly powers?: readonly Power[] | undefined;
  readonly instrumentations?: readonly { readonly target: string }[] | undefined;
  readonly permissions?: readonly string[] | undefined;
}

export interface ManifestFinding {
  readonly code: Exclude<Power, "notification-listener"> | "overlay-listener" | "foreign-instrumentation";
  /** The other app, where it is about one. */
  readonly target?: string;
  readonly words: string;
}

/** What is approved when a finding is: one about an app is about no other. At most 250 characters. */
export function reachOf({ code, target }: { readonly code: string; readonly target?: string | undefined }): string {
  return target === undefined ? code : `${code} ${target}`;
}

const SAID = {
  accessibility: "It has an accessibility service, which can read and press in other apps.",
  vpn: "It has a VPN service, which can redirect the phone's traffic.",
  "device-admin": "It can become a device administrator.",
  keyboard: "It is a keyboard, which can write into other apps.",
} as const;
const OVERLAY = "android.permission.SYSTEM_ALERT_WINDOW";

/** Of all files of a build: a split may declare what its base does not. */
export function manifestFindings(files: readonly ManifestWords[]): ManifestFinding[] {
  const powers = new Set(files.flatMap(({ powers: some = [] }) => some));
  const found: ManifestFinding[] = [...powers].flatMap((power) =>
    power === "notification-listener" ? [] : [{ code: power, words: SAID[power] }],
  );
  if (powers.has("notification-listener") && files.some(({ permissions = [] }) => permissions.includes(OVERLAY)))
    found.push({
      code: "overlay-listener",
      words: "It reads notifications and draws over other apps, and so can act for others unseen.",
    });
  const foreign = files.flatMap(({ package: own, instrumentations = [] }) =>
    instrumentations.flatMap(({ target }) => (target === own ? [] : target)),
  );
  for (const target of new Set(foreign))
    found.push({
      code: "foreign-instrumentation",
      target,
      words: `It instruments another app (${target}), and so can do all that app may.`,
    });
  return found;
}
