/** Entries of the log that something rests on, as the log gives them by now. */
import type { Leaf } from "@phonerack/policy";
import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client.js";
import { readLeaves } from "./leaf-tiles.js";

export interface LeavesRead {
  /** Of the last signed checkpoint: what comes after it cannot be read yet. */
  readonly size: number;
  /** Undefined while they are read. */
  readonly leaves: ReadonlyMap<number, Leaf> | undefined;
  readonly error: Error | null;
  readonly readAgain: () => void;
}

export function useLeaves(cited: readonly number[]): LeavesRead {
  const unsigned = (size: number) => cited.some((index) => index >= size);
  const status = useQuery({
    ...api.log.status.queryOptions({ staleTime: 60_000 }),
    enabled: cited.length > 0,
    refetchInterval: ({ state }) => (unsigned(state.data?.checkpoint?.size ?? 0) ? 3_000 : false),
  });
  const size = status.data?.checkpoint?.size ?? 0;
  // A signed entry never changes: nothing is read twice because the log has grown.
  const reach = Math.min(size, (cited.at(-1) ?? 0) + 1);
  const leaves = useQuery({
    queryKey: ["leaves", cited, reach],
    queryFn: () => readLeaves(cited, size),
    enabled: cited.length > 0 && status.data !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  });
  return {
    size,
    leaves: leaves.data,
    error: status.error ?? leaves.error,
    readAgain: () => void status.refetch().then(() => leaves.refetch()),
  };
}
