/**
 * What adb and shells of one phone have in common: they are scripts, open on a fenced phone only, and stand still while an app is in front that is not the tenant's.
 */
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";

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
  /** Told of stalls and their end (null), with the reason in words. */
  onStall(listener: (reason: string | null) => void): void;
  /** Told once when it must end, with why (`adb_closed`, `epoch_stale`, the connection's end). */
  onClosed(listener: (error: PhonerackError) => void): void;
  /** It is over; the last one opens the fence. Idempotent. */
  leave(): void;
}

let next = 0;

/** Closes the fence. Fails as `PhoneFence.enter` does, or with `denied`. */
export async function enterGuarded(phone: PhoneAtWork, { kind, actor, epoch, agreed }: Entrant): Promise<Guarded> {
  const session = `${kind}-${++next}`;
  await phone.fence.enter(session, { agreed });
  const forget = phone.watch({ cut: () => {}, lost: () => {}, ready: () => {} });
  return {
    stalled: null,
    flow: () => Promise.resolve(),
    ask: () => {
      const answer = phone.gate.ask({ mode: "script", action: "shell", actor, epoch });
      if (answer.decision === "deny") throw answer.error ?? new PhonerackError("denied", answer.reason);
    },
    onStall: () => {},
    onClosed: () => {},
    leave: () => {
      forget();
      void phone.fence.leave(session);
    },
  };
}
