/** Who uses this page, for which organisation, and what their role lets them do. What is shown; what may be done, control decides. */
import { atLeast, type Role, type Session } from "@phonerack/contract/api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api } from "../api/client.js";

/** Undefined until the first answer, and while nobody is logged in. Asked for once, however many components use it. */
export function useSession(): Session | undefined {
  return useQuery(api.session.get.queryOptions({ retry: false, staleTime: 60_000 })).data;
}

/** Asks again who we are: after a log-in, another organisation, a new name. */
export function useAskSessionAgain(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(() => queries.invalidateQueries({ queryKey: api.session.get.key() }), [queries]);
}

/** Whether they have at least this role in the organisation they act for. Who runs the lab, `session.lab` says. */
export function hasRole(session: Session | undefined, role: Role): boolean {
  return session !== undefined && session.role !== null && atLeast(session.role, role);
}

/** The actor's id, as holders of devices are called; undefined until it is known. */
export function useActor(): string | undefined {
  return useSession()?.actor;
}
