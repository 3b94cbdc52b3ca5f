/** The log's own key and name: made once for a lab, and shared by its controls. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { type MakeSignature, type VerifierKey, verifierKey } from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";

export interface LogKey {
  readonly key: VerifierKey;
  readonly sign: MakeSignature;
}

/** The value under a name, unless somebody gave it one before. */
export type Setting = (key: string, first: string) => Promise<string>;

/** `host` stands in the log's name: who reaches it finds it there. */
export async function loadLogKey(setting: Setting, host: string): Promise<LogKey> {
  const fresh = generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");
  const origin = await setting("log-origin", `${host}/${randomBytes(4).toString("hex")}`);
  const privateKey = createPrivateKey({
    key: Buffer.from(await setting("log-key", fresh), "base64"),
    format: "der",
    type: "pkcs8",
  });
  const raw = createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32);
  return { key: verifierKey(sha256, { name: origin, key: raw }), sign: (message) => sign(null, message, privateKey) };
}
