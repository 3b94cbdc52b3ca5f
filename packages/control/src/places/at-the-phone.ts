/** What is asked of one phone's agent about where it is and who it is: to show its number, and to take a person's word for who it is. */
import {
  type Bus,
  type Device,
  decodeMessage,
  encodeMessage,
  IdentifyOrder,
  IdentifyReply,
  IdentityOrder,
  IdentityReply,
  PhonerackError,
  subjects,
} from "@phonerack/contract/bus";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import { freshenUnheld } from "../leases/held.js";
import { maySee, type Onlooker, requireHolder } from "../leases/visibility.js";

/** What is older when the agent begins with it shows nothing. */
const FRESH_MS = 2_000;
/** A slow phone takes seconds to start the app that shows the number. */
const SHOW_MS = 20_000;
const SETTLE_MS = 10_000;
const LONGEST_TEXT = 40;

export interface AtThePhoneParts {
  readonly bus: Bus;
  readonly devices: Devices;
  readonly record: RecordEvent;
}

/**
 * Free phones are shown by who runs the lab, leased ones by their holder. Fails with `device_not_found`, `lease_required`, `device_busy`,
 * `device_not_ready` and what the agent refuses.
 * @returns what the phone shows, in words when it can show no text
 */
export async function identify(
  { bus, devices, record }: AtThePhoneParts,
  who: Onlooker,
  { id, seconds }: { id: string; seconds: number },
): Promise<{ id: string; shown: string }> {
  await freshenUnheld(who, devices, [id]);
  const device = devices.require(id);
  if (!maySee(who, device)) throw new PhonerackError("device_not_found", id);
  if (device.lease === "cleaning") throw new PhonerackError("device_busy", "it is being cleaned");
  if (!(who.lab && device.lease === "free")) requireHolder(who, device);
  if (device.state !== "ready" && device.state !== "preparing" && device.state !== "quarantined") {
    throw new PhonerackError("device_not_ready", device.reason ?? device.state);
  }
  const text = device.slot === null ? device.name.slice(0, LONGEST_TEXT) : String(device.slot);
  const order = encodeMessage(IdentifyOrder, { epoch: devices.epochOf(id), notAfter: Date.now() + FRESH_MS, text, seconds });
  const { shown } = decodeMessage(IdentifyReply, await bus.request(subjects.identify(device), order, { timeoutMs: SHOW_MS }));
  record({ actor: who.actor, tenant: device.holder?.tenant ?? null, kind: "device.identified", subject: id, detail: { text } });
  return { id, shown: shown ? text : "no text; it blinks" };
}

/** Fails with `device_not_found`, `identity_settled` (nobody doubts it, or not so) or `device_busy` (somebody holds one of the two). */
export async function settle(
  { bus, devices, record }: AtThePhoneParts,
  who: Onlooker,
  { id, same }: { id: string; same: string | null },
): Promise<{ id: string }> {
  const device = devices.require(id);
  if (!device.doubt) throw new PhonerackError("identity_settled", "nobody doubts who it is");
  if (same !== null) {
    if (!device.doubt.candidates.includes(same)) throw new PhonerackError("identity_settled", `it cannot be ${same}`);
    requireFree(device);
    const other = devices.get(same);
    if (other) requireFree(other);
  }
  const order = encodeMessage(IdentityOrder, { same });
  const settled = decodeMessage(IdentityReply, await bus.request(subjects.identity(device), order, { timeoutMs: SETTLE_MS }));
  record({ actor: who.actor, tenant: null, kind: "device.settled", subject: id, detail: { same } });
  return settled;
}

function requireFree({ name, lease }: Device): void {
  if (lease !== "free") throw new PhonerackError("device_busy", name);
}
