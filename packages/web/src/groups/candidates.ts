/** Which phones can be driven as one: those of one lease of one's own that work, out of what was asked for; and what is left out, and why. */
import type { Device, DeviceId } from "@phonerack/contract/api";
import { GROUP_MAX_DEVICES } from "@phonerack/contract/api";
import { isMine } from "../session/may.js";

/** Where the phones come from. */
export type Source =
  | { readonly from: "selection"; readonly ids: readonly DeviceId[] }
  | { readonly from: "lease" | "chassis" | "label"; readonly name: string };

export type LeftOutWhy = "notYours" | "otherLease" | "notReady" | "tooMany";

export interface Candidates {
  readonly lease: string | undefined;
  readonly devices: readonly Device[];
  readonly leftOut: readonly { readonly why: LeftOutWhy; readonly devices: readonly Device[] }[];
}

export function candidatesOf(devices: readonly Device[], source: Source, actor: string | undefined): Candidates {
  const wanted = wantedOf(devices, source);
  const mine = wanted.filter((device) => isMine(device, actor));
  const lease = largest(mine);
  const together = mine.filter(({ holder }) => holder?.lease === lease);
  const ready = together.filter(({ state }) => state === "ready");
  const leftOut = [
    { why: "notYours", devices: wanted.filter((device) => !mine.includes(device)) },
    { why: "otherLease", devices: mine.filter((device) => !together.includes(device)) },
    { why: "notReady", devices: together.filter((device) => !ready.includes(device)) },
    { why: "tooMany", devices: ready.slice(GROUP_MAX_DEVICES) },
  ] as const;
  return {
    lease,
    devices: ready.slice(0, GROUP_MAX_DEVICES),
    leftOut: leftOut.filter((each) => each.devices.length > 0),
  };
}

function wantedOf(devices: readonly Device[], source: Source): readonly Device[] {
  switch (source.from) {
    case "selection": {
      const byId = new Map(devices.map((device) => [device.id, device]));
      return source.ids.flatMap((id) => byId.get(id) ?? []);
    }
    case "lease":
      return devices.filter(({ holder }) => holder?.lease === source.name);
    case "chassis":
      return devices.filter(({ chassis }) => chassis === source.name);
    case "label":
      return devices.filter(({ labels }) => labels.includes(source.name));
  }
}

/** The lease that most of them are of; at a tie the first. */
function largest(devices: readonly Device[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { holder } of devices) if (holder) counts.set(holder.lease, (counts.get(holder.lease) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

export interface Choices {
  /** Their leases, with the phones of each. */
  readonly leases: readonly { readonly id: string; readonly devices: readonly Device[] }[];
  readonly chassis: readonly string[];
  readonly labels: readonly string[];
}

const order = new Intl.Collator("en", { numeric: true });

/** What one's own phones can be gathered by. */
export function choicesOf(devices: readonly Device[], actor: string | undefined): Choices {
  const mine = devices.filter((device) => isMine(device, actor));
  const leases = new Map<string, Device[]>();
  for (const device of mine) {
    const { lease = "" } = device.holder ?? {};
    leases.set(lease, [...(leases.get(lease) ?? []), device]);
  }
  const names = (all: readonly (string | null)[]) => [...new Set(all.flatMap((name) => name ?? []))].sort(order.compare);
  return {
    leases: [...leases].map(([id, held]) => ({ id, devices: held })).sort((a, b) => b.devices.length - a.devices.length),
    chassis: names(mine.map(({ chassis }) => chassis)),
    labels: names(mine.flatMap(({ labels }) => labels)),
  };
}
