/** What a phone's fence is made of, and what it tells of itself. */
import type { Fence } from "@phonerack/contract/bus";
import type { Judged } from "@phonerack/policy";
import type { Logger } from "pino";
import type { Permits } from "../permits.js";
import type { PhoneLink } from "../transports/link.js";
import type { Fences } from "./fences.js";

export interface FenceContext {
  readonly fences: Fences;
  /** How many are closed or opened at once. */
  readonly fencings: Permits;
  readonly grounds: { onChange(listener: (tenant: string) => void): () => void };
  readonly log: Logger;
}

export interface FenceParts {
  readonly id: string;
  readonly context: FenceContext;
  /** The connection to the phone, once it is prepared. Rejects with the signal's reason. */
  ready(signal: AbortSignal): Promise<PhoneLink>;
  readonly gate: FenceGate;
  /** leased: somebody holds it. enrolled: its fence may close without anybody's word, since it is virtual or an operator said so. */
  hold(): { readonly leased: boolean; readonly enrolled: boolean; readonly tenant: string };
  /** What must not see a fence that is closing: a baseline that is being taken. */
  undisturbed(): Promise<unknown> | undefined;
  onChange(fence: Fence): void;
}

/** What the fence asks of the phone's gate. */
export interface FenceGate {
  /** What an app is to whoever holds the phone. */
  judge(name: string): Promise<Judged>;
  /** Calls when another app is in front. @returns forgets the listener. */
  onFront(listener: (front: Judged | null) => void): () => void;
  /** What is in front must be known at any time from now on. @returns ends that. */
  demand(): () => void;
}

/** Somebody else enabled what the fence had disabled: these sessions are over. */
export interface Broken {
  readonly sessions: readonly string[];
  readonly reason: string;
}
