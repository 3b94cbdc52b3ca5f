/**
 * What adb and shells of one phone have in common: they are scripts, open on a fenced phone only, and stand still while an app is in front that is not the tenant's.
 */
import type { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneSocket } from "../transports/link.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import { PhoneGuard } from "./phone-guard.js";

/** Who opens one, under which lease. */
export interface Entrant {
  readonly kind: "adb" | "shell";
  readonly actor: string;
  readonly epoch: number;
  /** The fence may close where nobody enrolled the device. */
  readonly agreed: boolean;
}

/** One adb session or shell on a guarded phone. */
export interface Guarded {
  /** Why nothing goes to the phone now; null: all goes. */
  readonly stalled: string | null;
  /** Resolves when bytes may go to the phone: at once, or after a stall. Rejects with `adb_closed` when it was closed instead. */
  flow(): Promise<void>;
  /** Asks the gate whether this input-capable service may be opened now. Fails with `denied`; journalled by its name, never its content. */
  ask(service: string): void;
  /** Opens a service on the phone as its holder's: what it runs there stands still and ends with the others. Fails as `PhoneLink.open` does, or with why this has ended. */
  open(service: string): Promise<PhoneSocket>;
  /** Told of stalls and their end (null), with the reason in words. */
  onStall(listener: (reason: string | null) => void): void;
  /** Told once when it must end, with why (`adb_closed`, `epoch_stale`, the connection's end). */
  onClosed(listener: (error: PhonerackError) => void): void;
  /** It is over; the last one opens the fence. Idempotent. */
  leave(): void;
}

const guards = new WeakMap<PhoneAtWork, PhoneGuard>();

/** Closes the fence, and waits for the phone to tell what is in front. Fails as `PhoneFence.enter` does. */
export function enterGuarded(phone: PhoneAtWork, entrant: Entrant): Promise<Guarded> {
  const guard = guards.get(phone) ?? new PhoneGuard(phone);
  guards.set(phone, guard);
  return guard.enter(entrant);
}
