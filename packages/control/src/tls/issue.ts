/** Makes certificates: an authority of this lab's own, and what it signs. Keeps nothing; `local-ca.ts` does. Loaded only when one is made. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { GeneralName, GeneralSubtree, GeneralSubtrees, id_ce_nameConstraints, NameConstraints } from "@peculiar/asn1-x509";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { HostNames } from "./host-names.js";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 24 * 3_600_000;
const AUTHORITY_DAYS = 3_650;
/** Browsers refuse a server's certificate that lives longer than 398 days. */
const SERVER_DAYS = 397;
/** Clocks of phones and laptops are off; a certificate that is new here must not be from the future there. */
const BACKDATED_MS = DAY_MS;

/** A certificate and its key in PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

export async function createAuthority(name: string, permitted: HostNames, now: number): Promise<Issued> {
  const keys = await newKeys();
  const cert = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [name] }, { O: ["phonerack"] }],
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(now - BACKDATED_MS + AUTHORITY_DAYS * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      constraintsOf(permitted),
    ],
  });
  return { cert: pemOf(cert), key: await exportKey(keys.privateKey) };
}

/** `cert` holds the authority's own behind the server's, so that a client can be shown whom to trust. */
export async function issueServer(authority: Issued, names: HostNames, now: number): Promise<Issued> {
  const ca = new X509Certificate(authority.cert);
  const keys = await newKeys();
  const notAfter = Math.min(now - BACKDATED_MS + SERVER_DAYS * DAY_MS, ca.notAfter.getTime());
  const cert = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: ["phonerack"] }],
    issuer: ca.subjectName,
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(notAfter),
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        ...names.dns.map((value) => ({ type: "dns" as const, value })),
        ...names.ips.map((value) => ({ type: "ip" as const, value })),
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(ca.publicKey),
    ],
  });
  return { cert: `${pemOf(cert)}${authority.cert}`, key: await exportKey(keys.privateKey) };
}

function constraintsOf({ dns, ips }: HostNames): Extension {
  const bases = [...dns.map((dNSName) => ({ dNSName })), ...ips.map((iPAddress) => ({ iPAddress }))];
  const permittedSubtrees = new GeneralSubtrees(bases.map((base) => new GeneralSubtree({ base: new GeneralName(base) })));
  return new Extension(id_ce_nameConstraints, true, AsnConvert.serialize(new NameConstraints({ permittedSubtrees })));
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

/** 127 random bits, positive (RFC 5280, 4.1.2.2). */
function newSerial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der] = PemConverter.decode(pem);
  return webcrypto.subtle.importKey("pkcs8", der ?? new ArrayBuffer(0), ALGORITHM, false, ["sign"]);
}

function pemOf(cert: X509Certificate): string {
  return `${cert.toString("pem")}\n`;
}
