/** What can be done at once on those of some phones that one holds: opens the dialog that asks what exactly, or does it. */
import type { DeviceId } from "@phonerack/contract/api";
import { useMemo } from "react";
import { useDevices, useLive } from "../live/live.js";
import { mayTouch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import type { OrderKind } from "./orders.js";
import { useStartJob } from "./use-dock.js";

export const WORK_KINDS = ["install", "run", "settings", "clipboard", "link", "screenshot"] as const satisfies readonly (
  | OrderKind
  | "screenshot"
)[];
export type WorkKind = (typeof WORK_KINDS)[number];

export interface WorkActions {
  /** Those of them that one holds, in the order given. */
  readonly held: readonly DeviceId[];
  readonly begin: (kind: WorkKind) => void;
  readonly error: unknown;
}

export function useWorkActions(ids: readonly DeviceId[]): WorkActions {
  const { devices, orders } = useLive();
  const all = useDevices();
  const session = useSession();
  const { start, error } = useStartJob();
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
    if (kind === "screenshot") start({ devices: [...held], action: { type: "screenshot", frame: false } });
    else orders.ask({ kind, devices: held });
  };
  return { held, begin, error };
}
