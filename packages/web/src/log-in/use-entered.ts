import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { useLive } from "../live/live.js";

/** To be called when this browser has become somebody else: forgets what the one before was told, and knocks again. */
export function useEntered(): () => void {
  const queries = useQueryClient();
  const { connection } = useLive();
  return useCallback(() => {
    void queries.resetQueries();
    connection.restart();
  }, [queries, connection]);
}
