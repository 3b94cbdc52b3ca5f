/** What work on a phone asks of it: adb, shells, logs, files, apps, settings. The phone itself (`devices/phone.ts`) is one. */
import type { DeviceReport } from "@phonerack/contract/bus";
import type { PhoneFence } from "../fence/phone-fence.js";
import type { SystemEvent } from "../foreground/events.js";
import type { PhoneGate } from "../gate/phone-gate.js";
import type { PhoneWatcher } from "../group/group-phone.js";
import type { Held } from "../hold/held.js";
import type { ControlSession } from "../input/control-session.js";
import type { PhoneLink } from "../transports/link.js";

export interface PhoneAtWork {
  readonly id: string;
  readonly report: DeviceReport;
  readonly reporter: { update(change: Partial<DeviceReport>): void };
  /** `opening`: while there is one, nothing may be changed on it yet, since what it was like before is not known. */
  readonly custody: { readonly held: Held; readonly opening: Promise<void> | undefined };
  readonly gate: Pick<
    PhoneGate,
    | "ask"
    | "askFresh"
    | "weigh"
    | "judge"
    | "judgeFile"
    | "doubt"
    | "onFront"
    | "needsLook"
    | "demand"
    | "front"
    | "look"
    | "paused"
    | "mayReach"
  >;
  readonly fence: Pick<PhoneFence, "state" | "facts" | "enter" | "leave" | "onBroken" | "forgive">;
  /** The connection. Throws `device_not_ready`. */
  link(): PhoneLink;
  /** The live control session, started when there is none: the clipboard is reached through it. */
  hands(): Promise<ControlSession>;
  /** Calls with what system_server says of it (`foreground/events.ts`). @returns forgets the listener. */
  onEvent(listener: (event: SystemEvent) => void): () => void;
  /** Told when it changes hands, is lost, is ready again. @returns forgets the listener. */
  watch(watcher: PhoneWatcher): () => void;
}
