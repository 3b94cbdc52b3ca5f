/** Apps that a tenant uploaded, proofs that it owns them, and permits for others'. */
import { z } from "zod";
import { DeviceId } from "./devices.js";
import { PackageName, PERMIT_MAX_DEVICES, SignerDigest } from "./grounds.js";

export const AppId = z.string().regex(/^a-[a-z2-7]{10,26}$/, "an app id begins with a-");
export type AppId = z.infer<typeof AppId>;

/** The largest APK that is taken, in bytes. */
export const APK_MAX_BYTES = 2 * 1024 * 1024 * 1024;
/** How long a nonce can be signed. */
export const NONCE_MS = 30 * 60_000;

/**
 * How ownership came about. key: our nonce was signed by the app's signing key. approved: an operator said so, with a reason. demo: it comes with
 * phonerack and runs on virtual phones only.
 */
export const Ownership = z.object({
  how: z.enum(["key", "approved", "demo"]),
  by: z.string(),
  byName: z.string(),
  at: z.number(),
  reason: z.string().nullable(),
});
export type Ownership = z.infer<typeof Ownership>;

/** One (package, signer) of a tenant: the same package by another signer is another app. */
export const App = z.object({
  id: AppId,
  tenant: z.string(),
  package: PackageName,
  signer: SignerDigest,
  /** The subject of the certificate, as it says of itself. */
  signerName: z.string(),
  label: z.string(),
  /** Of the newest version that was uploaded. */
  versionCode: z.int(),
  versionName: z.string(),
  /** The highest signature scheme that was verified. */
  scheme: z.int().min(1).max(3),
  hasIcon: z.boolean(),
  uploadedAt: z.number(),
  uploadedBy: z.string(),
  ownership: Ownership.nullable(),
  /** Why it can only become owned by an operator's approval, or not at all; in words. Empty: nothing stands against it. */
  obstacles: z.array(
    z.object({
      code: z.string(),
      /** The other app that it is about; left out where it is about none. */
      target: z.string().optional(),
      message: z.string(),
      approvable: z.boolean(),
    }),
  ),
});
export type App = z.infer<typeof App>;

/** To be signed as it is (UTF-8) with the app's signing key, SHA-256; once, until `expiresAt`. */
export const Nonce = z.object({ nonce: z.string(), message: z.string(), expiresAt: z.number() });
export type Nonce = z.infer<typeof Nonce>;

/** rsa: PKCS#1 v1.5. rsa-pss: salt as long as the digest. ecdsa: DER. All over SHA-256. */
export const ProofAlgorithm = z.enum(["rsa", "rsa-pss", "ecdsa"]);

export const PermitId = z.string().regex(/^p-[a-z2-7]{10,26}$/, "a permit id begins with p-");
/** An operator lets a tenant drive an app that it does not own, by hand, on named devices, for a time. */
export const Permit = z.object({
  id: PermitId,
  tenant: z.string(),
  package: PackageName,
  devices: z.array(DeviceId).min(1).max(PERMIT_MAX_DEVICES),
  until: z.number(),
  reason: z.string(),
  by: z.string(),
  byName: z.string(),
  at: z.number(),
});
export type Permit = z.infer<typeof Permit>;
