/** A certificate with its key in PEM: read, checked that both can be used together now, and asked which hosts it is for. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { PhonerackError } from "@phonerack/contract/bus";

export interface KeyPair {
  /** The certificate first, then those between it and the root. */
  readonly cert: string;
  readonly key: string;
  readonly leaf: X509Certificate;
}

/** What is known of a pair before it is read; `certName` and `keyName` are what people call the two. */
export interface PairText {
  readonly cert: string;
  readonly key: string;
  readonly certName: string;
  readonly keyName: string;
}

/** Fails with `certificate_invalid` and what is wrong with which file; without `now`, whatever its time. Says nothing of the key itself. */
export function checkKeyPair(text: PairText, now?: number): KeyPair {
  const { cert, key, certName, keyName } = text;
  const leaf = parse(cert, certName);
  if (!leaf.checkPrivateKey(parseKey(key, keyName))) throw invalid(`the key in ${keyName} is not that of ${certName}`);
  if (now === undefined) return { cert, key, leaf };
  if (now > Date.parse(leaf.validTo)) throw invalid(`${certName} expired on ${day(leaf.validTo)}`);
  if (now < Date.parse(leaf.validFrom)) throw invalid(`${certName} is valid only from ${day(leaf.validFrom)} on`);
  return { cert, key, leaf };
}

function parse(cert: string, name: string): X509Certificate {
  if (!cert.includes("-----BEGIN CERTIFICATE-----")) throw invalid(`${name} is not a certificate in PEM`);
  try {
    return new X509Certificate(cert);
  } catch (cause) {
    throw invalid(`${name} is not a certificate: ${(cause as Error).message}`, cause);
  }
}

function parseKey(key: string, name: string): KeyObject {
  if (/^-----BEGIN ENCRYPTED|ENCRYPTED$/m.test(key)) throw invalid(`the key in ${name} is locked by a pass phrase`);
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key)) throw invalid(`${name} is not a private key in PEM`);
  try {
    return createPrivateKey(key);
  } catch (cause) {
    throw invalid(`${name} is not a private key that can be read`, cause);
  }
}

export function invalid(detail: string, cause?: unknown): PhonerackError {
  return new PhonerackError("certificate_invalid", detail, { cause });
}

/** The host names and addresses of its subject alternative names, in lower case; a wildcard as it stands. */
export function namesOf(leaf: X509Certificate): string[] {
  return (leaf.subjectAltName ?? "")
    .split(", ")
    .map((each) => /^(?:DNS|IP Address):(.+)$/.exec(each)?.[1]?.toLowerCase())
    .filter((name) => name !== undefined);
}

/** SHA-256 as people compare it: `AB:CD:…`. */
export function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256;
}

/** Signed by itself: no authority stands behind it that a browser could know. */
export function isSelfSigned({ leaf }: KeyPair): boolean {
  return leaf.checkIssued(leaf);
}

function day(date: string): string {
  return new Date(date).toISOString().slice(0, 10);
}
