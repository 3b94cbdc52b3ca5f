/** Puts boards into slots. The devices themselves move when control says so. */
import type { DeviceId } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api } from "../api/client.js";

export interface Place {
  readonly chassis: string;
  readonly slot: number;
}

export function usePlacing(onDone?: () => void) {
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation(
    api.devices.place.mutationOptions({
      onSuccess: () => {
        void queries.invalidateQueries({ queryKey: api.lab.key() });
        onDone?.();
      },
    }),
  );
  // What is dropped may come from anywhere, and hold no device at all: then nothing happens.
  const place = useCallback((id: DeviceId, to: Place | null) => id && mutate({ id, place: to }), [mutate]) as (
    id: DeviceId,
    to: Place | null,
  ) => void;
  return { place, error, isPending };
}
