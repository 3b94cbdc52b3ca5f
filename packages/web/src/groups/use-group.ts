/** A followed group in React: each component hears of exactly the part that it shows. */
import type { DeviceId, GroupId, GroupMember, StepRecord } from "@phonerack/contract/api";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useSyncExternalStore } from "react";
import { api } from "../api/client.js";
import { useLive } from "../live/live.js";
import type { GroupHead, GroupPart } from "./group-store.js";

/** Follows it while the component stands, and asks the API once: that knows of a group that is over, or never was. */
export function useGroup(id: GroupId): { head: GroupHead | undefined; error: unknown; again: () => void } {
  const { groups } = useLive();
  useEffect(() => groups.follow(id), [groups, id]);
  const asked = useQuery(api.groups.get.queryOptions({ input: { id }, staleTime: Number.POSITIVE_INFINITY, gcTime: 0 }));
  useEffect(() => {
    if (asked.data) groups.seed(asked.data);
  }, [groups, asked.data]);
  const head = usePart(id, "head", () => groups.head(id));
  return { head, error: head ? undefined : (asked.error ?? undefined), again: () => void asked.refetch() };
}

export function useMembers(id: GroupId): readonly GroupMember[] {
  const { groups } = useLive();
  return usePart(id, "members", () => groups.members(id));
}

/** Newest last. */
export function useSteps(id: GroupId): readonly StepRecord[] {
  const { groups } = useLive();
  return usePart(id, "steps", () => groups.steps(id));
}

export function useMember(id: GroupId, device: DeviceId): GroupMember | undefined {
  const { groups } = useLive();
  const subscribe = useCallback((changed: () => void) => groups.subscribeToMember(id, device, changed), [groups, id, device]);
  return useSyncExternalStore(subscribe, () => groups.member(id, device));
}

/** When its recording began, as far as this tab saw it. */
export function useRecordingSince(id: GroupId): number | undefined {
  const { groups } = useLive();
  return usePart(id, "head", () => groups.recordingSince(id));
}

function usePart<T>(id: GroupId, part: GroupPart, read: () => T): T {
  const { groups } = useLive();
  const subscribe = useCallback((changed: () => void) => groups.subscribe(id, part, changed), [groups, id, part]);
  return useSyncExternalStore(subscribe, read);
}
