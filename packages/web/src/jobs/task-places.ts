/** A job's phones as they stand in the room: by chassis, in the order of the slots. */
import type { Device, DeviceId, JobTask } from "@phonerack/contract/api";

export interface TaskPlace {
  /** Null: in no chassis, or not known any more. */
  readonly chassis: string | null;
  readonly tasks: readonly JobTask[];
}

const order = new Intl.Collator("en", { numeric: true });

export function placeTasks(
  tasks: readonly JobTask[],
  devices: { get(id: DeviceId): Pick<Device, "chassis" | "slot"> | undefined },
): readonly TaskPlace[] {
  const places = new Map<string, { task: JobTask; slot: number }[]>();
  for (const task of tasks) {
    const device = devices.get(task.deviceId);
    const chassis = device?.chassis ?? "";
    const placed = places.get(chassis) ?? [];
    placed.push({ task, slot: device?.slot ?? Number.MAX_SAFE_INTEGER });
    places.set(chassis, placed);
  }
  return [...places]
    .sort(([a], [b]) => (a === "" ? 1 : b === "" ? -1 : order.compare(a, b)))
    .map(([chassis, placed]) => ({
      chassis: chassis || null,
      tasks: placed
        .sort((a, b) => a.slot - b.slot || order.compare(a.task.deviceName, b.task.deviceName))
        .map(({ task }) => task),
    }));
}
