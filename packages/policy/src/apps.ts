/**
 * What an app is to the tenant that holds the phone: owned, system, permitted or other. Pure: what the phone says of the app and what the
 * tenant has proved go in, the standing and what it rests on come out.
 */

/** How an app stands to a tenant; every rule about apps asks for nothing else. */
export type Standing = "owned" | "system" | "permitted" | "other";

/** An installed app, as read from the phone itself. */
export interface InstalledApp {
  readonly package: string;
  /** SHA-256 of its signing certificate, lower-case hex; null when it could not be read. */
  readonly signer: string | null;
  /** It came with the phone's system image (Android lets nothing else carry its name afterwards). */
  readonly image: boolean;
  /** It is signed as the package `android` is: with the phone's platform key. */
  readonly platform: boolean;
}

export interface TenantGrounds {
  readonly owned: readonly { readonly id: string; readonly package: string; readonly signer: string }[];
  readonly permits: readonly {
    readonly id: string;
    readonly package: string;
    readonly devices: readonly string[];
    /** Milliseconds since the Unix epoch. */
    readonly until: number;
  }[];
}

export interface Judged {
  readonly package: string;
  readonly signer: string | null;
  readonly standing: Standing;
  /** The proof or permit that it rests on, or the entry of the list of system apps; null for `other`. */
  readonly by: string | null;
}

/** A part of Android that everybody must use. */
export interface SystemApp {
  readonly package: string;
  /** Who must have signed it. platform: the phone's platform key. image: whoever made the system image it came with. Else a digest. */
  readonly signers: readonly string[];
}
