/** What an APK says of itself: its manifest, and who signed it. */

export interface IntentFilter {
  readonly actions: readonly string[];
  readonly categories: readonly string[];
  readonly schemes?: readonly string[];
  readonly hosts?: readonly string[];
  readonly mimeTypes?: readonly string[];
}

export interface ActivityInfo {
  /** Full class name. */
  readonly name: string;
  readonly exported: boolean;
  readonly label?: string;
  readonly filters: readonly IntentFilter[];
}

/** A straight-alpha RGBA picture. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** What lets an app act in others, or on the whole phone: a service or receiver that only the system may bind. */
export type Power = "accessibility" | "vpn" | "device-admin" | "keyboard" | "notification-listener";

/** What an APK's manifest and signature say. */
export interface ApkFacts {
  readonly package: string;
  readonly versionCode: number;
  readonly versionName: string;
  readonly minSdk: number;
  readonly targetSdk: number;
  readonly label: string;
  readonly debuggable: boolean;
  readonly permissions: readonly string[];
  readonly activities: readonly ActivityInfo[];
  /** `<instrumentation>` entries: class name and the package it drives. */
  readonly instrumentations?: readonly { readonly name: string; readonly target: string }[];
  readonly powers?: readonly Power[];
  /** `android:sharedUserId`: it runs as one with other packages of its signer. */
  readonly sharedUserId?: string;
  /** SHA-256 of the signing certificate, lower-case hex. */
  readonly signer: string;
  /** The signature scheme by which the signer was verified. */
  readonly signingScheme?: 1 | 2 | 3;
  readonly icon?: Picture;
  /** Bytes of all its APK files. */
  readonly size: number;
  /** The kinds of native code it has, e.g. `arm64-v8a`, sorted; none: it has no native code. */
  readonly abis?: readonly string[];
  /** Names of split APKs, `base` excluded. */
  readonly splits?: readonly string[];
  /** `android:testOnly`: the shell may take an admin's power from it. */
  readonly testOnly?: boolean;
}
