/** The workbench in React: what the dock shows, which dialog is open, and a job begun from a form. */
import { type DeviceId, type Job, PhonerackError } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { api, client } from "../api/client.js";
import { useLive } from "../live/live.js";
import type { DockItem, DockRequest } from "./dock.js";
import type { Order } from "./orders.js";

export function useDockItems(): readonly DockItem[] {
  const { dock } = useLive();
  return useSyncExternalStore(dock.subscribe, () => dock.items);
}

export function useOrder(): Order | undefined {
  const { orders } = useLive();
  return useSyncExternalStore(orders.subscribe, () => orders.asked);
}

/** Begins a job and puts it into the dock. `asks`: the fence must be agreed to, then `agree` begins it after all. */
export function useStartJob(onStarted?: (job: Job) => void) {
  const { dock } = useLive();
  const queries = useQueryClient();
  const start = useMutation({
    mutationFn: (request: DockRequest) => client.jobs.create(request),
    onSuccess: (job, { devices }) => {
      dock.follow(job, devices);
      void queries.invalidateQueries({ queryKey: api.jobs.key() });
      onStarted?.(job);
    },
  });
  const { error, variables } = start;
  const asks: readonly DeviceId[] | undefined =
    error instanceof PhonerackError && error.code === "fence_unagreed" ? variables?.devices : undefined;
  return {
    start: (request: Omit<DockRequest, "agreed"> & { agreed?: boolean }) => start.mutate({ agreed: false, ...request }),
    agree: () => variables && start.mutate({ ...variables, agreed: true }),
    pending: start.isPending,
    asks,
    error: asks ? undefined : (error ?? undefined),
  };
}
