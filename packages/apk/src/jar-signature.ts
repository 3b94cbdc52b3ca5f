/**
 * Signature scheme v1 (the JAR file's): META-INF/MANIFEST.MF has a digest of every entry, *.SF one of the manifest, and *.RSA, *.EC or *.DSA signs the
 * *.SF. As Android reads it (StrictJarVerifier), but stricter: one signer, and the manifest's own digest must fit.
 */
import { createHash } from "node:crypto";
import { inconsistent, noCertificates } from "./apk-error.js";
import { verifySignedData } from "./pkcs7.js";
import { eachPiece, readEntry, type Zip } from "./zip.js";

const MANIFEST = "META-INF/MANIFEST.MF";
const BLOCK = /^META-INF\/([^/]+)\.(?:RSA|DSA|EC)$/i;
const MAX_BLOCK = 1024 * 1024;
/** Strongest first, by the names that jar files give them. */
const DIGESTS = [
  ["SHA-512", "sha512"],
  ["SHA-384", "sha384"],
  ["SHA-256", "sha256"],
  ["SHA1", "sha1"],
  ["SHA-1", "sha1"],
] as const;

export interface JarSigner {
  /** DER. */
  readonly certificate: Buffer;
  /** The other schemes that it was signed with, by its own word. */
  readonly claims: readonly number[];
}

type Attributes = ReadonlyMap<string, string>;

/** Undefined when there is no v1 signature. `contents`: whether every entry is compared, too. @throws ApkError */
export async function jarSigner(zip: Zip, { contents }: { contents: boolean }): Promise<JarSigner | undefined> {
  const blocks = [...zip.entries.keys()].filter((name) => BLOCK.test(name));
  const [blockName] = blocks;
  if (blockName === undefined) return undefined;
  if (blocks.length > 1) throw inconsistent("several v1 signers");
  const stem = blockName.slice(0, blockName.lastIndexOf("."));
  const signatureName = [...zip.entries.keys()].find((name) => name.toUpperCase() === `${stem}.SF`.toUpperCase());
  const block = await readEntry(zip, blockName, MAX_BLOCK);
  const signatureFile = signatureName && (await readEntry(zip, signatureName));
  if (!block || !signatureFile) throw noCertificates(`${stem}.SF is missing`);
  const certificate = verifySignedData(block, signatureFile);
  const main = sectionsOf(signatureFile)[0] ?? new Map();
  if (contents) await checkContents(zip, main);
  return { certificate, claims: (main.get("x-android-apk-signed") ?? "").split(",").map(Number).filter(Boolean) };
}

async function checkContents(zip: Zip, signature: Attributes): Promise<void> {
  const manifest = await readEntry(zip, MANIFEST);
  if (!manifest) throw noCertificates(`${MANIFEST} is missing`);
  const whole = strongest(signature, "-digest-manifest");
  if (!whole) throw noCertificates("the .SF file has no digest of the manifest");
  if (createHash(whole.algorithm).update(manifest).digest("base64") !== whole.digest)
    throw noCertificates(`${MANIFEST} was changed after signing`);
  const listed = new Map<string, Attributes>();
  for (const section of sectionsOf(manifest).slice(1)) {
    const name = section.get("name");
    if (name === undefined || listed.has(name)) throw noCertificates(`${MANIFEST} names ${name ?? "nothing"} twice`);
    listed.set(name, section);
  }
  for (const name of listed.keys()) if (!zip.entries.has(name)) throw noCertificates(`${name} is signed and missing`);
  for (const entry of zip.entries.values()) {
    const section = listed.get(entry.name);
    // Android leaves out what lies in META-INF, where the signature itself is.
    if (!section && (entry.name.endsWith("/") || entry.name.startsWith("META-INF/"))) continue;
    const expected = section && strongest(section, "-digest");
    if (!expected) throw noCertificates(`${entry.name} is not signed`);
    const hash = createHash(expected.algorithm);
    await eachPiece(zip, entry, (piece) => hash.update(piece));
    if (hash.digest("base64") !== expected.digest) throw noCertificates(`${entry.name} was changed after signing`);
  }
}

function strongest(section: Attributes, suffix: string): { algorithm: string; digest: string } | undefined {
  for (const [name, algorithm] of DIGESTS) {
    const digest = section.get(`${name.toLowerCase()}${suffix}`);
    if (digest !== undefined) return { algorithm, digest };
  }
  return undefined;
}

/** Sections of `Name: value` lines, names in lower case; a line that begins with a blank goes on with the one before, even within a letter. */
function sectionsOf(bytes: Buffer): Attributes[] {
  const text = bytes
    .toString("latin1")
    .replaceAll(/\r\n|\r/g, "\n")
    .replaceAll("\n ", "");
  return text
    .split(/\n{2,}/)
    .filter((section, at) => at === 0 || section !== "")
    .map((section) => {
      const attributes = new Map<string, string>();
      for (const line of section.split("\n")) {
        const colon = line.indexOf(": ");
        if (line === "") continue;
        const name = line.slice(0, colon).toLowerCase();
        if (colon < 1 || attributes.has(name)) throw noCertificates("a signature file has a bad line");
        attributes.set(name, Buffer.from(line.slice(colon + 2), "latin1").toString("utf8"));
      }
      return attributes;
    });
}
