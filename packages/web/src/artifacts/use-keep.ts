/** Keeps something of a phone among the artifacts of its lease. */
import type { Device, DeviceAction } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client.js";
import { doOnDevice } from "../jobs/do-on-device.js";

type Keeping = Extract<DeviceAction, { type: "log" | "get" | "screenshot" }>;

export function useKeep({ id }: Pick<Device, "id">) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (action: Keeping) => doOnDevice(id, action),
    onSuccess: () => queries.invalidateQueries({ queryKey: api.artifacts.key() }),
  });
}
