/** What the gate's decisions rest on beyond the phone itself: what a tenant has proved to own, and what it was permitted. */
import { z } from "zod";
import { DeviceId } from "./devices.js";

/** As Android allows them, e.g. `com.example.app`. */
export const PackageName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z]\w*(\.[A-Za-z]\w*)+$/, "a package name is at least two words of A-Z, a-z, 0-9 and _, with dots between");
export type PackageName = z.infer<typeof PackageName>;

/** SHA-256 of a signing certificate, lower-case hex. */
export const SignerDigest = z.string().regex(/^[0-9a-f]{64}$/, "a signer is a SHA-256 digest in lower-case hex");
export type SignerDigest = z.infer<typeof SignerDigest>;

/** By hand only, never group or script; at most so many devices. */
export const PERMIT_MAX_DEVICES = 5;
/** Devices a day on which one person may freely drive apps that are nobody's here, by hand. */
export const TRIAL_DEVICES_A_DAY = 2;
/** The same for a whole tenant, unless the operator sets another number. */
export const TENANT_TRIALS_A_DAY = 10;

/** What an agent must know of one tenant to judge what is in front of its phones. Sent whole; a higher version replaces a lower one. */
export const Grounds = z.object({
  tenant: z.string(),
  version: z.int().positive(),
  /** (package, signer) pairs that it owns; `only: virtual` counts on virtual phones alone, since everybody has that signer's key. */
  owned: z
    .array(
      z.object({
        id: z.string(),
        package: PackageName,
        signer: SignerDigest,
        only: z.literal("virtual").optional(),
        /** What of its manifest an operator has approved, e.g. `accessibility`, `foreign-instrumentation com.example.app`. */
        approved: z.array(z.string().max(250)).max(100).optional(),
      }),
    )
    .max(5_000),
  permits: z
    .array(
      z.object({
        id: z.string(),
        package: PackageName,
        devices: z.array(DeviceId).max(PERMIT_MAX_DEVICES),
        /** Milliseconds since the Unix epoch. */
        until: z.number(),
      }),
    )
    .max(1_000),
  /** By flags: all that it does (`all`), or its leases of these devices, by their epochs. */
  paused: z.object({ all: z.boolean(), holds: z.array(z.object({ device: DeviceId, epoch: z.int() })).max(2_000) }).optional(),
});
export type Grounds = z.infer<typeof Grounds>;

/** What closing the fence of a phone would disable. */
export const FencePreview = z.object({
  deviceId: DeviceId,
  /** Package and, where the phone tells it, the name that people read. */
  packages: z.array(z.object({ package: z.string(), label: z.string().nullable() })).max(2_000),
  /** Somebody must agree first: no operator has enrolled this device as a lab device. */
  ask: z.boolean(),
});
export type FencePreview = z.infer<typeof FencePreview>;
