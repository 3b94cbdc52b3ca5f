/** A group of devices summed up. */
import type { Device, DeviceId } from "@phonerack/contract/api";
import type { WallGroup } from "./groups.js";

export interface GroupFacts {
  readonly ready: number;
  readonly total: number;
  /** Degrees Celsius, of the hottest battery. */
  readonly hottest: number | undefined;
  /** One reason that hits at least three phones and half of the group. */
  readonly commonReason: string | undefined;
}

export function membersOf(group: WallGroup, devices: { get(id: DeviceId): Device | undefined }): readonly Device[] {
  return group.cells.flatMap(({ id }) => (id === null ? [] : (devices.get(id) ?? [])));
}

export function sumUp(members: readonly Device[]): GroupFacts {
  const temperatures = members.flatMap(({ battery }) => battery?.temperature ?? []);
  return {
    ready: members.filter(({ state }) => state === "ready").length,
    total: members.length,
    hottest: temperatures.length > 0 ? Math.max(...temperatures) : undefined,
    commonReason: commonReason(members),
  };
}

function commonReason(members: readonly Device[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { state, reason } of members) {
    if (state !== "ready" && reason) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most && most[1] >= Math.max(3, members.length / 2) ? most[0] : undefined;
}
