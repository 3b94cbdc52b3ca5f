/**
 * Many phones of one chassis that were lost together: one cause, said once. Found anew from the devices as they are, so that every replica
 * says the same, and gone when they are back.
 */
import type { ChassisFault, Device } from "@phonerack/contract/api";

const TOGETHER_MS = 2_000;
const AT_LEAST = 3;
const AT_LEAST_SHARE = 0.25;
/** A hub is named only when next to all that hangs on it went. */
const HUB_SHARE = 0.8;

export interface FaultParts {
  readonly devices: readonly Device[];
  /** Whether this agent is heard. */
  readonly hears: (agentId: string) => boolean;
}

export function chassisFaults({ devices, hears }: FaultParts): ChassisFault[] {
  const chassis = new Map<string, Device[]>();
  for (const device of devices) {
    if (device.chassis === null) continue;
    const others = chassis.get(device.chassis);
    if (others) others.push(device);
    else chassis.set(device.chassis, [device]);
  }
  return [...chassis].flatMap(([name, phones]) => {
    const lost = lostTogether(phones);
    const [first] = lost;
    if (!first || lost.length < AT_LEAST || lost.length < phones.length * AT_LEAST_SHARE) return [];
    const spread = (lost.at(-1)?.since ?? first.since) - first.since;
    const within = spread <= 1_000 ? "one second" : "two seconds";
    const summary = `${lost.length} of ${phones.length} lost within ${within}: ${causeOf(lost, devices, hears)}`;
    return [{ chassis: name, summary, devices: lost.map(({ id }) => id), since: first.since }];
  });
}

/** The most phones that were lost within `TOGETHER_MS`, the first lost first. */
function lostTogether(phones: readonly Device[]): Device[] {
  const lost = phones.filter(({ state }) => state === "lost").sort((a, b) => a.since - b.since);
  let most: Device[] = [];
  for (let from = 0, to = 0; to < lost.length; to++) {
    while ((lost[to]?.since ?? 0) - (lost[from]?.since ?? 0) > TOGETHER_MS) from++;
    if (to - from + 1 > most.length) most = lost.slice(from, to + 1);
  }
  return most;
}

function causeOf(lost: readonly Device[], all: readonly Device[], hears: FaultParts["hears"]): string {
  const agent = lost[0]?.agentId ?? "";
  if (lost.every(({ agentId }) => agentId === agent) && !hears(agent)) return `agent ${agent} does not answer`;
  return hubOf(lost, all) ?? "power or network of the chassis";
}

/** `hub 1-4` for phones at `usb:1-4.1`, `usb:1-4.3`, …: the nearest hub that all hang on, by the kernel's names of USB ports. */
function hubOf(lost: readonly Device[], all: readonly Device[]): string | undefined {
  const agent = lost[0]?.agentId;
  const ports = lost.map(portsOf);
  const [first] = ports;
  if (!first || ports.some((port) => port === undefined) || lost.some(({ agentId }) => agentId !== agent)) return undefined;
  let shared = 0;
  while (shared < first.length - 1 && ports.every((port) => port?.[shared] === first[shared])) shared++;
  const hub = first.slice(0, shared);
  if (shared === 0) return undefined;
  const below = all.filter((device) => {
    const port = device.agentId === agent ? portsOf(device) : undefined;
    return port !== undefined && hub.every((part, at) => port[at] === part);
  });
  if (lost.length < below.length * HUB_SHARE) return undefined;
  return shared === 1 ? `USB bus ${hub[0]}` : `hub ${hub[0]}-${hub.slice(1).join(".")}`;
}

/** Bus and ports, from the root: `usb:1-4.2` is 1, 4, 2. */
function portsOf({ address }: Device): string[] | undefined {
  const [, bus, path] = /^usb:(\d+)-([\d.]+)$/.exec(address) ?? [];
  return bus === undefined || path === undefined ? undefined : [bus, ...path.split(".")];
}
