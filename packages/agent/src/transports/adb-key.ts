/**
 * The RSA key by which phones know this host, and the two answers to a phone's AUTH. The key of the user's own adb is used when there is
 * one, so that a phone which trusts `adb` on this host trusts the agent too; else one is made in the data folder.
 */
import { constants, createPrivateKey, generateKeyPair, type KeyObject, privateEncrypt } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sha1DigestInfo } from "@phonerack/android-wire/adb";
import { PhonerackError } from "@phonerack/contract/bus";
import {
  type AdbAuthenticator,
  AdbAuthType,
  AdbCommand,
  type AdbCredentialStore,
  AdbPublicKeyAuthenticator,
} from "@yume-chan/adb";

export interface AdbKey {
  readonly key: KeyObject;
  readonly path: string;
  /** The user's own adb uses the same key. */
  readonly shared: boolean;
}

/** Reads the user's adb key or the data folder's, else makes the latter (0600). Fails with `data_unwritable`. */
export async function loadAdbKey(dataDir: string, home: string = homedir()): Promise<AdbKey> {
  const own = join(dataDir, "adbkey");
  for (const [path, shared] of [
    [own, false],
    [join(home, ".android", "adbkey"), true],
  ] as const) {
    const key = await readKey(path);
    if (key) return { key, path, shared };
  }
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048, publicExponent: 65537 });
  try {
    await writeFile(own, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flag: "wx" });
    await chmod(own, 0o600);
  } catch (cause) {
    throw new PhonerackError("data_unwritable", own, { cause });
  }
  return { key: privateKey, path: own, shared: false };
}

async function readKey(path: string): Promise<KeyObject | undefined> {
  try {
    const key = createPrivateKey(await readFile(path));
    // Android's adbd verifies 2048-bit RSA only (libcrypto_utils, ANDROID_PUBKEY_MODULUS_SIZE).
    return key.asymmetricKeyType === "rsa" && key.asymmetricKeyDetails?.modulusLength === 2048 ? key : undefined;
  } catch {
    return undefined;
  }
}

export function credentialStore(key: KeyObject): AdbCredentialStore {
  const privateKey = { buffer: key.export({ type: "pkcs8", format: "der" }), name: `phonerack@${hostname()}` };
  return {
    generateKey: () => privateKey,
    iterateKeys: () => [privateKey],
  };
}

/**
 * Answers a token with a signature made by node:crypto: Tango's own takes 31 ms of the event loop, this 0.5 ms, for the same bytes.
 * The token is used as the SHA-1 digest itself, not hashed again (AOSP, adb/client/auth.cpp, adb_auth_sign).
 */
export function nativeSigner(key: KeyObject): AdbAuthenticator {
  return async function* (_store, getNextRequest) {
    const request = await getNextRequest();
    if (request.arg0 !== AdbAuthType.Token || request.payload.length !== 20) return;
    const content = Buffer.concat([sha1DigestInfo, request.payload]);
    const signature = privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, content);
    yield { command: AdbCommand.Auth, arg0: AdbAuthType.Signature, arg1: 0, payload: signature };
  };
}

/** Offers our public key, which makes the phone ask its user; calls `onAsked` when it has come to that. */
export function publicKeyOffer(onAsked: () => void): AdbAuthenticator {
  return async function* (store, getNextRequest) {
    for await (const answer of AdbPublicKeyAuthenticator(store, getNextRequest)) {
      onAsked();
      yield answer;
    }
  };
}
