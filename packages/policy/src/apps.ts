/**
 * What an app is to the tenant that holds the phone: owned, system, permitted or other. Pure: what the phone says of the app and what the
 * tenant has proved go in, the standing and what it rests on come out.
 */
import { SYSTEM_APPS } from "./system-apps.js";

/** How an app stands to a tenant; every rule about apps asks for nothing else. */
export type Standing = "owned" | "system" | "permitted" | "other";

/** An installed app, as read from the phone itself. */
export interface InstalledApp {
  readonly package: string;
  /** SHA-256 of its signing certificate, lower-case hex; null when it could not be read. */
  readonly signer: string | null;
  /** It came with the phone's system image: Android then lets nothing else carry its name, and updates only by the same signer. */
  readonly image: boolean;
  /** What the phone uses it for now: its home screen, its keyboard. */
  readonly role: "home" | "keyboard" | null;
}

export interface TenantGrounds {
  readonly owned: readonly {
    readonly id: string;
    readonly package: string;
    readonly signer: string;
    /** It counts on phones made of code only: everybody has its key. */
    readonly only?: "virtual" | undefined;
  }[];
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
  /** The id of the proof or permit that it rests on; what makes it a part of the system; null for `other`. */
  readonly by: string | null;
}

/** A part of Android that everybody must use. */
export interface SystemApp {
  readonly package: string;
  /** Who must have signed it. image: whoever made the system image that it came with. Else a certificate's SHA-256. */
  readonly signers: readonly string[];
}

export interface StandingContext {
  readonly deviceId: string;
  /** The phone is made of code. */
  readonly virtual: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Default: `SYSTEM_APPS`. */
  readonly system?: readonly SystemApp[];
}

/** The strongest standing that there are grounds for. What a tenant proved binds package and signer; a permit names the package alone. */
export function standingOf(app: InstalledApp, grounds: TenantGrounds, context: StandingContext): Judged {
  const { deviceId, virtual, now, system } = context;
  const judged = (standing: Standing, by: string | null): Judged => ({
    package: app.package,
    signer: app.signer,
    standing,
    by,
  });
  const proof = grounds.owned.find(
    (owned) => owned.package === app.package && owned.signer === app.signer && (virtual || owned.only === undefined),
  );
  if (proof) return judged("owned", proof.id);
  if (app.image && app.role) return judged("system", app.role);
  const part = system ? system.find((one) => one.package === app.package) : STOCK.get(app.package);
  if (part?.signers.some((signer) => (signer === "image" ? app.image : signer === app.signer))) {
    return judged("system", "part of Android");
  }
  const permit = grounds.permits.find((one) => one.package === app.package && one.devices.includes(deviceId) && now < one.until);
  return permit ? judged("permitted", permit.id) : judged("other", null);
}

const STOCK: ReadonlyMap<string, SystemApp> = new Map(SYSTEM_APPS.map((app) => [app.package, app]));
