/** SHA-256 and Ed25519 as Node has them, for those who hand them to the portable log. Here and nowhere else: `../src` knows no Node. */
import { createPublicKey, hash, verify } from "node:crypto";

/** By way of a string: half the time of a buffer of its own from the digest. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return Buffer.from(hash("sha256", bytes, "binary"), "latin1");
}

/** What stands before the 32 bytes of an Ed25519 key in an SPKI (RFC 8410). */
const SPKI = Buffer.from("302a300506032b6570032100", "hex");

export function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI, key]), format: "der", type: "spki" });
  return verify(null, message, publicKey, signature);
}
