/** One's own erasure: it ends the session, and what came of it is to be read all the same. */
import { useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api } from "../api/client.js";
import { useAskSessionAgain } from "../session/use-session.js";

export function useErasure() {
  return useMutation(api.privacy.erase.mutationOptions());
}

/** It is under way, or done and not yet left. */
export function useIsErasing(): boolean {
  const states = useMutationState({
    filters: { mutationKey: api.privacy.erase.mutationKey() },
    select: ({ state }) => state.status,
  });
  return states.some((status) => status === "pending" || status === "success");
}

/** To the log-in. */
export function useLeave(): () => void {
  const queries = useQueryClient();
  const askAgain = useAskSessionAgain();
  return useCallback(() => {
    queries.getMutationCache().clear();
    void askAgain();
  }, [queries, askAgain]);
}
