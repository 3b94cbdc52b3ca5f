/**
 * Who signed an APK: signature schemes v2 and v3 (source.android.com/docs/security/features/apksigning), verified down to the digest of
 * the contents; the JAR signature (v1) only as far as its certificate. The certificate's SHA-256 is what ownership is about.
 */
import { constants, createHash, createPublicKey, type KeyObject, verify, X509Certificate } from "node:crypto";
import { ApkError } from "./apk-error.js";
import { readEntry, type Zip } from "./zip.js";

const MAGIC = "APK Sig Block 42";
const V2 = 0x7109871a;
const V3 = 0xf05368c0;
const CHUNK = 1024 * 1024;
const MAX_BLOCK = 16 * 1024 * 1024;

interface Algorithm {
  readonly content: "sha256" | "sha512";
  readonly digest: "sha256" | "sha512";
  readonly pss: boolean;
}
const ALGORITHMS: ReadonlyMap<number, Algorithm> = new Map([
  [0x0101, { content: "sha256", digest: "sha256", pss: true }],
  [0x0102, { content: "sha512", digest: "sha512", pss: true }],
  [0x0103, { content: "sha256", digest: "sha256", pss: false }],
  [0x0104, { content: "sha512", digest: "sha512", pss: false }],
  [0x0201, { content: "sha256", digest: "sha256", pss: false }],
  [0x0202, { content: "sha512", digest: "sha512", pss: false }],
  [0x0301, { content: "sha256", digest: "sha256", pss: false }],
]);

export interface Signer {
  /** SHA-256 of the certificate, lower-case hex. */
  readonly digest: string;
  /** The highest scheme found. */
  readonly scheme: 1 | 2 | 3;
}

function noCertificates(detail: string): ApkError {
  return new ApkError("INSTALL_PARSE_FAILED_NO_CERTIFICATES", detail);
}

/** @throws ApkError when unsigned, or signed for other contents. */
export async function readSigner(zip: Zip): Promise<Signer> {
  const block = await signingBlock(zip);
  for (const [id, scheme] of [
    [V3, 3],
    [V2, 2],
  ] as const) {
    const value = block?.pairs.get(id);
    if (!block || !value) continue;
    const digest = await verified(zip, { value, scheme, blockOffset: block.offset });
    return { digest, scheme };
  }
  const certificate = await jarCertificate(zip);
  if (!certificate) throw noCertificates("no signature found");
  return { digest: createHash("sha256").update(certificate).digest("hex"), scheme: 1 };
}

async function signingBlock(zip: Zip): Promise<{ pairs: Map<number, Buffer>; offset: number } | undefined> {
  const footer = await zip.bytes.slice(zip.directoryOffset - 24, zip.directoryOffset);
  if (footer.length < 24 || footer.toString("latin1", 8) !== MAGIC) return undefined;
  const size = Number(footer.readBigUInt64LE(0));
  const offset = zip.directoryOffset - size - 8;
  if (size < 24 || size > MAX_BLOCK || offset < 0) throw noCertificates("APK Signing Block out of bounds");
  const block = await zip.bytes.slice(offset + 8, zip.directoryOffset - 24);
  const pairs = new Map<number, Buffer>();
  for (let at = 0; at + 12 <= block.length; ) {
    const length = Number(block.readBigUInt64LE(at));
    if (length < 4 || at + 8 + length > block.length) throw noCertificates("APK Signing Block entry out of bounds");
    pairs.set(block.readUInt32LE(at + 8), block.subarray(at + 12, at + 8 + length));
    at += 8 + length;
  }
  return { pairs, offset };
}

/** Items of a sequence in which each has a u32 length before it. */
function* sequence(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const item = prefixed(bytes, at);
    yield item;
    at += 4 + item.length;
  }
}

function prefixed(bytes: Buffer, at: number): Buffer {
  const length = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY;
  if (at + 4 + length > bytes.length) throw noCertificates("signature data out of bounds");
  return bytes.subarray(at + 4, at + 4 + length);
}

