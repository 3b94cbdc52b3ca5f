/** Puts the parts of leases together: reads what there is, listens to other replicas, starts the clock. */
import type { Bus } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Db } from "../database/database.js";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import { Board } from "./board.js";
import { LeaseClock } from "./clock.js";
import { Leases } from "./leases.js";
import { Others } from "./others.js";
import type { LeaseParts } from "./parts.js";
import { LeaseStore } from "./store.js";
import { type Finding, Terms, type TermsParts } from "./terms.js";
import { Upkeep } from "./upkeep.js";

export interface LeaseOptions extends Pick<LeaseParts, "memberOf" | "bus" | "replica" | "devices" | "record"> {
  readonly bus: Bus;
  readonly db: Promise<Db>;
  readonly devices: Devices;
  readonly record: RecordEvent;
  readonly log: Logger;
  tenantName(id: string): string;
  /** Whether tiers count for it. */
  capped(tenant: string): boolean;
  /** More than one organisation may lease: phones restart between two leases. */
  manyTenants(): boolean;
  readonly now?: () => number;
  readonly prepare?: TermsParts["prepare"];
  readonly enrolled?: TermsParts["enrolled"];
  readonly isolated?: TermsParts["isolated"];
}

export interface LeaseDesk {
  readonly leases: Leases;
  readonly upkeep: Upkeep;
  readonly board: Board;
  readonly store: LeaseStore;
  /** Tells the agents of these devices how things stand with them; never fails. */
  tell(deviceIds: readonly string[]): Promise<void>;
  /** Somebody used a lease's device, or (`automated`) a group or script did. */
  readonly used: (leaseId: string, automated?: boolean) => void;
  /** Does what is due now; its own clock does so every second. */
  tick(): Promise<void>;
  /** Reads all that there is; to be awaited before anything is answered. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** By how much an agent's clock may be ahead of ours without anybody being told so. */
const CLOCKS_DIFFER_MS = 2_000;

export function createLeaseDesk(options: LeaseOptions): LeaseDesk {
  const { bus, replica, devices, log, record, memberOf, now = Date.now } = options;
  const store = new LeaseStore(options.db, (id) => devices.get(id)?.reach === "virtual");
  const board = new Board(options);
  const others = new Others({ bus, replica, store, board, log });
  const terms = new Terms({
    bus,
    devices,
    board,
    log,
    reboot: () => options.manyTenants(),
    found: (id, what) => act(id, what),
    ...(options.prepare && { prepare: options.prepare }),
    ...(options.enrolled && { enrolled: options.enrolled }),
    ...(options.isolated && { isolated: options.isolated }),
  });
  const refresh: LeaseParts["refresh"] = (changed) => others.refresh(changed);
  const parts: LeaseParts = { bus, replica, devices, board, store, terms, record, now, refresh, memberOf };
  const leases = new Leases(parts);
  const upkeep = new Upkeep(parts);
  const act = (id: string, what: Finding) => deal({ leases, upkeep, board, now }, id, what);
  const clock = new LeaseClock({ ...parts, leases, log });
  devices.freshen = (ids) => others.freshen(ids);
  const gone = devices.onChange((id) => {
    const { leaseId } = board.hold(id);
    if (leaseId === null || devices.get(id)) return;
    leases
      .end({ leaseId, devices: [id], reason: "device-gone", note: null })
      .catch((error: unknown) => log.error({ err: error }, "a lease of a device that is gone"));
  });
  return {
    leases,
    upkeep,
    board,
    store,
    tick: () => clock.tick(),
    tell: (ids) => terms.tell(ids),
    used: (leaseId, automated) => clock.used(leaseId, automated),
    start: async () => {
      await others.readAll();
      terms.begin();
    },
    stop: async () => {
      gone();
      others.stop();
      await clock.stop();
      await terms.stop();
    },
  };
}

/** What an agent's side of a lease calls for. */
async function deal(
  { leases, upkeep, board, now }: { leases: Leases; upkeep: Upkeep; board: Board; now: () => number },
  deviceId: string,
  what: Finding,
): Promise<void> {
  switch (what.found) {
    case "ended-by-agent": {
      const { leaseId } = board.hold(deviceId);
      const lease = leaseId === null ? undefined : board.lease(leaseId);
      // Its time is up here too, as far as two clocks agree: ours ends it as a whole, within a second.
      if (!lease || lease.until - now() <= CLOCKS_DIFFER_MS) return;
      const note = "its agent ended it by its own clock";
      await leases.end({ leaseId: lease.id, devices: [deviceId], reason: "agent-clock", note });
      return;
    }
    case "ahead":
      return await upkeep.cleanAnew(deviceId, what.epoch);
    case "no-record":
      return await upkeep.cleanAnew(deviceId, 0);
    case "record":
      return await upkeep.cleaned(what.record, what.epoch);
  }
}
