import type { KeyPair } from "./key-pair.js";

/** The lab's own certificate authority, which people must be told of before their browsers trust it. */
export interface Authority {
  readonly pem: string;
  /** Where it lies on this machine. */
  readonly file: string;
  /** SHA-256, `AB:CD:…`. */
  readonly fingerprint: string;
}

/** Where https takes its certificate from, which changes while it runs. */
export interface CertificateSource {
  readonly current: KeyPair;
  /** Null when the certificate is somebody else's, e.g. a public authority's. */
  readonly authority: Authority | null;
  /** Called with each new pair; one listener. */
  onChange(listener: (pair: KeyPair) => void): void;
  stop(): void;
}
