/** What the database gives back, as the rest of `leases/` knows it. Times in milliseconds since the Unix epoch. */
import type { LeaseEnd, LeasePhase, LeaseState, LeaseWhere } from "@phonerack/contract/bus";

export interface Wanted {
  readonly where: LeaseWhere | null;
  readonly count: number;
  readonly wholeChassis: boolean;
  /** The ids that were asked for; absent when it was asked by `where`. */
  readonly devices?: readonly string[] | undefined;
}

export interface LeaseRow {
  readonly id: string;
  readonly tenant: string;
  readonly actor: string;
  readonly actorName: string;
  readonly purpose: string;
  readonly phase: LeasePhase;
  readonly createdAt: number;
  readonly from: number;
  readonly until: number;
  readonly endedAt: number | null;
  readonly endReason: LeaseEnd | null;
  readonly endNote: string | null;
  readonly wanted: Wanted;
  readonly idleMinutes: number | null;
  readonly activeAt: number;
  /** Since when a group or a script is at work on it without a person's word; null: none is. */
  readonly automatedSince: number | null;
  /** Which devices, and the epoch with which each was granted (0: not yet). */
  readonly devices: readonly { readonly id: string; readonly epoch: number }[];
}

/** The lab's side of one device's lease. */
export interface HoldRow {
  readonly deviceId: string;
  readonly epoch: number;
  readonly state: LeaseState;
  readonly leaseId: string | null;
  readonly endedAt: number | null;
  readonly cleanedAt: number | null;
  readonly quarantine: string | null;
  readonly quarantinedAt: number | null;
}

export interface SupportRow {
  readonly deviceId: string;
  readonly leaseId: string;
  readonly by: string;
  readonly byName: string;
  readonly reason: string;
  readonly since: number;
  readonly until: number;
}
