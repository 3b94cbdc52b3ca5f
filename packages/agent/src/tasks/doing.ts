/** What a noun is given to do one action on one phone. */
import type { Blobs } from "../blobs/blobs.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";

/** The phone is fenced already where the mode asks for it; the gate is each action's own to ask (`allowed.ts`). */
export interface Doing {
  readonly phone: PhoneAtWork;
  readonly blobs: Blobs;
  readonly actor: string;
  readonly epoch: number;
  readonly mode: "unicast" | "group" | "script";
  readonly agreed: boolean;
  readonly trial: boolean;
  /** Aborted when the lease ends, the phone is lost, or its time is up; its reason is the error. */
  readonly signal: AbortSignal;
  /** 0 to 1 and what it does, in words. */
  progress(part: number | null, note?: string): void;
}
