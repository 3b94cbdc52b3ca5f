/** What stands against an app becoming somebody's by a signature alone: pure functions over what is known of it. */
import { X509Certificate } from "node:crypto";
import type { App } from "@phonerack/contract/bus";
import { type ManifestWords, manifestFindings } from "@phonerack/policy";
import { PUBLIC_KEYS, type WellKnownApps } from "./well-known.js";

export type Obstacle = App["obstacles"][number];

/** Far more than an app has reasons for. */
const MOST = 20;
const ASK = "An operator of the lab can approve it, with a reason.";

/** By what the manifests of all its files ask for. `own`: what its organisation owns by the same signer, which its tests may drive. */
export function manifestObstacles(files: readonly ManifestWords[], own: ReadonlySet<string>): Obstacle[] {
  return manifestFindings(files)
    .filter(({ target }) => target === undefined || !own.has(target))
    .slice(0, MOST)
    .map(({ words, ...rest }) => ({ ...rest, message: `${words} ${ASK}`, approvable: true }));
}

export interface Identity {
  readonly package: string;
  readonly signer: string;
  /** DER in base64. */
  readonly certificate: string;
}

/** By who it says it is, and who signed it. */
export function identityObstacles({ package: name, signer, certificate }: Identity, wellKnown: WellKnownApps): Obstacle[] {
  const found: Obstacle[] = [];
  const key = PUBLIC_KEYS.get(signer);
  if (key !== undefined) {
    const message = `It is signed with a public test key (${key}) that everybody has; sign it with a key of your own.`;
    found.push({ code: "public-key", message, approvable: false });
  } else if (/(^|\n)CN=Android Debug($|\n)/.test(subjectOf(certificate))) {
    const message = `It is signed with a debug keystore, whose password everybody knows. Sign it with a key of your own, or: ${ASK}`;
    found.push({ code: "debug-key", message, approvable: true });
  }
  const makers = Object.hasOwn(wellKnown, name) ? wellKnown[name] : undefined;
  if (makers && makers.length > 0 && !makers.includes(signer)) {
    const message = `${name} is a well-known app and this is not its maker's signature.`;
    found.push({ code: "well-known", message, approvable: false });
  } else if (makers?.length === 0) {
    const message = `${name} is a well-known app, and its maker's signature is not known here. ${ASK}`;
    found.push({ code: "well-known", message, approvable: true });
  }
  return found;
}

/** Of a certificate (DER in base64), one attribute a line; "" when it cannot be read. */
export function subjectOf(certificate: string): string {
  try {
    return new X509Certificate(Buffer.from(certificate, "base64")).subject ?? "";
  } catch {
    return "";
  }
}
