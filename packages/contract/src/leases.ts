import { z } from "zod";
import { DeviceId, Reach } from "./devices.js";
import { Words } from "./words.js";

export const LeaseId = z.string().regex(/^l-[a-z2-7]{10,26}$/, "a lease id begins with l-");
export type LeaseId = z.infer<typeof LeaseId>;

/** Milliseconds since the Unix epoch, or an ISO 8601 time with its zone. Out of control always milliseconds. */
export const Time = z.union([z.int().nonnegative(), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))]);

export const LEASE_DEFAULT_MS = 3_600_000;
export const LEASE_MIN_MS = 60_000;
export const LEASE_MAX_MS = 14 * 24 * 3_600_000;
/** How far ahead one may book. */
export const LEASE_AHEAD_MS = 90 * 24 * 3_600_000;
export const LEASE_MAX_DEVICES = 1_000;
/** Kept free after a lease for cleaning; ends earlier when the phone is clean earlier. */
export const CLEANING_MARGIN_MS = 10 * 60_000;
export const IDLE_DEFAULT_MINUTES = 30;
/** How long before a lease ends, by time or idleness, people are warned. */
export const LEASE_WARN_MS = 5 * 60_000;

const Wanted = z.string().trim().min(1).max(100);

/** What a phone must be; every field given must hold. */
export const LeaseWhere = z.strictObject({
  /** Model as the device reports it, compared without case; one of several. */
  model: z.union([Wanted, z.array(Wanted).min(1).max(20)]).optional(),
  manufacturer: Wanted.optional(),
  /** Android API level: exactly, or a range. */
  sdk: z
    .union([
      z.int().min(1).max(1_000),
      z.strictObject({ atLeast: z.int().min(1).max(1_000).optional(), atMost: z.int().min(1).max(1_000).optional() }),
    ])
    .optional(),
  /** Device pixels, upright. */
  screen: z
    .strictObject({
      minWidth: z.int().positive().optional(),
      maxWidth: z.int().positive().optional(),
      minHeight: z.int().positive().optional(),
      maxHeight: z.int().positive().optional(),
    })
    .optional(),
  site: Wanted.optional(),
  rack: Wanted.optional(),
  chassis: Wanted.optional(),
  reach: Reach.optional(),
  /** All of them. */
  labels: z.array(Wanted).min(1).max(20).optional(),
});
export type LeaseWhere = z.infer<typeof LeaseWhere>;

/** Devices by id, or by what they must be; all or none are granted. */
export const LeaseRequest = z.strictObject({
  devices: z.array(DeviceId).min(1).max(LEASE_MAX_DEVICES).optional(),
  where: LeaseWhere.optional(),
  /** How many; with `where` alone, 1. */
  count: z.int().min(1).max(LEASE_MAX_DEVICES).optional(),
  /** Every phone of one chassis: the one named in `where`, else any that fits whole. */
  wholeChassis: z.boolean().default(false),
  /** Default now. */
  from: Time.optional(),
  /** Default an hour after `from`. */
  until: Time.optional(),
  purpose: Words(200, 0).default(""),
  /** Instead of `lease_unavailable`: wait in the queue until it can be granted. Not with `from`. */
  wait: z.boolean().default(false),
  /** Ends after so long without input; null: never by idleness. */
  idleMinutes: z
    .int()
    .min(1)
    .max(24 * 60)
    .nullable()
    .default(IDLE_DEFAULT_MINUTES),
});
export type LeaseRequest = z.infer<typeof LeaseRequest>;

/** queued: waits for devices. booked: begins at `from`. active: its devices are its own. ended: over; they are cleaned. */
export const LeasePhase = z.enum(["queued", "booked", "active", "ended"]);
export type LeasePhase = z.infer<typeof LeasePhase>;

export const LeaseEnd = z.enum([
  "released",
  "expired",
  "idle",
  "kicked",
  "cancelled",
  "agent-clock",
  "device-gone",
  "unconfirmed",
]);
export type LeaseEnd = z.infer<typeof LeaseEnd>;

export const Lease = z.object({
  id: LeaseId,
  tenant: z.string(),
  tenantName: z.string(),
  /** Who holds it: a person's or a key's id, and the name people read. */
  actor: z.string(),
  actorName: z.string(),
  purpose: z.string(),
  phase: LeasePhase,
  /** Milliseconds since the Unix epoch, like all times here. */
  createdAt: z.number(),
  from: z.number(),
  until: z.number(),
  endedAt: z.number().nullable(),
  endReason: LeaseEnd.nullable(),
  /** What an operator said when ending it, or why the agent did. */
  endNote: z.string().nullable(),
  /** Empty while queued. The epoch is 0 until the device is granted. */
  devices: z.array(z.object({ id: DeviceId, name: z.string(), epoch: z.int().nonnegative() })),
  /** What was asked for: kept for the queue and for bookings. */
  wanted: z.object({ where: LeaseWhere.nullable(), count: z.int(), wholeChassis: z.boolean() }),
  idleMinutes: z.int().nullable(),
  /** When idleness ends it unless something is done; null when it never does. */
  idleAt: z.number().nullable(),
  /** By when a person has to confirm that the group or script on it may go on; null: nothing ends by that. */
  confirmBy: z.number().nullable(),
  /** Only while queued: its place in the queue from 1, and when it will probably be granted; null when that cannot be told. */
  queue: z.object({ position: z.int().positive(), estimate: z.number().nullable() }).nullable(),
});
export type Lease = z.infer<typeof Lease>;

/** How one thing was found after a lease. unverifiable: without root nobody can tell. failed: it is not as it was, and could not be made so. */
export const CleanResult = z.enum(["verified", "cleared", "unverifiable", "failed"]);

/** What was cleaned on a device after a lease and how it was found to be then; kept for ever. */
export const CleanRecord = z.object({
  deviceId: DeviceId,
  /**
   * The device's epoch at which it was cleaned: the one that the lease's end gave it. What the agent cleaned before it heard of the end (by its
   * own clock) takes that epoch as soon as it hears.
   */
  epoch: z.int().nonnegative(),
  startedAt: z.number(),
  endedAt: z.number(),
  /** Whether the device may be lent again. */
  clean: z.boolean(),
  /** In words, when it is not. */
  reason: z.string().nullable(),
  items: z
    .array(
      z.object({
        name: z.enum([
          "processes",
          "packages",
          "app-data",
          "files",
          "clipboard",
          "accounts",
          "settings",
          "screen-lock",
          "device-admin",
          "recent-tasks",
          "reboot",
        ]),
        result: CleanResult,
        detail: z.string().max(2_000),
        ms: z.number().nonnegative(),
      }),
    )
    .max(40),
});
export type CleanRecord = z.infer<typeof CleanRecord>;

/** A lab operator's look at somebody's leased screen: logged, and seen by its holder. */
export const Support = z.object({ by: z.string(), byName: z.string(), reason: z.string(), since: z.number(), until: z.number() });
export type Support = z.infer<typeof Support>;

/** What a tenant may hold; null is without bound. */
export const Quota = z.object({
  devicesAtOnce: z.int().min(0).max(100_000).nullable(),
  /** Device-hours in a calendar month (UTC). */
  hoursPerMonth: z.int().min(0).max(10_000_000).nullable(),
});
export type Quota = z.infer<typeof Quota>;
