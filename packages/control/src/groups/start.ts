/** Puts the parts of groups together: reads what there is, listens, starts the clock. */
import type { Bus } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Db } from "../database/database.js";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import type { Board } from "../leases/board.js";
import { Ears } from "./ears.js";
import { GroupBoard } from "./group-board.js";
import { Groups } from "./groups.js";
import { Orders } from "./orders.js";
import type { GroupParts } from "./parts.js";
import { Recording } from "./recording.js";
import { Replays } from "./replays.js";
import { Seqs } from "./seqs.js";
import { Steps } from "./steps.js";
import { GroupStore } from "./store.js";

export interface GroupOptions extends Pick<GroupParts, "used" | "isEnrolled"> {
  readonly bus: Bus;
  readonly replica: string;
  readonly db: Promise<Db>;
  readonly devices: Devices;
  readonly leases: Board;
  readonly record: RecordEvent;
  readonly log: Logger;
  readonly hears: (agentId: string) => boolean;
  readonly now?: () => number;
}

export interface GroupDesk {
  readonly groups: Groups;
  readonly board: GroupBoard;
  readonly replays: Replays;
  /** Reads all that there is; after the leases, and to be awaited before anything is answered. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createGroupDesk(options: GroupOptions): GroupDesk {
  const { bus, devices, log, now = Date.now } = options;
  const store = new GroupStore(options.db);
  const board = new GroupBoard({ devices, now });
  const orders = new Orders({ bus, devices, log });
  const parts: GroupParts = { ...options, board, store, orders, now };
  const seqs = new Seqs(store);
  const full = (id: string) => {
    groups
      .set(id, { recording: false })
      .catch((error: unknown) => log.warn({ err: error, group: id }, "a recording that is full goes on"));
  };
  const recording = new Recording({ store, log, full });
  const steps = new Steps({ ...parts, seqs, recording });
  const groups = new Groups({ ...parts, steps, seqs, recording });
  const replays = new Replays({ ...parts, groups, steps });
  const ears = new Ears({ ...parts, groups, hears: options.hears });
  return {
    groups,
    board,
    replays,
    start: async () => {
      await ears.readAll();
      await replays.takeUp();
    },
    stop: async () => {
      ears.stop();
      board.stop();
      await replays.stop();
      await recording.flush();
    },
  };
}
