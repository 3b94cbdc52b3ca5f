/** Does one action on one phone. Each noun does its own; here is only who does what, and the gate's question before it. */
import { type ActionResult, type DeviceAction, PhonerackError } from "@phonerack/contract/bus";
import type { Blobs } from "../blobs/blobs.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";

/** What an action is given. */
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

export async function perform(_doing: Doing, action: DeviceAction): Promise<ActionResult> {
  throw new PhonerackError("not_found", action.type);
}
