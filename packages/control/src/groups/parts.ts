/** What groups are made of and what they ask of other nouns. */
import type { Bus } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import type { Board } from "../leases/board.js";
import type { GroupBoard } from "./group-board.js";
import type { Orders } from "./orders.js";
import type { GroupStore } from "./store.js";

export interface GroupParts {
  readonly bus: Bus;
  readonly replica: string;
  readonly devices: Devices;
  /** The leases that there are. */
  readonly leases: Board;
  readonly board: GroupBoard;
  readonly store: GroupStore;
  readonly orders: Orders;
  readonly record: RecordEvent;
  readonly log: Logger;
  readonly now: () => number;
  /** Somebody used a lease's device: what idleness is counted from. */
  readonly used: (leaseId: string, automated?: boolean) => void;
  /** An operator has said that it is a lab device, or it is a virtual phone: its fence closes without asking. */
  readonly isEnrolled: (deviceId: string) => boolean;
}
