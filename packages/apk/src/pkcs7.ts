/** Verifies the PKCS #7 SignedData (RFC 5652) of a JAR signature: one signer, its certificate inside, the content outside. */
import { createHash, verify, X509Certificate } from "node:crypto";
import { inconsistent, noCertificates } from "./apk-error.js";
import { type Der, readDer } from "./der.js";

const SEQUENCE = 0x30;
const SET = 0x31;
const OCTETS = 0x04;
const CONTEXT_0 = 0xa0;
const SIGNED_DATA = "2a864886f70d010702";
const MESSAGE_DIGEST = "2a864886f70d010904";
const DIGESTS: Readonly<Record<string, string>> = {
  "2b0e03021a": "sha1",
  "608648016503040201": "sha256",
  "608648016503040202": "sha384",
  "608648016503040203": "sha512",
};

/** @returns the signer's certificate, DER. @throws ApkError unless it signs this content */
export function verifySignedData(bytes: Buffer, content: Buffer): Buffer {
  const [type, wrapped] = partsOf(readDer(bytes)[0], SEQUENCE);
  if (type?.body.toString("hex") !== SIGNED_DATA) throw noCertificates("the v1 signature block is no PKCS #7 SignedData");
  const parts = partsOf(partsOf(wrapped, CONTEXT_0)[0], SEQUENCE);
  const certificates = partsOf(parts.find(({ tag }) => tag === CONTEXT_0) ?? missing("certificates"), CONTEXT_0);
  const signers = partsOf(parts.at(-1), SET);
  const [signer] = signers;
  if (!signer) throw noCertificates("the v1 signature block has no signer");
  if (signers.length > 1) throw inconsistent("several v1 signers");
  return verifiedSigner(partsOf(signer, SEQUENCE), { certificates, content });
}

function verifiedSigner(fields: Der[], { certificates, content }: { certificates: Der[]; content: Buffer }): Buffer {
  const [, id, digestAlgorithm, ...rest] = fields;
  const attributes = rest[0]?.tag === CONTEXT_0 ? rest.shift() : undefined;
  const signature = rest[1];
  const certificate = certificates.find(({ whole }) => isMeant(whole, id))?.whole;
  const digest = DIGESTS[partsOf(digestAlgorithm, SEQUENCE)[0]?.body.toString("hex") ?? ""];
  if (!certificate || signature?.tag !== OCTETS) throw noCertificates("the v1 signature block is incomplete");
  if (!digest) throw noCertificates("the v1 signature uses a digest that Android does not know");
  if (attributes) requireDigest(attributes, createHash(digest).update(content).digest());
  // What is signed are the attributes as a SET of their own (RFC 5652, 5.4).
  const signed = attributes ? Buffer.concat([Buffer.from([SET]), attributes.whole.subarray(1)]) : content;
  let good = false;
  try {
    good = verify(digest, signed, new X509Certificate(certificate).publicKey, signature.body);
  } catch {
    // A key or signature that cannot be read is one that does not verify.
  }
  if (!good) throw noCertificates("the v1 signature did not verify");
  return certificate;
}

function requireDigest(attributes: Der, expected: Buffer): void {
  for (const attribute of partsOf(attributes, CONTEXT_0)) {
    const [name, values] = partsOf(attribute, SEQUENCE);
    if (name?.body.toString("hex") !== MESSAGE_DIGEST) continue;
    if (partsOf(values, SET)[0]?.body.equals(expected)) return;
  }
  throw noCertificates("the v1 signature is over another .SF file");
}

/** By issuer and serial number, as the signer names it. */
function isMeant(certificate: Buffer, id: Der | undefined): boolean {
  const [body] = partsOf(readDer(certificate)[0], SEQUENCE);
  const fields = partsOf(body, SEQUENCE);
  if (fields[0]?.tag === CONTEXT_0) fields.shift();
  const [serial, , issuer] = fields;
  const [wantedIssuer, wantedSerial] = partsOf(id, SEQUENCE);
  if (!serial || !issuer || !wantedIssuer || !wantedSerial) return false;
  return issuer.whole.equals(wantedIssuer.whole) && serial.whole.equals(wantedSerial.whole);
}

function partsOf(value: Der | undefined, tag: number): Der[] {
  if (value?.tag !== tag) throw noCertificates("the v1 signature block is malformed");
  return readDer(value.body);
}

function missing(what: string): never {
  throw noCertificates(`the v1 signature block has no ${what}`);
}