async function verified(
  zip: Zip,
  { value, scheme, blockOffset }: { value: Buffer; scheme: 2 | 3; blockOffset: number },
): Promise<string> {
  const [signer] = [...sequence(prefixed(value, 0))];
  if (!signer) throw noCertificates("no signers");
  const signedData = prefixed(signer, 0);
  // v3 adds the range of API levels (8 bytes) after the signed data.
  const afterData = 4 + signedData.length + (scheme === 3 ? 8 : 0);
  const signatures = prefixed(signer, afterData);
  const publicKey = prefixed(signer, afterData + 4 + signatures.length);
  const chosen = [...sequence(signatures)]
    .map((entry) => ({ id: entry.readUInt32LE(0), signature: prefixed(entry, 4) }))
    .find(({ id }) => ALGORITHMS.has(id));
  const algorithm = chosen && ALGORITHMS.get(chosen.id);
  if (!chosen || !algorithm) throw noCertificates("no supported signature algorithm");
  checkSignature({ algorithm, signedData, publicKey, signature: chosen.signature });
  const digests = prefixed(signedData, 0);
  const certificates = prefixed(signedData, 4 + digests.length);
  const certificate = sequence(certificates).next().value as Buffer | undefined;
  const expected = [...sequence(digests)].find((entry) => entry.readUInt32LE(0) === chosen.id);
  if (!certificate || !expected) throw noCertificates("signed data is incomplete");
  checkCertificate(certificate, publicKey);
  const actual = await contentDigest(zip, blockOffset, algorithm.content);
  if (!actual.equals(prefixed(expected, 4)))
    throw noCertificates(`${algorithm.content.toUpperCase()} digest of contents did not verify`);
  return createHash("sha256").update(certificate).digest("hex");
}

function checkSignature(parts: { algorithm: Algorithm; signedData: Buffer; publicKey: Buffer; signature: Buffer }): void {
  const { algorithm, signedData, publicKey, signature } = parts;
  let good = false;
  try {
    const key: KeyObject = createPublicKey({ key: publicKey, format: "der", type: "spki" });
    const padding = algorithm.pss
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {};
    good = verify(algorithm.digest, signedData, { key, ...padding }, signature);
  } catch {
    // A key or signature that cannot be read is one that does not verify.
  }
  if (!good) throw noCertificates("signature over signed-data did not verify");
}

function checkCertificate(certificate: Buffer, publicKey: Buffer): void {
  let same = false;
  try {
    same = new X509Certificate(certificate).publicKey.export({ format: "der", type: "spki" }).equals(publicKey);
  } catch {
    // Not a certificate.
  }
  if (!same) throw noCertificates("public key mismatch between certificate and signature record");
}

/** Digest over the digests of 1 MiB chunks of: entries, directory, end record with the directory's offset as if there were no block. */
async function contentDigest(zip: Zip, blockOffset: number, algorithm: "sha256" | "sha512"): Promise<Buffer> {
  const end = await zip.bytes.slice(zip.endOffset, zip.bytes.size);
  end.writeUInt32LE(blockOffset, 16);
  const digests: Buffer[] = [];
  const add = (chunk: Buffer): void => {
    const header = Buffer.from([0xa5, 0, 0, 0, 0]);
    header.writeUInt32LE(chunk.length, 1);
    digests.push(createHash(algorithm).update(header).update(chunk).digest());
  };
  for (const [from, to] of [
    [0, blockOffset],
    [zip.directoryOffset, zip.endOffset],
  ] as const) {
    for (let at = from; at < to; at += CHUNK) add(await zip.bytes.slice(at, Math.min(at + CHUNK, to)));
  }
  for (let at = 0; at < end.length; at += CHUNK) add(end.subarray(at, at + CHUNK));
  const header = Buffer.from([0x5a, 0, 0, 0, 0]);
  header.writeUInt32LE(digests.length, 1);
  return createHash(algorithm).update(header).update(Buffer.concat(digests)).digest();
}

/** The first certificate in META-INF/*.RSA|DSA|EC (PKCS #7 SignedData: ContentInfo → [0] → SignedData → certificates [0]). */
async function jarCertificate(zip: Zip): Promise<Buffer | undefined> {
  const name = [...zip.entries.keys()].find((entry) => /^META-INF\/[^/]+\.(RSA|DSA|EC)$/i.test(entry));
  const bytes = name && (await readEntry(zip, name, CHUNK));
  if (!bytes) return undefined;
  const contentInfo = derChildren(bytes)[0];
  const signedData = contentInfo && derChildren(contentInfo.body).find(({ tag }) => tag === 0xa0);
  const sequenceOf = signedData && derChildren(signedData.body)[0];
  const certificates = sequenceOf && derChildren(sequenceOf.body).find(({ tag }) => tag === 0xa0);
  return certificates && derChildren(certificates.body)[0]?.whole;
}

function derChildren(bytes: Buffer): { tag: number; body: Buffer; whole: Buffer }[] {
  const found: { tag: number; body: Buffer; whole: Buffer }[] = [];
  for (let at = 0; at + 2 <= bytes.length && found.length < 100; ) {
    const tag = bytes.readUInt8(at);
    const first = bytes.readUInt8(at + 1);
    const more = first & 0x80 ? first & 0x7f : 0;
    if (more > 4 || at + 2 + more > bytes.length) throw noCertificates("bad DER length");
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
    const start = at + 2 + more;
    if (start + length > bytes.length) throw noCertificates("DER value out of bounds");
    found.push({ tag, body: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) });
    at = start + length;
  }
  return found;
}
