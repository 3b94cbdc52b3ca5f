/** What can be done at once on those of some phones that one holds: opens the dialog that asks what exactly, or does it. */
import { type DeviceAction, type DeviceId, LOG_TAIL_MAX } from "@phonerack/contract/api";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useDevices, useLive } from "../live/live.js";
import { mayTouch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import type { OrderKind } from "./orders.js";

/** Nothing is asked before. */
const AT_ONCE = {
  screenshot: { type: "screenshot", frame: false },
  record: { type: "record", on: true, sound: true },
  recordEnd: { type: "record", on: false, sound: true },
  keepLast: { type: "keep-last", seconds: 120 },
  saveLast: { type: "save-last", seconds: 120 },
  log: { type: "log", tail: LOG_TAIL_MAX, level: "V" },
} as const satisfies Record<string, DeviceAction>;

export const WORK_KINDS = [
  "install",
  "app",
  "run",
  "files",
  "settings",
  "clipboard",
  "link",
  "screenshot",
  "record",
  "recordEnd",
  "keepLast",
  "saveLast",
  "log",
] as const satisfies readonly (OrderKind | keyof typeof AT_ONCE)[];
export type WorkKind = (typeof WORK_KINDS)[number];

export interface WorkActions {
  /** Those of them that one holds, in the order given. */
  readonly held: readonly DeviceId[];
  readonly begin: (kind: WorkKind) => void;
}

export function useWorkActions(ids: readonly DeviceId[]): WorkActions {
  const { t } = useTranslation();
  const { devices, orders, dock } = useLive();
  const all = useDevices();
  const session = useSession();
  const held = useMemo(
    () =>
      all
        ? ids.filter((id) => {
            const device = devices.get(id);
            return device !== undefined && mayTouch(session, device);
          })
        : [],
    [all, ids, devices, session],
  );
  const begin = (kind: WorkKind) => {
    if (!isAtOnce(kind)) return orders.ask({ kind, devices: held });
    dock.begin({ devices: [...held], action: AT_ONCE[kind] }, t(`work.${kind}`, { count: held.length }));
  };
  return { held, begin };
}

function isAtOnce(kind: WorkKind): kind is keyof typeof AT_ONCE {
  return Object.hasOwn(AT_ONCE, kind);
}
