/**
 * Signature schemes v2, v3 and v3.1 (source.android.com/docs/security/features/apksigning): what the APK Signing Block says, each signature verified,
 * with the proof of rotation that leads from older keys to the present one. The contents' digests are compared in content-digest.ts.
 */
import { constants, createHash, createPublicKey, verify, X509Certificate } from "node:crypto";
import { inconsistent, noCertificates } from "./apk-error.js";
import type { ByteRange } from "./zip.js";

const MAGIC = "APK Sig Block 42";
const MAX_BLOCK = 16 * 1024 * 1024;
const IDS = { v2: 0x7109871a, v3: 0xf05368c0, v31: 0x1b93ad61 } as const;
const STRIPPING_PROTECTION = 0xbeeff00d;
const ROTATION_MIN_SDK = 0x559f8b02;
const PROOF_OF_ROTATION = 0x3ba06f8c;
const MOST_ROTATIONS = 100;

export type ContentAlgorithm = "sha256" | "sha512";

interface Algorithm {
  readonly content: ContentAlgorithm;
  readonly pss: boolean;
}
/** Of both, content and signature. Those of fs-verity, which only ever stand beside one of these, are left out. */
const ALGORITHMS: ReadonlyMap<number, Algorithm> = new Map([
  [0x0101, { content: "sha256", pss: true }],
  [0x0102, { content: "sha512", pss: true }],
  [0x0103, { content: "sha256", pss: false }],
  [0x0104, { content: "sha512", pss: false }],
  [0x0201, { content: "sha256", pss: false }],
  [0x0202, { content: "sha512", pss: false }],
  [0x0301, { content: "sha256", pss: false }],
]);

export type BlockScheme = keyof typeof IDS;

export interface BlockSigner {
  /** DER. */
  readonly certificate: Buffer;
  /** SHA-256 of the certificates that it took over from, oldest first. */
  readonly lineage: readonly string[];
  readonly digests: readonly { readonly algorithm: ContentAlgorithm; readonly digest: Buffer }[];
  /** It says that a signature of the next scheme stood beside it. */
  readonly expects: BlockScheme | undefined;
}

export interface BlockSigners {
  /** Where the block begins. */
  readonly offset: number;
  readonly signers: ReadonlyMap<BlockScheme, BlockSigner>;
}

export function digestOf(certificate: Buffer): string {
  return createHash("sha256").update(certificate).digest("hex");
}

/** Undefined when there is no block. @throws ApkError */
export async function blockSigners(bytes: ByteRange, directoryOffset: number): Promise<BlockSigners | undefined> {
  const footer = await bytes.slice(Math.max(0, directoryOffset - 24), directoryOffset);
  if (footer.length < 24 || footer.toString("latin1", 8) !== MAGIC) return undefined;
  const size = Number(footer.readBigUInt64LE(0));
  const offset = directoryOffset - size - 8;
  if (size < 24 || size > MAX_BLOCK || offset < 0) throw noCertificates("APK Signing Block out of bounds");
  const block = await bytes.slice(offset, directoryOffset - 24);
  if (block.length !== size - 16 || Number(block.readBigUInt64LE(0)) !== size)
    throw noCertificates("the APK Signing Block has two sizes");
  const pairs = pairsOf(block.subarray(8));
  const signers = new Map<BlockScheme, BlockSigner>();
  for (const scheme of ["v2", "v3", "v31"] as const) {
    const value = pairs.get(IDS[scheme]);
    if (value) signers.set(scheme, signerOf(value, scheme));
  }
  return { offset, signers };
}

function pairsOf(block: Buffer): Map<number, Buffer> {
  const pairs = new Map<number, Buffer>();
  for (let at = 0; at < block.length; ) {
    const length = at + 12 <= block.length ? Number(block.readBigUInt64LE(at)) : 0;
    if (length < 4 || at + 8 + length > block.length) throw noCertificates("APK Signing Block entry out of bounds");
    const id = block.readUInt32LE(at + 8);
    if (pairs.has(id)) throw noCertificates("the APK Signing Block has two signatures of one scheme");
    pairs.set(id, block.subarray(at + 12, at + 8 + length));
    at += 8 + length;
  }
  return pairs;
}

