/** One thing done with an app on a phone, to its end; the phone is asked anew after it. */
import type { DeviceAction, DeviceId } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client.js";
import { doOnDevice } from "../jobs/do-on-device.js";

export type PackageAction = Extract<DeviceAction, { type: "launch" | "stop" | "clear" | "uninstall" | "permission" }>;

export function usePackageAction(id: DeviceId) {
  const queries = useQueryClient();
  const { mutate, isPending, variables, error } = useMutation({
    mutationFn: (action: PackageAction) => doOnDevice(id, action),
    onSettled: (_result, error, { type }) =>
      Promise.all([
        queries.invalidateQueries({ queryKey: api.devices.packages.key() }),
        // What is gone has nothing to tell.
        type === "uninstall" && !error ? undefined : queries.invalidateQueries({ queryKey: api.devices.package.key() }),
        queries.invalidateQueries({ queryKey: api.jobs.key() }),
      ]),
  });
  return { run: mutate, running: isPending ? variables : undefined, error: error ?? undefined };
}
