/** What is done with leases, by one click each. Devices change by the live socket, so nothing here writes what it expects to happen. */
import type { DeviceId, Lease } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, client } from "../api/client.js";

const MINUTE_MS = 60_000;

/** What an hour's click and the usual extensions come to. */
export const EXTENSIONS = [30 * MINUTE_MS, 60 * MINUTE_MS] as const;

export type LeaseAction =
  | { readonly do: "take"; readonly devices: readonly DeviceId[] }
  | { readonly do: "takeChassis"; readonly chassis: string }
  | { readonly do: "extend"; readonly lease: string; readonly until: number }
  | { readonly do: "confirm"; readonly lease: string }
  | { readonly do: "release"; readonly lease: string; readonly devices?: readonly DeviceId[] }
  | { readonly do: "handOver"; readonly lease: string; readonly to: string }
  | { readonly do: "kick"; readonly lease: string; readonly reason: string };

async function act(action: LeaseAction): Promise<Lease> {
  switch (action.do) {
    case "take":
      return client.leases.create({ devices: [...action.devices] });
    case "takeChassis":
      return client.leases.create({ where: { chassis: action.chassis }, wholeChassis: true });
    case "extend":
      return client.leases.extend({ id: action.lease, until: action.until });
    case "confirm":
      return client.leases.confirm({ id: action.lease });
    case "release":
      return client.leases.release({ id: action.lease, ...(action.devices ? { devices: [...action.devices] } : {}) });
    case "handOver":
      return client.leases.handOver({ id: action.lease, to: action.to });
    case "kick":
      return client.leases.kick({ id: action.lease, reason: action.reason });
  }
}

/** One action at a time: `run` starts it, `running` says which it is, `error` why the last one was refused. */
export function useLeaseAction(onDone?: (lease: Lease) => void) {
  const queries = useQueryClient();
  const { mutate, isPending, variables, error, reset } = useMutation({
    mutationFn: act,
    onSuccess: (lease) => {
      void queries.invalidateQueries({ queryKey: api.leases.key() });
      onDone?.(lease);
    },
  });
  return useMemo(
    () => ({ run: mutate, running: isPending ? variables.do : undefined, error: error ?? undefined, reset }),
    [mutate, isPending, variables, error, reset],
  );
}

/** So much later than it would end, or than now where its end has just passed. */
export function later(until: number, byMs: number, now = Date.now()): number {
  return Math.max(until, now) + byMs;
}
