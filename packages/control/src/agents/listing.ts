/** The hosts of the lab as people see them: those that joined, and those that are heard without having joined. */
import type { AgentView } from "@phonerack/contract/api";
import type { Devices } from "../devices/devices.js";
import type { AgentRow } from "./store.js";

/** By name. */
export function agentViews(joined: readonly AgentRow[], seen: Devices["agents"]): AgentView[] {
  const views = new Map<string, AgentView>(joined.map((row) => [row.id, viewOfRow(row)]));
  for (const { id, host, version, presence, since, devices } of seen) {
    const row = views.get(id);
    views.set(id, {
      id,
      host: host ?? row?.host ?? null,
      version,
      presence,
      since,
      devices,
      joinedAt: row?.joinedAt ?? null,
      joinedBy: row?.joinedBy ?? null,
    });
  }
  return [...views.values()].sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
}

function viewOfRow({ id, host, joinedAt, joinedBy }: AgentRow): AgentView {
  const at = joinedAt.getTime();
  return { id, host: host || null, version: null, presence: "never", since: at, devices: 0, joinedAt: at, joinedBy };
}
