/** A certificate that somebody else made: two files, checked at the start and taken anew when they change, without a restart. */
import { readFileSync, statSync } from "node:fs";
import type { Logger } from "pino";
import type { CertificateSource } from "./certificate-source.js";
import { checkKeyPair, invalid, type KeyPair } from "./key-pair.js";

export interface CertificatePaths {
  readonly cert: string;
  readonly key: string;
}

/** Asked, not watched: what renews certificates replaces links and whole folders, which no watch survives. */
const LOOK_MS = 1_000;

/** Fails with `certificate_invalid`. Later a pair that cannot be used leaves the one before in place, and the log says why. */
export function openCertificateFiles(paths: CertificatePaths, log: Logger): CertificateSource {
  let current = read(paths);
  let seen = stampOf(paths);
  let said = "";
  let listener: (pair: KeyPair) => void = () => undefined;
  const look = () => {
    const stamp = stampOf(paths);
    if (stamp === seen) return;
    try {
      current = read(paths);
      seen = stamp;
      said = "";
      log.info({ until: current.leaf.validTo }, "took the new certificate");
      listener(current);
    } catch (error) {
      // The two files are rarely written at once: it is tried again until they fit, and said once.
      const why = (error as { detail?: string }).detail ?? String(error);
      if (why !== said) log.warn({ why }, "the new certificate cannot be used, the one before stays");
      said = why;
    }
  };
  const timer = setInterval(look, LOOK_MS).unref();
  return {
    get current() {
      return current;
    },
    authority: null,
    onChange: (heard) => {
      listener = heard;
    },
    stop: () => clearInterval(timer),
  };
}

function read({ cert, key }: CertificatePaths): KeyPair {
  return checkKeyPair({ cert: text(cert), key: text(key), certName: cert, keyName: key }, Date.now());
}

function text(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw invalid(`${path} cannot be read: ${(cause as Error).message}`, cause);
  }
}

function stampOf({ cert, key }: CertificatePaths): string {
  return [cert, key]
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : "";
    })
    .join();
}
