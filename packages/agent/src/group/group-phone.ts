/** What a group asks of a phone. The phone itself (`devices/phone.ts`) is one; nothing here knows more of it. */
import type { DeviceReport, Fence, InputOrder, InputOutcome } from "@phonerack/contract/bus";
import type { GateAction, GateDecision, GateMode, Judged } from "@phonerack/policy";
import type { Held } from "../hold/held.js";
import type { PhoneLink } from "../transports/link.js";

export interface GroupPhone {
  readonly id: string;
  readonly report: DeviceReport;
  readonly custody: { readonly held: Held };
  readonly gate: GroupGate;
  readonly fence: GroupFence;
  /** The connection. Throws `device_not_ready`. */
  link(): PhoneLink;
  /** Input, in the order it came; the gate is asked at injection. Fails with `device_not_ready`. */
  act(order: InputOrder): Promise<InputOutcome[]>;
  /** Readies what input goes through; waits for nothing. */
  warm(): void;
  /** Takes every finger off. Never fails. */
  lift(): Promise<void>;
  /** Told of what ends or begins the phone's use. @returns forgets the listener. */
  watch(watcher: PhoneWatcher): () => void;
}

export interface PhoneWatcher {
  /** The phone changes hands. */
  cut(): void;
  /** The connection is over. */
  lost(): void;
  /** It is connected and prepared (again). */
  ready(): void;
}

/** What the gate is asked about something that is no input (`agent/src/gate`). */
export interface GateQuestion {
  readonly mode: GateMode;
  readonly action: GateAction;
  readonly actor: string;
  readonly epoch: number;
  readonly target?: Judged | null;
}

export interface GroupGate {
  /** Decides now, with what is known; journalled. */
  ask(question: GateQuestion): GateDecision;
  /** Asks the device first what is in front. */
  askFresh(question: GateQuestion): Promise<GateDecision>;
  /** What an installed app is to the holder's tenant. */
  judge(name: string): Promise<Judged>;
  /** Told when another app comes in front. @returns forgets the listener. */
  onFront(listener: () => void): () => void;
  /** The device must be asked first, with `askFresh`. */
  needsLook(question: Pick<GateQuestion, "mode">): boolean;
  /** What is in front has to be known within 5 s at any time. @returns ends that need; safe to call twice. */
  demand(): () => void;
  front(): { readonly front: Judged | null; readonly knownMs: number | null };
}

export interface GroupFence {
  readonly state: Fence;
  /** Resolves when it is closed, or leaky. Fails with `fence_unagreed` and with the phone's errors. */
  enter(session: string, options: { readonly agreed: boolean }): Promise<void>;
  leave(session: string): Promise<void> | void;
  /** Told when somebody else opened it: these sessions are over. @returns forgets the listener. */
  onBroken(listener: (broken: { readonly sessions: readonly string[]; readonly reason: string }) => void): () => void;
}
