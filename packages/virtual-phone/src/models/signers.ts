/**
 * Who signed the stock apps: three key pairs that everybody may read here, made for virtual phones and good for nothing else. Fixed, so that a
 * sample app has the same signer on every phone and in every version, and its owner can be shown proving it.
 */
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import type { SigningKey } from "@phonerack/apk";

/** The sample keys: a P-256 private key (PKCS #8) and its self-signed certificate, both DER in base64. */
const SAMPLE_KEYS = {
  "phonerack platform": {
    privateKey:
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBSAnwvKnQXk0Koi1U8A1xJT0JLyIgZFeUO+01H5sH7KhRANCAATZwF/mgczkl4u/f+rA9MIkip8zkzkJ7QczqXssZtazKyN2cMLQAAO2c3ERs/md36wljD4F0wltGkdY+Ur7ycLK",
    certificate:
      "MIIBJjCBzaADAgECAgEBMAoGCCqGSM49BAMCMB0xGzAZBgNVBAMMEnBob25lcmFjayBwbGF0Zm9ybTAeFw0yMDAxMDEwMDAwMDBaFw00OTEyMzEyMzU5NTlaMB0xGzAZBgNVBAMMEnBob25lcmFjayBwbGF0Zm9ybTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNnAX+aBzOSXi79/6sD0wiSKnzOTOQntBzOpeyxm1rMrI3ZwwtAAA7ZzcRGz+Z3frCWMPgXTCW0aR1j5SvvJwsowCgYIKoZIzj0EAwIDSAAwRQIhAPRqfNvDD0EFyx5lPL839diJo9EvmS7jG+i71zcp4U1nAiAuBtt5uvlxhEa6Fliinu3b6fMamqNHTkeLSpvDHvcUew==",
  },
  "phonerack samples": {
    privateKey:
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgro9+RWxeqdt1YcdyQMQp6CD5i992DZ4Xvkqnsb+3d+ihRANCAATMUROyFNnDKVz+kCOY8EsRIQgfJkV9fKkx0BiMf2JHabLqsh02k3Pg0+F2esVcyL2MOfq4qaq319D/v6qwBzAJ",
    certificate:
      "MIIBIzCBy6ADAgECAgEBMAoGCCqGSM49BAMCMBwxGjAYBgNVBAMMEXBob25lcmFjayBzYW1wbGVzMB4XDTIwMDEwMTAwMDAwMFoXDTQ5MTIzMTIzNTk1OVowHDEaMBgGA1UEAwwRcGhvbmVyYWNrIHNhbXBsZXMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATMUROyFNnDKVz+kCOY8EsRIQgfJkV9fKkx0BiMf2JHabLqsh02k3Pg0+F2esVcyL2MOfq4qaq319D/v6qwBzAJMAoGCCqGSM49BAMCA0cAMEQCIAETFOMhXdgE/FEC2qEi6YB/ywCy3XNrvrh7rYtSUa65AiBMAvqeaHC6+VbzJVsJgGWXNc0RXiW2amIt8Zg1rnFOaQ==",
  },
  "bazaar inc": {
    privateKey:
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrPWOW8k4U/ESTEe0/wVjrbICgqVuCpVaB90VCcinpIKhRANCAARYhZBumQ7yuvoxgUNSiN1G94G4TT1i5l2I+/s7ChOvOA0eBmz2OEFs1FJyP5aNZIUQ2QmE2DwSUboBlh7SytlE",
    certificate:
      "MIIBFTCBvaADAgECAgEBMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCmJhemFhciBpbmMwHhcNMjAwMTAxMDAwMDAwWhcNNDkxMjMxMjM1OTU5WjAVMRMwEQYDVQQDDApiYXphYXIgaW5jMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWIWQbpkO8rr6MYFDUojdRveBuE09YuZdiPv7OwoTrzgNHgZs9jhBbNRScj+WjWSFENkJhNg8ElG6AZYe0srZRDAKBggqhkjOPQQDAgNHADBEAiALexZqA9JpqwObFqKRkhHGQxru5mYg/SZCW3bP2FlMhAIgcabYTQSDqxdIAzs7R+Qv7gEvpCAP+ObPgYsFzDHPYXM=",
  },
} as const;

export type StockSigner = keyof typeof SAMPLE_KEYS;

/** SHA-256 of a stock signer's certificate, lower-case hex. */
export function signerDigest(signer: StockSigner): string {
  return createHash("sha256").update(Buffer.from(SAMPLE_KEYS[signer].certificate, "base64")).digest("hex");
}

/** The key that signs a stock app; also for showing how an owner proves its app. */
export function sampleKey(signer: StockSigner): SigningKey {
  const { privateKey, certificate } = SAMPLE_KEYS[signer];
  const key = createPrivateKey({ key: Buffer.from(privateKey, "base64"), format: "der", type: "pkcs8" });
  return { privateKey: key, publicKey: createPublicKey(key), certificate: Buffer.from(certificate, "base64") };
}

/** Who signed Notes, Blocks and Vault. */
export const SAMPLES_SIGNER = signerDigest("phonerack samples");
