/**
 * The certificate authority of this data folder: made at the first start that needs one, for as long as people would trust it. It signs
 * the server's certificate, and signs another before that expires and when this machine is called by another name or address.
 */
import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Authority, CertificateSource } from "./certificate-source.js";
import { type HostNames, ownNames, permittedNames, permittedOf } from "./host-names.js";
import type { Issued } from "./issue.js";
import { checkKeyPair, fingerprintOf, invalid, type KeyPair, namesOf } from "./key-pair.js";

const LOOK_MS = 60_000;
const RENEW_BEFORE_MS = 30 * 24 * 3_600_000;

export interface LocalCaOptions {
  readonly dataDir: string;
  /** Hosts besides this machine's own names: what is listened on, what people use from outside. */
  readonly hosts: readonly string[];
  readonly log: Logger;
  readonly now?: () => number;
}

/**
 * Fails with `data_unwritable`, and with `certificate_invalid` when one of `hosts` is none that the authority was made for: who trusts it
 * does not trust it for that.
 */
export async function openLocalCa(options: LocalCaOptions): Promise<CertificateSource & { look(): Promise<void> }> {
  const { dataDir, hosts, log, now = Date.now } = options;
  const folder = join(dataDir, "tls");
  const ca = await authorityIn(folder, hosts, now());
  const authority: Authority = { pem: ca.cert, file: join(folder, "ca.crt"), fingerprint: fingerprintOf(ca.cert) };
  refuseForeign(folder, ca, hosts);
  const names = () => permittedOf(ownNames(hosts), ca.permitted);
  let listener: (pair: KeyPair) => void = () => undefined;
  let current = await serverIn(folder, { ca, names: names(), now: now() });
  const look = async () => {
    const pair = await serverIn(folder, { ca, names: names(), now: now() });
    if (pair.cert === current.cert) return;
    log.info({ names: namesOf(pair.leaf) }, "made a new certificate");
    current = pair;
    listener(pair);
  };
  const timer = setInterval(() => {
    look().catch((err: unknown) => log.error({ err }, "no new certificate could be made"));
  }, LOOK_MS).unref();
  return {
    get current() {
      return current;
    },
    authority,
    look,
    onChange: (heard) => {
      listener = heard;
    },
    stop: () => clearInterval(timer),
  };
}

/** An authority and what it may sign for. */
interface Ca extends Issued {
  readonly permitted: HostNames;
}

/** The authority kept in the folder, or a new one when there is none that can still be used. */
async function authorityIn(folder: string, hosts: readonly string[], now: number): Promise<Ca> {
  const kept = readPair(folder, "ca");
  // A clock that went back does not make a new authority: people would have to trust that one, too.
  if (kept && now < Date.parse(kept.leaf.validTo)) return { ...kept, permitted: readPermitted(folder) };
  const { createAuthority } = await import("./issue.js");
  const permitted = permittedNames(ownNames(hosts));
  const made = await createAuthority(`phonerack local CA (${hostname().slice(0, 40)})`, permitted, now);
  writing(folder, () => writeFileSync(join(folder, "ca-names.json"), `${JSON.stringify(permitted)}\n`));
  writePair(folder, "ca", made);
  return { ...made, permitted };
}

function readPermitted(folder: string): HostNames {
  try {
    const { dns, ips } = JSON.parse(readFileSync(join(folder, "ca-names.json"), "utf8")) as Partial<HostNames>;
    return { dns: dns ?? [], ips: ips ?? [] };
  } catch {
    // Lost: what every authority made here may sign for.
    return permittedNames({ dns: [], ips: [] });
  }
}

function refuseForeign(folder: string, { permitted }: Ca, hosts: readonly string[]): void {
  const named = ownNames(hosts);
  const given = new Set(hosts.map((host) => host.toLowerCase().replace(/^\[|\]$/g, "")));
  const may = permittedOf(named, permitted);
  const foreign = [...named.dns, ...named.ips].find((n) => given.has(n) && !may.dns.includes(n) && !may.ips.includes(n));
  if (foreign === undefined) return;
  throw invalid(`the local CA in ${folder} was not made for ${foreign}; give --tls-cert and --tls-key, or remove the folder`);
}

/** The server's certificate kept in the folder, or a new one when it does not fit any more. */
async function serverIn(folder: string, { ca, names, now }: { ca: Ca; names: HostNames; now: number }): Promise<KeyPair> {
  const kept = readPair(folder, "server");
  if (kept && fits(kept, { ca, names, now })) return kept;
  const { issueServer } = await import("./issue.js");
  const made = await issueServer(ca, names, now);
  writePair(folder, "server", made);
  return checkKeyPair({ ...made, certName: "server.crt", keyName: "server.key" });
}

function fits({ leaf }: KeyPair, { ca, names, now }: { ca: Ca; names: HostNames; now: number }): boolean {
  const issuer = new X509Certificate(ca.cert);
  if (!leaf.checkIssued(issuer) || !leaf.verify(issuer.publicKey)) return false;
  if (Date.parse(leaf.validTo) - now < RENEW_BEFORE_MS && leaf.validTo !== issuer.validTo) return false;
  // A name that went away does no harm. Addresses are compared by Node, which spells IPv6 in its own way.
  const held = new Set(namesOf(leaf));
  return names.dns.every((name) => held.has(name)) && names.ips.every((address) => leaf.checkIP(address) !== undefined);
}

function readPair(folder: string, name: string): KeyPair | undefined {
  const [certName, keyName] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  try {
    const text = { cert: readFileSync(certName, "utf8"), key: readFileSync(keyName, "utf8"), certName, keyName };
    // A copy or a careless umask may have opened it to others.
    if ((statSync(keyName).mode & 0o077) !== 0) chmodSync(keyName, 0o600);
    return checkKeyPair(text);
  } catch {
    return undefined;
  }
}

/** The key first: a certificate without its key would be taken for a pair by nobody. */
function writePair(folder: string, name: string, { cert, key }: Issued): void {
  writing(folder, () => {
    for (const [path, text, mode] of [
      [join(folder, `${name}.key`), key, 0o600],
      [join(folder, `${name}.crt`), cert, 0o644],
    ] as const) {
      writeFileSync(`${path}.new`, text, { mode });
      chmodSync(`${path}.new`, mode);
      renameSync(`${path}.new`, path);
    }
  });
}

function writing(folder: string, write: () => void): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    write();
  } catch (cause) {
    throw new PhonerackError("data_unwritable", `${folder}: ${(cause as Error).message}`, { cause });
  }
}
