import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { api } from "../api/client.js";
import { useDevices } from "../live/live.js";

/** What people call an id in the log: a member, a key, a phone. What is not known (any more) stays its id. */
export function useNames(): (id: string) => string {
  const members = useQuery(api.members.list.queryOptions({ retry: false })).data?.items;
  const devices = useDevices();
  return useCallback(
    (id: string) => members?.find((member) => member.id === id)?.name ?? devices?.find((device) => device.id === id)?.name ?? id,
    [members, devices],
  );
}
