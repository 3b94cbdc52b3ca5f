/** Whether somebody's adb holds one of the keys that they enrolled: RSA over the token, as adbd checks it. */
import { constants, createHash, createPublicKey, type KeyObject, publicDecrypt, randomBytes } from "node:crypto";
import {
  type AdbAuthentication,
  type AdbPublicKey,
  authTokenLength,
  expectedSignatureContent,
  parseAdbPublicKey,
} from "@phonerack/android-wire/adb";
import { PhonerackError } from "@phonerack/contract/bus";

/** MD5 as Android shows it, "AA:BB:…". */
export function adbFingerprint({ bytes }: Pick<AdbPublicKey, "bytes">): string {
  const digest = createHash("md5").update(bytes).digest("hex").toUpperCase();
  return (digest.match(/../g) ?? []).join(":");
}

interface Enrolled {
  readonly fingerprint: string;
  readonly key: KeyObject;
}

export interface AdbDoor {
  /** One of the keys opened it. */
  letIn(fingerprint: string): void;
  /** None did. */
  refuse(error: PhonerackError): void;
}

/** @param keys Android's public keys in base64; one that is none lets nobody in */
export function enrolledOnly(keys: readonly string[], door: AdbDoor): AdbAuthentication {
  const enrolled = keys.flatMap((base64) => readKey(base64) ?? []);
  return {
    token: () => randomBytes(authTokenLength),
    verify: (token, signature) => {
      const expected = expectedSignatureContent(token);
      const found = enrolled.find(({ key }) => opensTo(key, signature, expected));
      if (found) door.letIn(found.fingerprint);
      return found !== undefined;
    },
    // A phone would ask its user now; here the key says who somebody is, and nobody can be asked.
    onPublicKey: (key) => {
      const words = `the key ${adbFingerprint(key)} of this adb is not yours here; enrol it with 'phonerack adb-keys add'`;
      door.refuse(new PhonerackError("adb_key_not_found", words));
    },
  };
}

function readKey(base64: string): Enrolled | undefined {
  try {
    const key = parseAdbPublicKey(Buffer.from(base64));
    const exponent = Buffer.alloc(4);
    exponent.writeUInt32BE(key.exponent);
    const n = Buffer.from(key.modulus).toString("base64url");
    const jwk = { kty: "RSA", n, e: exponent.toString("base64url") };
    return { fingerprint: adbFingerprint(key), key: createPublicKey({ format: "jwk", key: jwk }) };
  } catch {
    return undefined;
  }
}

function opensTo(key: KeyObject, signature: Uint8Array, expected: Uint8Array): boolean {
  try {
    return Buffer.compare(publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature), expected) === 0;
  } catch {
    return false;
  }
}
