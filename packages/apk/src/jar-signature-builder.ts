/** Writes signature scheme v1 (the JAR file's) over the entries of an APK; jar-signature.ts reads and verifies it. */
import { createHash, sign } from "node:crypto";
import { selfSigned, signatureAlgorithm } from "./certificate-builder.js";
import { readDer, sequence, writeDer } from "./der.js";
import type { SigningKey } from "./signing-block.js";

const OID = (hex: string): Buffer => writeDer(0x06, Buffer.from(hex, "hex"));
const DATA = OID("2a864886f70d010701");
const SIGNED_DATA = OID("2a864886f70d010702");
const SHA256 = sequence(OID("608648016503040201"), writeDer(0x05));

type Files = Readonly<Record<string, Buffer>>;

/** The three files of META-INF. `claims`: the other schemes that it is signed with. */
export function jarSignature(files: Files, key: SigningKey, claims: readonly number[]): Files {
  const digest = (data: Buffer): string => createHash("sha256").update(data).digest("base64");
  const sections = Object.entries(files).map(
    ([name, data]) => `${folded(`Name: ${name}`)}\r\nSHA-256-Digest: ${digest(data)}\r\n\r\n`,
  );
  const manifest = Buffer.from(`Manifest-Version: 1.0\r\n\r\n${sections.join("")}`);
  const claimed = claims.length > 0 ? `X-Android-APK-Signed: ${claims.join(", ")}\r\n` : "";
  const signature = Buffer.from(`Signature-Version: 1.0\r\nSHA-256-Digest-Manifest: ${digest(manifest)}\r\n${claimed}\r\n`);
  const kind = key.publicKey.asymmetricKeyType === "ec" ? "EC" : "RSA";
  return {
    "META-INF/MANIFEST.MF": manifest,
    "META-INF/CERT.SF": signature,
    [`META-INF/CERT.${kind}`]: signedData(signature, key),
  };
}

/** Lines have at most 72 bytes. */
function folded(line: string): string {
  return line.replaceAll(/(.{70})(?=.)/g, "$1\r\n ");
}

function signedData(content: Buffer, key: SigningKey): Buffer {
  const certificate = key.certificate ?? selfSigned(key);
  const fields = readDer(readDer(readDer(certificate)[0]?.body ?? certificate)[0]?.body ?? certificate);
  // After the version: serial number, algorithm, issuer.
  const id = sequence(fields[3]?.whole ?? Buffer.alloc(0), fields[1]?.whole ?? Buffer.alloc(0));
  const one = writeDer(0x02, Buffer.from([1]));
  const signature = writeDer(0x04, sign("sha256", content, key.privateKey));
  const signer = sequence(one, id, SHA256, signatureAlgorithm(key), signature);
  const whole = sequence(one, writeDer(0x31, SHA256), sequence(DATA), writeDer(0xa0, certificate), writeDer(0x31, signer));
  return sequence(SIGNED_DATA, writeDer(0xa0, whole));
}
