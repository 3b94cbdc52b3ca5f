/**
 * Writes an APK Signing Block: signature schemes v2 and v3 (source.android.com/docs/security/features/apksigning), one signer, SHA-256.
 * signer.ts reads and verifies it.
 */
import { createHash, type KeyObject, sign } from "node:crypto";
import { selfSigned } from "./certificate-builder.js";

/** RSA or EC key pair. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Its X.509 certificate as DER; made anew when absent, which for EC keys gives another digest each time. */
  readonly certificate?: Buffer;
}

export type SignatureScheme = 2 | 3;

export interface ZipParts {
  readonly entries: Buffer;
  readonly directory: Buffer;
  readonly end: Buffer;
}

const BLOCK_ID = { 2: 0x7109871a, 3: 0xf05368c0 } as const;
/** In a v2 signature: a v3 one stood beside it, so that nobody can strip it unseen. */
const STRIPPING_PROTECTION = 0xbeeff00d;
const PROOF_OF_ROTATION = 0x3ba06f8c;
/** What the older key may still do: all that apksigner gives it by default. */
const CAPABILITIES = 0x17;
const CHUNK = 1024 * 1024;
/** v3's range of API levels: from Android 9 on, without end. */
const [MIN_SDK, MAX_SDK] = [28, 0x7fffffff];

export interface BlockPlan {
  readonly schemes: readonly SignatureScheme[];
  /** The v3 key took over from this one, which still signs v2. */
  readonly rotatedFrom?: SigningKey;
}

export function signZip(zip: ZipParts, key: SigningKey, { schemes, rotatedFrom }: BlockPlan): Buffer {
  const digest = contentDigest(zip);
  const pairs = Buffer.concat(
    schemes.map((scheme) => {
      const by = scheme === 2 ? (rotatedFrom ?? key) : key;
      const certificate = certificateOf(by);
      const attributes =
        scheme === 3 && rotatedFrom ? rotation(rotatedFrom, key) : scheme === 2 && schemes.includes(3) ? PROTECTION : NONE;
      const value = prefixed(prefixed(signer(scheme, { key: by, digest, certificate, attributes })));
      return Buffer.concat([word(value.length + 4), word(0), word(BLOCK_ID[scheme]), value]);
    }),
  );
  const size = Buffer.concat([word(pairs.length + 24), word(0)]);
  const block = Buffer.concat([size, pairs, size, Buffer.from("APK Sig Block 42", "latin1")]);
  const end = Buffer.from(zip.end);
  end.writeUInt32LE(zip.entries.length + block.length, 16);
  return Buffer.concat([zip.entries, block, zip.directory, end]);
}

/** RSASSA-PKCS1-v1_5 (0x0103) or ECDSA (0x0201) over the digest and certificate. */
function signer(
  scheme: SignatureScheme,
  { key, digest, certificate, attributes }: { key: SigningKey; digest: Buffer; certificate: Buffer; attributes: Buffer },
): Buffer {
  const algorithm = algorithmOf(key);
  const range = scheme === 3 ? Buffer.concat([word(MIN_SDK), word(MAX_SDK)]) : NONE;
  const signedData = Buffer.concat([
    prefixed(prefixed(word(algorithm), prefixed(digest))),
    prefixed(prefixed(certificate)),
    range,
    prefixed(attributes),
  ]);
  const signatures = prefixed(prefixed(word(algorithm), prefixed(sign("sha256", signedData, key.privateKey))));
  const publicKey = prefixed(key.publicKey.export({ format: "der", type: "spki" }));
  return Buffer.concat([prefixed(signedData), range, signatures, publicKey]);
}

/** The proof that `to` took over from `from`: each certificate, signed by the key before it. */
function rotation(from: SigningKey, to: SigningKey): Buffer {
  const node = (key: SigningKey, by: SigningKey | undefined): Buffer => {
    const signed = Buffer.concat([prefixed(certificateOf(key)), word(by ? algorithmOf(by) : 0)]);
    const signature = by ? sign("sha256", signed, by.privateKey) : NONE;
    return prefixed(prefixed(signed), word(CAPABILITIES), word(algorithmOf(key)), prefixed(signature));
  };
  return prefixed(word(PROOF_OF_ROTATION), word(1), node(from, undefined), node(to, from));
}

function algorithmOf(key: SigningKey): number {
  return key.publicKey.asymmetricKeyType === "ec" ? 0x0201 : 0x0103;
}

function certificateOf(key: SigningKey): Buffer {
  return key.certificate ?? selfSigned(key);
}

/** Chunk digests over each part of the zip, then the digest of those. */
function contentDigest(zip: ZipParts): Buffer {
  const chunks: Buffer[] = [];
  for (const part of [zip.entries, zip.directory, zip.end]) {
    for (let at = 0; at < part.length; at += CHUNK) {
      const chunk = part.subarray(at, at + CHUNK);
      const hash = createHash("sha256").update(Buffer.from([0xa5]));
      chunks.push(hash.update(word(chunk.length)).update(chunk).digest());
    }
  }
  const hash = createHash("sha256").update(Buffer.from([0x5a]));
  return hash.update(word(chunks.length)).update(Buffer.concat(chunks)).digest();
}

function prefixed(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([word(body.length), body]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

const NONE = Buffer.alloc(0);
const PROTECTION = prefixed(word(STRIPPING_PROTECTION), word(3));
