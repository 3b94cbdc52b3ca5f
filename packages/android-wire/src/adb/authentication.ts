/**
 * The formats of ADB's RSA log-in. The arithmetic is left to the platform: a verifier is given to `AdbdConnection`.
 * AOSP system/core, libcrypto_utils/android_pubkey.c describes the key's 524 bytes.
 */
import { decodeText, viewOf } from "../text.js";
import { WireError } from "../wire-error.js";

/** arg0 of an AUTH packet. */
export const authType = { token: 1, signature: 2, publicKey: 3 } as const;
export const authTokenLength = 20;

/** What an RSA signature of a token opens to, before the token: DigestInfo for SHA-1. The token itself takes the digest's place, unhashed. */
export const sha1DigestInfo: Uint8Array = new Uint8Array([
  0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
]);

const modulusLength = 256;
export const publicKeyLength = 4 + 4 + 2 * modulusLength + 4;

export interface AdbPublicKey {
  /** The 524 bytes Android stores, compares and fingerprints (MD5). */
  bytes: Uint8Array;
  /** The same in base64: how it stands in adb_keys. */
  base64: string;
  /** Usually "user@host"; may be empty. */
  name: string;
  /** Big-endian, 256 bytes, as JWK and ASN.1 want it. */
  modulus: Uint8Array;
  exponent: number;
}

/** Reads an AUTH(3) payload: base64 of the 524 bytes, a space, a name, NUL. Throws `bad-public-key`. */
export function parseAdbPublicKey(payload: Uint8Array): AdbPublicKey {
  const text = decodeText(payload).replace(/\0+$/, "").trim();
  const space = text.search(/\s/);
  const base64 = space < 0 ? text : text.slice(0, space);
  const bytes = decodeBase64(base64);
  if (bytes.length !== publicKeyLength) throw bad(`it has ${bytes.length} bytes, not ${publicKeyLength}`);
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== modulusLength / 4) throw bad("it is not an RSA key of 2048 bits");
  const modulus = bytes.slice(8, 8 + modulusLength).reverse();
  return { bytes, base64, name: space < 0 ? "" : text.slice(space).trim(), modulus, exponent: view.getUint32(520, true) };
}

function bad(reason: string): WireError {
  return new WireError("bad-public-key", `The host's ADB public key cannot be read: ${reason}.`);
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function decodeBase64(text: string): Uint8Array {
  const digits = text.replace(/={0,2}$/, "");
  const bytes = new Uint8Array(Math.floor((digits.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const digit of digits) {
    const value = alphabet.indexOf(digit);
    if (value < 0) throw bad("it is not base64");
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 0xff;
    }
  }
  return bytes;
}

/** The token as the signature must open to it: DigestInfo, then the token. */
export function expectedSignatureContent(token: Uint8Array): Uint8Array {
  const content = new Uint8Array(sha1DigestInfo.length + token.length);
  content.set(sha1DigestInfo);
  content.set(token, sha1DigestInfo.length);
  return content;
}
