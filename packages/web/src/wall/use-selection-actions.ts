/** What can be done with some phones at once, as far as each may: taken, driven as a group, given back. */
import type { Device, DeviceId } from "@phonerack/contract/api";
import { useRouter } from "@tanstack/react-router";
import { useMemo } from "react";
import { useLeaseAction } from "../leases/use-lease-action.js";
import { useDevices, useLive } from "../live/live.js";
import { isMine, mayDrive, mayTake } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { handOverSelection } from "./selection-hand-over.js";

export interface SelectionActions {
  /** Those that are there, in the order given. */
  readonly devices: readonly Device[];
  readonly free: readonly Device[];
  readonly mine: readonly Device[];
  /** Undefined: not for this person, or none of these. */
  readonly lease: (() => void) | undefined;
  readonly drive: (() => void) | undefined;
  readonly release: (() => void) | undefined;
  readonly action: ReturnType<typeof useLeaseAction>;
}

export function useSelectionActions(ids: readonly DeviceId[]): SelectionActions {
  const live = useLive();
  const all = useDevices();
  const session = useSession();
  const router = useRouter();
  const action = useLeaseAction();
  const devices = useMemo(() => (all ? ids.flatMap((id) => live.devices.get(id) ?? []) : []), [all, ids, live]);
  const free = devices.filter((device) => mayTake(session, device));
  const mine = devices.filter((device) => isMine(device, session?.actor));
  const drives = mayDrive(session);
  return {
    devices,
    free,
    mine,
    action,
    lease: free.length > 0 ? () => action.run({ do: "take", devices: free.map(({ id }) => id) }) : undefined,
    drive: drives && mine.length > 0 ? () => router.history.push(handOverSelection(mine.map(({ id }) => id))) : undefined,
    release:
      drives && mine.length > 0
        ? () => {
            for (const lease of leasesOf(mine)) action.run(lease);
          }
        : undefined,
  };
}

/** Only these are given back, of each lease. */
export function leasesOf(mine: readonly Device[]) {
  const leases = new Map<string, DeviceId[]>();
  for (const { id, holder } of mine) if (holder) leases.set(holder.lease, [...(leases.get(holder.lease) ?? []), id]);
  return [...leases].map(([lease, devices]) => ({ do: "release", lease, devices }) as const);
}
