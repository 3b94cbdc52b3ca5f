/**
 * The rules of one device's hold, pure: what a term changes, what the clock changes, what an order with some epoch may do. Who keeps it, and
 * where, is left to `holds.ts`.
 */
import { type Hold, PhonerackError, type Term } from "@phonerack/contract/bus";

/** How far ahead an order may set its own end: none is older than this, whatever it says of itself. */
export const FRESH_MS = 2_000;
/** How much our clock and control's may differ. Beyond it nobody could tell an old order from a new one. */
const SKEW_MS = 3_000;

/** One device's hold as the agent keeps it. */
export interface Held {
  readonly epoch: number;
  readonly phase: Hold["phase"];
  /** The epoch is a lease's. With another phase than `leased` that lease is over, by our own clock, and the epoch with it. */
  readonly lent: boolean;
  readonly actor: string;
  /** The holder's organisation, whose apps count as its own; "" while nobody holds it, or control did not say. */
  readonly tenant: string;
  /** An operator has said that it is a lab device. */
  readonly enrolled: boolean;
  /** By the lab's register it gets no route out. */
  readonly isolated: boolean;
  /** Milliseconds since the Unix epoch; 0 while nobody holds it. */
  readonly until: number;
  readonly reboot: boolean;
  /** The epoch at which the last cleaning began: one cleaning keeps it while control raises the epoch under it. */
  readonly work: number;
  readonly note: string | null;
}

/** What holds for a device that no control has spoken of yet. */
export const FRESH: Held = {
  epoch: 0,
  phase: "free",
  lent: false,
  actor: "",
  tenant: "",
  enrolled: false,
  isolated: false,
  until: 0,
  reboot: false,
  work: 0,
  note: null,
};

/** What the term makes of the hold: a higher epoch is taken, a change of `until` or of its isolation with the same one too, anything else is left (the same object). */
export function follow(before: Held, term: Term): Held {
  if (term.epoch < before.epoch) return before;
  const { isolated = before.isolated } = term;
  const held = isolated === before.isolated ? before : { ...before, isolated };
  if (term.epoch === held.epoch) return extend(held, term);
  const { epoch, actor, tenant = "", until, reboot } = term;
  const nobody = {
    epoch,
    lent: false,
    actor: "",
    tenant: "",
    enrolled: term.enrolled ?? held.enrolled,
    isolated,
    until: 0,
  } as const;
  switch (term.phase) {
    case "leased":
      return { ...nobody, phase: "leased", lent: true, actor, tenant, until, reboot, work: held.work, note: null };
    case "free":
      return { ...nobody, phase: "free", reboot: false, work: held.work, note: null };
    case "clean":
      // Its own clock was faster: what it does or has done about that lease stands, unless more is asked for now.
      if (isOver(held) && epoch === held.epoch + 1 && (held.reboot || !reboot)) return { ...held, ...nobody };
      return { ...nobody, phase: "cleaning", reboot, work: epoch, note: null };
  }
}

function extend(held: Held, term: Term): Held {
  if (held.phase !== "leased" || term.phase !== "leased") return held;
  const { until, reboot, enrolled = held.enrolled } = term;
  // An older control, or an older agent that wrote the hold, did not know of tenants.
  const tenant = held.tenant || (term.tenant ?? "");
  const same = held.until === until && held.reboot === reboot && held.enrolled === enrolled && held.tenant === tenant;
  return same ? held : { ...held, until, reboot, enrolled, tenant };
}

/** What the clock makes of the hold: a lease whose time is up becomes a phone to clean, whether control is reachable or not. */
export function expire(held: Held, now: number): Held {
  if (held.phase !== "leased" || now < held.until) return held;
  return { ...held, phase: "cleaning", work: held.epoch, note: null };
}

/** The epoch's lease has ended by our own clock; nothing that carries it counts any more. */
export function isOver(held: Held): boolean {
  return held.lent && held.phase !== "leased";
}

/**
 * Refuses what may not look at the phone. free, dirty: whoever control lets; leased: its holder, and whom control lets; while it is cleaned nobody
 * looks. Throws `epoch_stale` or `device_busy`.
 */
export function requireShown(held: Held, epoch: number): void {
  if (epoch !== held.epoch || isOver(held)) throw new PhonerackError("epoch_stale");
  if (held.phase === "cleaning") throw new PhonerackError("device_busy", "it is being cleaned");
}

/** Refuses what may only happen while nobody holds the phone. Throws `epoch_stale` or `device_busy`. */
export function requireIdle(held: Held, epoch: number): void {
  requireShown(held, epoch);
  if (held.phase === "leased") throw new PhonerackError("device_busy", "it is leased");
}

/** `too_late` for an order whose time is over, and for one whose time nobody can trust; undefined when it is in time. */
export function lateness(notAfter: number, now: number): PhonerackError | undefined {
  if (now > notAfter) return new PhonerackError("too_late");
  const ahead = notAfter - now - FRESH_MS;
  if (ahead <= SKEW_MS) return undefined;
  const seconds = Math.round(ahead / 1_000);
  return new PhonerackError("too_late", `it claims a time ${seconds} s ahead; set the clocks of control and this agent by NTP`);
}

/** Refuses what `lateness` calls late. */
export function requireFresh(notAfter: number, now: number): void {
  const late = lateness(notAfter, now);
  if (late) throw late;
}

export function holdOf({ epoch, phase, note }: Held): Hold {
  return { epoch, phase, note };
}
