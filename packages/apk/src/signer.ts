/**
 * Who signed an APK, by all its signatures together: v1 (JAR), v2, v3 and v3.1, verified down to the digests of its contents. Those that are there
 * must not contradict each other, nor may one be gone that another says was there. The certificate's SHA-256 is what ownership is about.
 */
import { inconsistent, noCertificates } from "./apk-error.js";
import { type BlockScheme, type BlockSigner, type BlockSigners, blockSigners, digestOf } from "./block-signature.js";
import { contentDigests } from "./content-digest.js";
import { jarSigner } from "./jar-signature.js";
import { checkLayout, type Zip } from "./zip.js";

export interface Signer {
  /** SHA-256 of the certificate, lower-case hex. */
  readonly digest: string;
  /** DER. */
  readonly certificate: Buffer;
  /** The highest scheme found; 3 for v3.1, too. */
  readonly scheme: 1 | 2 | 3;
  /** Digests of the certificates that it took over from, oldest first. */
  readonly lineage: readonly string[];
}

const SCHEME = { v2: 2, v3: 3, v31: 3 } as const;
/** What a v1 signature's `X-Android-APK-Signed` calls the others. */
const CLAIMED: Readonly<Record<number, BlockScheme>> = { 2: "v2", 3: "v3", 31: "v31" };

/** @throws ApkError when unsigned, signed for other contents, or in contradiction with itself. */
export async function readSigner(zip: Zip): Promise<Signer> {
  const block = await blockSigners(zip.bytes, zip.directoryOffset);
  await checkLayout(zip, block?.offset ?? zip.directoryOffset);
  const signer = block && highest(block);
  const jar = await jarSigner(zip, { contents: !signer });
  for (const claim of jar?.claims ?? []) {
    const scheme = CLAIMED[claim];
    if (scheme && !block?.signers.has(scheme))
      throw inconsistent(`stripped: it was signed with ${scheme}, too, and that signature is gone`);
  }
  if (!signer) {
    if (!jar) throw noCertificates("no signature found");
    return { digest: digestOf(jar.certificate), certificate: jar.certificate, scheme: 1, lineage: [] };
  }
  if (jar) requireSame(signer, { scheme: "v1", digest: digestOf(jar.certificate) });
  await checkContents(zip, block);
  return signer;
}

/** The signer of the newest scheme, once all agree. */
function highest({ signers }: BlockSigners): Signer | undefined {
  const newest = (["v31", "v3", "v2"] as const).find((scheme) => signers.has(scheme));
  const found = newest && signers.get(newest);
  if (!found) return undefined;
  for (const [scheme, { expects }] of signers)
    if (expects && !signers.has(expects))
      throw inconsistent(`stripped: ${scheme} says that ${expects} stood beside it, and that is gone`);
  const { certificate, lineage } = found;
  const signer = { digest: digestOf(certificate), certificate, scheme: SCHEME[newest], lineage };
  for (const [scheme, other] of signers) requireSame(signer, { scheme, digest: digestOf(other.certificate) });
  return signer;
}

/** An older scheme may bear a key that the newest one proves to have taken over from. */
function requireSame({ digest, lineage }: Signer, older: { scheme: string; digest: string }): void {
  if (older.digest === digest || lineage.includes(older.digest)) return;
  throw inconsistent(`the ${older.scheme} signature is by another signer: phones of different ages would see two different apps`);
}

async function checkContents(zip: Zip, { offset, signers }: BlockSigners): Promise<void> {
  const all: BlockSigner["digests"] = [...signers.values()].flatMap(({ digests }) => digests);
  const actual = await contentDigests(zip, offset, new Set(all.map(({ algorithm }) => algorithm)));
  for (const { algorithm, digest } of all) {
    if (!actual.get(algorithm)?.equals(digest))
      throw noCertificates(`${algorithm.toUpperCase()} digest of contents did not verify`);
  }
}
