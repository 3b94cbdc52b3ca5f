/** The message that proves ownership when it is signed with an app's key, and the check of that signature. */
import { constants, createHash, type KeyObject, randomBytes, verify, X509Certificate } from "node:crypto";
import { PhonerackError, type ProofAlgorithm } from "@phonerack/contract/bus";
import type { z } from "zod";

export interface ProofMatter {
  readonly package: string;
  readonly signer: string;
  readonly tenant: string;
  readonly nonce: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

/** `<random>@<lab>`: whoever signs sees for which lab, and what was signed for one lab proves nothing to another. */
export function newNonce(baseUrl: string): string {
  return `${randomBytes(24).toString("base64url")}@${new URL(baseUrl).host.slice(0, 150)}`;
}

/** What the database keeps of a nonce. */
export function hashOf(nonce: string): string {
  return createHash("sha256").update(nonce).digest("hex");
}

/** In words, so that who signs it can read what for; the same for the same nonce. */
export function proofMessage({ package: name, signer, tenant, nonce, expiresAt }: ProofMatter): string {
  return [
    "phonerack ownership proof",
    `package: ${name}`,
    `signer: ${signer}`,
    `organisation: ${tenant}`,
    `lab: ${nonce.slice(nonce.indexOf("@") + 1)}`,
    `nonce: ${nonce}`,
    `until: ${new Date(expiresAt).toISOString()}`,
    "",
  ].join("\n");
}

const KEY_TYPES: Readonly<Record<z.infer<typeof ProofAlgorithm>, readonly (string | undefined)[]>> = {
  rsa: ["rsa"],
  "rsa-pss": ["rsa", "rsa-pss"],
  ecdsa: ["ec"],
};

export interface Signed {
  readonly message: string;
  readonly algorithm: z.infer<typeof ProofAlgorithm>;
  /** Base64. */
  readonly signature: string;
}

/** Fails with `proof_wrong` unless it was signed with the key of this certificate (DER in base64). */
export function checkProof(certificate: string, { message, algorithm, signature }: Signed): void {
  const key = publicKeyOf(certificate);
  if (!KEY_TYPES[algorithm].includes(key.asymmetricKeyType))
    throw new PhonerackError("proof_wrong", `the certificate's key is ${key.asymmetricKeyType}, and ${algorithm} is not of it`);
  const padding =
    algorithm === "rsa-pss" ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
  let good = false;
  try {
    good = verify("sha256", Buffer.from(message), { key, ...padding }, Buffer.from(signature, "base64"));
  } catch {
    // Bytes that are no signature at all.
  }
  if (!good) throw new PhonerackError("proof_wrong");
}

function publicKeyOf(certificate: string): KeyObject {
  try {
    return new X509Certificate(Buffer.from(certificate, "base64")).publicKey;
  } catch (cause) {
    throw new PhonerackError("proof_wrong", "the certificate's key is of a kind that cannot be checked here", { cause });
  }
}
