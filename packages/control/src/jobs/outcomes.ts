/** Tasks grouped by what came of them, the most alike first. */
import type { JobOutcome } from "@phonerack/contract/bus";
import type { TaskRow } from "./rows.js";

export function outcomesOf(tasks: readonly TaskRow[]): JobOutcome[] {
  const groups = new Map<string, JobOutcome>();
  for (const { state, result, error, deviceId: id, deviceName: name } of tasks) {
    const key = JSON.stringify([state, sorted(result), sorted(error)]);
    const group = groups.get(key) ?? { state, result, error, devices: [] };
    group.devices.push({ id, name });
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.devices.length - a.devices.length);
}

/** A database gives an object's keys in another order than the agent did. */
function sorted(value: object | null): unknown {
  return value && Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}
