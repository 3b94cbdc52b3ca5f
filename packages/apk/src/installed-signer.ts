/**
 * The certificate that a phone itself goes by for an APK which it has installed. Nothing is verified: the phone did that, and an app cannot change its APK
 * afterwards. So it must be read exactly as that phone's Android reads it: by its API level, since a signature that it does not look at may say anything.
 * Few small reads, because the bytes are on the phone. https://source.android.com/docs/security/features/apksigning
 */
import { createHash } from "node:crypto";
import type { ByteRange } from "./zip.js";

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
/** Most APKs have no comment, which makes the end record the last bytes; one may have this much. */
const TAILS = [1_024, END_BYTES + 65_535] as const;
const MAGIC = "APK Sig Block 42";
const FOOTER_BYTES = 24;
/** What a block mostly fits into, so that one read brings all of it. */
const BLOCK_BYTES = 16 * 1_024;
const MAX_BLOCK = 4 * 1_024 * 1_024;

/** Schemes as Android asks for them: the newest that it knows and the APK has; then it looks at no other. */
const SCHEMES = [
  { id: 0x1b93ad61, since: 33, ranged: true },
  { id: 0xf05368c0, since: 28, ranged: true },
  { id: 0x7109871a, since: 24, ranged: false },
] as const;

/**
 * SHA-256 of the certificate in lower-case hex. null: none that this API level goes by, or more than one signer, which nobody can own alone; also for APKs
 * that carry a JAR signature (v1) only. Fails as `bytes.slice` does.
 */
export async function installedSigner(bytes: ByteRange, sdk: number): Promise<string | null> {
  const directory = await directoryOffset(bytes);
  const pairs = directory === undefined ? undefined : await signingBlock(bytes, directory);
  if (!pairs) return null;
  for (const { id, since, ranged } of SCHEMES) {
    const value = sdk >= since ? pairs.get(id) : undefined;
    if (!value) continue;
    try {
      const certificate = certificateOf(value, ranged ? sdk : undefined);
      // v3.1 is for newer Androids than its signers' ranges begin with; older ones go by v3.
      if (!certificate && id === 0x1b93ad61) continue;
      return certificate ? createHash("sha256").update(certificate).digest("hex") : null;
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }
  return null;
}

/** From the end record: the one nearest to the end whose comment reaches exactly there, as Android looks for it. */
async function directoryOffset(bytes: ByteRange): Promise<number | undefined> {
  for (const length of TAILS) {
    const start = Math.max(0, bytes.size - length);
    const tail = await bytes.slice(start, bytes.size);
    for (let at = tail.length - END_BYTES; at >= 0; at--) {
      if (tail.readUInt32LE(at) !== END_SIGNATURE || tail.readUInt16LE(at + 20) !== tail.length - at - END_BYTES) continue;
      const offset = tail.readUInt32LE(at + 16);
      return offset <= start + at ? offset : undefined;
    }
    if (start === 0) return undefined;
  }
  return undefined;
}

/** The block's values by their ids; undefined when there is none. */
async function signingBlock(bytes: ByteRange, directory: number): Promise<ReadonlyMap<number, Buffer> | undefined> {
  const start = Math.max(0, directory - BLOCK_BYTES);
  let block = await bytes.slice(start, directory);
  if (block.length < FOOTER_BYTES || block.toString("latin1", block.length - 16) !== MAGIC) return undefined;
  const size = Number(block.readBigUInt64LE(block.length - FOOTER_BYTES));
  if (size < FOOTER_BYTES || size > MAX_BLOCK || size + 8 > directory) return undefined;
  if (size > block.length) block = await bytes.slice(directory - size, directory);
  const pairs = block.subarray(block.length - size, block.length - FOOTER_BYTES);
  const found = new Map<number, Buffer>();
  for (let at = 0; at + 12 <= pairs.length; ) {
    const length = Number(pairs.readBigUInt64LE(at));
    if (length < 4 || length > pairs.length - at - 8) return undefined;
    const id = pairs.readUInt32LE(at + 8);
    // Android takes the first of an id.
    if (!found.has(id)) found.set(id, pairs.subarray(at + 12, at + 8 + length));
    at += 8 + length;
  }
  return found;
}

/** The first certificate of the one signer, of those for this API level where signers have ranges. @throws RangeError for what is cut short. */
function certificateOf(value: Buffer, sdk: number | undefined): Buffer | undefined {
  const signers = items(prefixed(value, 0)).filter((signer) => {
    if (sdk === undefined) return true;
    const after = 4 + prefixed(signer, 0).length;
    return signer.readUInt32LE(after) <= sdk && sdk <= signer.readUInt32LE(after + 4);
  });
  const [signer] = signers;
  if (!signer || signers.length !== 1) return undefined;
  const signedData = prefixed(signer, 0);
  const digests = prefixed(signedData, 0);
  return items(prefixed(signedData, 4 + digests.length))[0];
}

/** Items that each have a u32 length before them. */
function items(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const item = prefixed(bytes, at);
    found.push(item);
    at += 4 + item.length;
  }
  return found;
}

function prefixed(bytes: Buffer, at: number): Buffer {
  const length = bytes.readUInt32LE(at);
  if (at + 4 + length > bytes.length) throw new RangeError("a length leads out of its block");
  return bytes.subarray(at + 4, at + 4 + length);
}
