/**
 * "Allow USB debugging?": checks a host's RSA signatures against the keys this phone remembers, and asks at the phone about a new key.
 */
import { constants, createHash, createPublicKey, type KeyObject, publicDecrypt, randomBytes } from "node:crypto";
import {
  type AdbAuthentication,
  type AdbPublicKey,
  authTokenLength,
  expectedSignatureContent,
  parseAdbPublicKey,
} from "@phonerack/android-wire/adb";
import type { AuthorisedKeys, KeyPrompt } from "./services.js";

/** The key's MD5 as Android's dialog shows it: "AA:BB:…". */
function keyFingerprint(key: AdbPublicKey): string {
  const digest = createHash("md5").update(key.bytes).digest("hex").toUpperCase();
  return (digest.match(/../g) ?? []).join(":");
}

/** Authentication for one connection. `admit` is called when the person at the phone allows the key; `signal` ends the question. */
export function rsaAuthentication(parts: {
  keys: AuthorisedKeys;
  onKeyPrompt: KeyPrompt;
  admit: () => void;
  signal: AbortSignal;
}): AdbAuthentication {
  return {
    token: () => randomBytes(authTokenLength),
    verify: async (token, signature) => {
      const expected = expectedSignatureContent(token);
      return (await parts.keys.all()).some((key) => signatureOpensTo(key, signature, expected));
    },
    onPublicKey: (key) => {
      askAtPhone(parts, key).catch(() => undefined);
    },
  };
}

async function askAtPhone(
  parts: { keys: AuthorisedKeys; onKeyPrompt: KeyPrompt; admit: () => void; signal: AbortSignal },
  key: AdbPublicKey,
): Promise<void> {
  const answer = await parts.onKeyPrompt(keyFingerprint(key), parts.signal);
  // Denied: Android does not answer, and the host stays "unauthorized".
  if (answer === "deny" || parts.signal.aborted) return;
  if (answer === "always") await parts.keys.add(key.base64);
  parts.admit();
}

const parsed = new Map<string, KeyObject>();

function keyObject(base64: string): KeyObject {
  const known = parsed.get(base64);
  if (known) return known;
  const key = parseAdbPublicKey(Buffer.from(base64));
  const exponent = Buffer.alloc(4);
  exponent.writeUInt32BE(key.exponent);
  const object = createPublicKey({
    format: "jwk",
    key: { kty: "RSA", n: Buffer.from(key.modulus).toString("base64url"), e: exponent.toString("base64url") },
  });
  if (parsed.size > 1000) parsed.clear();
  parsed.set(base64, object);
  return object;
}

function signatureOpensTo(base64: string, signature: Uint8Array, expected: Uint8Array): boolean {
  try {
    const opened = publicDecrypt({ key: keyObject(base64), padding: constants.RSA_PKCS1_PADDING }, signature);
    return Buffer.compare(opened, expected) === 0;
  } catch {
    // Another key's signature, or no signature at all.
    return false;
  }
}