function signerOf(value: Buffer, scheme: BlockScheme): BlockSigner {
  const [signer, another] = [...sequenceIn(new Cursor(value).prefixed())];
  if (!signer) throw noCertificates(`signature ${scheme} has no signer`);
  if (another) throw inconsistent(`several ${scheme} signers`);
  const outer = new Cursor(signer);
  const signed = outer.prefixed();
  const range = scheme === "v2" ? undefined : [outer.u32(), outer.u32()];
  const signatures = entriesOf(outer.prefixed());
  const publicKey = outer.prefixed();
  const inner = new Cursor(signed);
  const digests = entriesOf(inner.prefixed());
  const [certificate] = [...sequenceIn(inner.prefixed())];
  if (range && (inner.u32() !== range[0] || inner.u32() !== range[1])) throw noCertificates("two ranges of API levels");
  const attributes = entriesOf(inner.done ? Buffer.alloc(0) : inner.prefixed(), (entry) => entry.rest());
  if (!certificate) throw noCertificates(`signature ${scheme} has no certificate`);
  if (digests.map(({ id }) => id).join() !== signatures.map(({ id }) => id).join())
    throw noCertificates("signatures and digests are of different algorithms");
  const known = signatures.filter(({ id }) => ALGORITHMS.has(id));
  if (known.length === 0) throw noCertificates("no supported signature algorithm");
  for (const { id, value: signature } of known) checkSignature({ id, signed, publicKey, signature });
  checkCertificate(certificate, publicKey);
  return {
    certificate,
    lineage: lineageOf(attributes.find(({ id }) => id === PROOF_OF_ROTATION)?.value, certificate),
    digests: digests.flatMap(({ id, value: digest }) => {
      const algorithm = ALGORITHMS.get(id);
      return algorithm ? [{ algorithm: algorithm.content, digest }] : [];
    }),
    expects: expectedBy(scheme, attributes),
  };
}

interface Entry {
  readonly id: number;
  readonly value: Buffer;
}

function expectedBy(scheme: BlockScheme, attributes: readonly Entry[]): BlockScheme | undefined {
  const protects = attributes.some(
    ({ id, value }) => id === STRIPPING_PROTECTION && value.length >= 4 && value.readUInt32LE(0) === 3,
  );
  if (scheme === "v2" && protects) return "v3";
  return scheme === "v3" && attributes.some(({ id }) => id === ROTATION_MIN_SDK) ? "v31" : undefined;
}

/** Every key signs its successor's certificate; the last one is the signer's. @returns those before it */
function lineageOf(proof: Buffer | undefined, certificate: Buffer): string[] {
  if (!proof) return [];
  const cursor = new Cursor(proof);
  cursor.u32();
  const nodes = [...sequenceIn(cursor.rest())];
  if (nodes.length > MOST_ROTATIONS) throw noCertificates("the proof of rotation is too long");
  let last: { certificate: Buffer; id: number } | undefined;
  const lineage: string[] = [];
  for (const node of nodes) {
    const outer = new Cursor(node);
    const signed = outer.prefixed();
    outer.u32();
    const id = outer.u32();
    const signature = outer.prefixed();
    const inner = new Cursor(signed);
    const next = inner.prefixed();
    if (last) {
      if (inner.u32() !== last.id) throw noCertificates("the proof of rotation uses two algorithms for one signature");
      checkSignature({ id: last.id, signed, publicKey: keyOf(last.certificate), signature });
    }
    lineage.push(digestOf(next));
    last = { certificate: next, id };
  }
  if (!last?.certificate.equals(certificate)) throw noCertificates("the proof of rotation leads to another signer");
  if (new Set(lineage).size !== lineage.length) throw noCertificates("the proof of rotation goes in a circle");
  return lineage.slice(0, -1);
}

function checkSignature(parts: { id: number; signed: Buffer; publicKey: Buffer; signature: Buffer }): void {
  const algorithm = ALGORITHMS.get(parts.id);
  let good = false;
  try {
    const key = createPublicKey({ key: parts.publicKey, format: "der", type: "spki" });
    const padding = algorithm?.pss
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {};
    good = algorithm !== undefined && verify(algorithm.content, parts.signed, { key, ...padding }, parts.signature);
  } catch {
    // A key or signature that cannot be read is one that does not verify.
  }
  if (!good) throw noCertificates("signature over signed-data did not verify");
}

function checkCertificate(certificate: Buffer, publicKey: Buffer): void {
  if (!keyOf(certificate).equals(publicKey)) throw noCertificates("public key mismatch between certificate and signature record");
}

function keyOf(certificate: Buffer): Buffer {
  try {
    return new X509Certificate(certificate).publicKey.export({ format: "der", type: "spki" });
  } catch {
    throw noCertificates("a certificate cannot be read");
  }
}

/** Reads numbers and parts with a u32 length before them, and nothing beyond its end. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  u32(): number {
    if (this.#at + 4 > this.#bytes.length) throw noCertificates("signature data out of bounds");
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  prefixed(): Buffer {
    const length = this.u32();
    if (this.#at + length > this.#bytes.length) throw noCertificates("signature data out of bounds");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  rest(): Buffer {
    const rest = this.#bytes.subarray(this.#at);
    this.#at = this.#bytes.length;
    return rest;
  }
}

function* sequenceIn(bytes: Buffer): Generator<Buffer> {
  for (const cursor = new Cursor(bytes); !cursor.done; ) yield cursor.prefixed();
}

function entriesOf(bytes: Buffer, valueIn = (entry: Cursor): Buffer => entry.prefixed()): Entry[] {
  return [...sequenceIn(bytes)].map((item) => {
    const entry = new Cursor(item);
    return { id: entry.u32(), value: valueIn(entry) };
  });
}
