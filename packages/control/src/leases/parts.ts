/** What leases are made of and what they ask of other nouns. */
import type { Bus, Role } from "@phonerack/contract/bus";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import type { Board } from "./board.js";
import type { LeaseStore } from "./store.js";
import type { Terms } from "./terms.js";

export interface LeaseParts {
  readonly bus: Bus;
  readonly replica: string;
  readonly devices: Devices;
  readonly board: Board;
  readonly store: LeaseStore;
  readonly terms: Terms;
  readonly record: RecordEvent;
  readonly now: () => number;
  /** Reads rows that others wrote from the database again. */
  refresh(changed: { leases?: readonly string[]; devices?: readonly string[] }): Promise<void>;
  /** A member of an organisation, by id or e-mail address. */
  memberOf(tenant: string, idOrEmail: string): Promise<{ actor: string; name: string; role: Role } | undefined>;
}
