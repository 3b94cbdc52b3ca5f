import { hash } from "node:crypto";

/** By way of a string: half the time of a buffer of its own from the digest. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return Buffer.from(hash("sha256", bytes, "binary"), "latin1");
}
