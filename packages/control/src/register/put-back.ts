/** Writes down that a phone's agent has put back what the lab demands of it (`agent/src/lab-device`): somebody had changed its labels or given it a way out. */
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";

export interface PutBackParts {
  readonly devices: Pick<Devices, "get" | "onChange">;
  readonly record: RecordEvent;
  /** One control writes it down for all. */
  readonly leads: () => boolean;
}

/** @returns ends it */
export function watchPutBack({ devices, record, leads }: PutBackParts): () => void {
  const known = new Map<string, { labels: number; network: number }>();
  return devices.onChange((id) => {
    const device = devices.get(id);
    const { labels = 0, network = 0 } = device?.putBack ?? {};
    const before = known.get(id) ?? { labels: 0, network: 0 };
    if (labels + network > 0) known.set(id, { labels, network });
    else known.delete(id);
    if (!device?.holder || !leads()) return;
    const { actor, tenant } = device.holder;
    // What it counts begins anew with each lease.
    if (labels > before.labels) record({ actor, tenant, kind: "device.labels-put-back", subject: id, detail: { times: labels } });
    if (network > before.network)
      record({ actor, tenant, kind: "device.network-put-back", subject: id, detail: { times: network } });
  });
}
