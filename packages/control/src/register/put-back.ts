/** Writes down that a phone's agent has put back what the lab demands of it (`agent/src/lab-device`): somebody had changed its labels or given it a way out. */
import type { Device } from "@phonerack/contract/api";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";

export interface PutBackParts {
  readonly devices: Pick<Devices, "get" | "onChange">;
  readonly record: RecordEvent;
  /** One control writes it down for all. */
  readonly leads: () => boolean;
}

const NOTHING = { labels: 0, network: 0, helpers: 0 };

/** @returns ends it */
export function watchPutBack({ devices, record, leads }: PutBackParts): () => void {
  const known = new Map<string, NonNullable<Device["putBack"]>>();
  return devices.onChange((id) => {
    const device = devices.get(id);
    const counts = device?.putBack ?? NOTHING;
    const before = known.get(id) ?? NOTHING;
    if (counts === NOTHING) known.delete(id);
    else known.set(id, counts);
    if (!device?.holder || !leads()) return;
    const { actor, tenant } = device.holder;
    // What it counts begins anew with each lease.
    for (const what of ["labels", "network", "helpers"] as const)
      if (counts[what] > before[what])
        record({ actor, tenant, kind: `device.${what}-put-back`, subject: id, detail: { times: counts[what] } });
  });
}
