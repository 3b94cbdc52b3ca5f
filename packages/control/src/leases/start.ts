/** Puts the parts of leases together: reads what there is, listens to other replicas, starts the clock. */
import { type Bus, ControlChanged, decodeMessage, PhonerackError, subjects } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Db } from "../database/database.js";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import { Board } from "./board.js";
import { LeaseClock } from "./clock.js";
import { Leases } from "./leases.js";
import type { LeaseParts } from "./parts.js";
import { LeaseStore } from "./store.js";
import { Terms } from "./terms.js";
import { Upkeep } from "./upkeep.js";

export interface LeaseOptions extends Pick<LeaseParts, "memberOf" | "bus" | "replica" | "devices" | "record"> {
  readonly bus: Bus;
  readonly db: Promise<Db>;
  readonly devices: Devices;
  readonly record: RecordEvent;
  readonly log: Logger;
  tenantName(id: string): string;
  /** More than one organisation may lease: phones restart between two leases. */
  manyTenants(): boolean;
  readonly now?: () => number;
}

export interface LeaseDesk {
  readonly leases: Leases;
  readonly upkeep: Upkeep;
  readonly board: Board;
  readonly store: LeaseStore;
  /** Somebody used a lease's device. */
  used(leaseId: string): void;
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
  const store = new LeaseStore(options.db);
  const board = new Board(options);
  const refresh: LeaseParts["refresh"] = async (changed) => {
    const leases = changed.leases?.length ? await store.leases(changed.leases) : [];
    const holds = changed.devices?.length ? await store.holds(changed.devices) : [];
    // A hold that names a lease we do not know yet comes with it.
    const unknown = holds.flatMap(({ leaseId }) => (leaseId !== null && !board.lease(leaseId) ? [leaseId] : []));
    const more = unknown.length > 0 ? await store.leases([...new Set(unknown)]) : [];
    const supports = changed.devices?.length ? await store.supports(changed.devices) : [];
    const supported = new Set(supports.map(({ deviceId }) => deviceId));
    const noSupport = (changed.devices ?? []).filter((id) => !supported.has(id) && board.support(id));
    board.apply({ leases: [...leases, ...more], holds, supports, noSupport });
  };
  const terms: Terms = new Terms({
    bus,
    devices,
    board,
    log,
    reboot: options.manyTenants,
    endedByAgent: async (deviceId) => {
      const { leaseId } = board.hold(deviceId);
      const lease = leaseId === null ? undefined : board.lease(leaseId);
      // Its time is up here too, as far as two clocks agree: ours ends it as a whole, within a second.
      if (!lease || lease.until - now() <= CLOCKS_DIFFER_MS) return;
      await desk.leases.end({
        leaseId: lease.id,
        devices: [deviceId],
        reason: "agent-clock",
        note: "its agent ended it by its own clock",
      });
    },
    ahead: (deviceId, epoch) => desk.upkeep.cleanAnew(deviceId, epoch),
    cleaned: (cleanRecord, epoch) => desk.upkeep.cleaned(cleanRecord, epoch),
    noRecord: (deviceId) => desk.upkeep.cleanAnew(deviceId, 0),
  });
  const parts: LeaseParts = { bus, replica, devices, board, store, terms, record, now, refresh, memberOf };
  const leases = new Leases(parts);
  const desk = { leases, upkeep: new Upkeep(parts) };
  const clock = new LeaseClock({ ...parts, leases, log });
  const others = listen(options, refresh);
  // While the bus was lost others' changes were missed.
  const restored = bus.onRestored(() => {
    store.open().then(
      (all) => board.replace(all),
      (error: unknown) => log.error({ err: error }, "the leases could not be read again"),
    );
  });
  const gone = devices.onChange((id) => {
    const { leaseId } = board.hold(id);
    if (leaseId === null || devices.get(id)) return;
    leases
      .end({ leaseId, devices: [id], reason: "device-gone", note: null })
      .catch((error: unknown) => log.error({ err: error }, "a lease of a device that is gone"));
  });
  return {
    ...desk,
    board,
    store,
    tick: () => clock.tick(),
    used: (leaseId) => clock.used(leaseId),
    start: async () => board.replace(await store.open()),
    stop: async () => {
      gone();
      restored.unsubscribe();
      others();
      await clock.stop();
      await terms.stop();
    },
  };
}

/** Reads again what another replica says it wrote. */
function listen({ bus, replica, log }: LeaseOptions, refresh: LeaseParts["refresh"]): () => void {
  const subscription = bus.subscribe(subjects.changed, ({ payload }) => {
    const changed = decodeMessage(ControlChanged, payload);
    if (changed.replica === replica || (!changed.leases?.length && !changed.devices?.length)) return undefined;
    refresh(changed).catch((error: unknown) => {
      const code = error instanceof PhonerackError ? error.code : undefined;
      log.error({ err: error, code }, "what another control changed could not be read");
    });
    return undefined;
  });
  return () => subscription.unsubscribe();
}
