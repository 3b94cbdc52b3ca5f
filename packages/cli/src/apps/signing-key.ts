/** The key that signs an app, read from a file of this machine and never sent anywhere: only what it signed is. */
import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import { isKeystore, type KeyChoice, keyFromKeystore } from "./keystore.js";

const ALGORITHMS: Readonly<Record<string, "rsa" | "rsa-pss" | "ecdsa">> = { rsa: "rsa", "rsa-pss": "rsa-pss", ec: "ecdsa" };

export interface SignedProof {
  readonly algorithm: "rsa" | "rsa-pss" | "ecdsa";
  /** Base64. */
  readonly signature: string;
}

/** PEM, PKCS #8 as DER (apksigner's .pk8), PKCS #12 or JKS. Fails with `key_unreadable`. */
export async function readSigningKey(path: string, choice: KeyChoice): Promise<KeyObject> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new PhonerackError("key_unreadable", cause.message, { cause });
  });
  if (isKeystore(bytes)) return keyFromKeystore(bytes, choice);
  const passphrase = choice.pass === "" ? {} : { passphrase: choice.pass };
  try {
    if (bytes.includes("-----BEGIN")) return createPrivateKey({ key: bytes, format: "pem", ...passphrase });
    return createPrivateKey({ key: bytes, format: "der", type: "pkcs8", ...passphrase });
  } catch (cause) {
    const encrypted = bytes.includes("ENCRYPTED") ? "; is the password (--pass) right?" : "";
    throw new PhonerackError("key_unreadable", `${path} is no private key that is read here${encrypted}`, { cause });
  }
}

/** SHA-256 with whatever the key is of. Fails with `key_unreadable` for one that no proof takes. */
export function signProof(message: string, key: KeyObject): SignedProof {
  const algorithm = ALGORITHMS[key.asymmetricKeyType ?? ""];
  if (!algorithm) throw new PhonerackError("key_unreadable", `a key of kind ${key.asymmetricKeyType} cannot prove anything here`);
  return { algorithm, signature: sign("sha256", Buffer.from(message), key).toString("base64") };
}
