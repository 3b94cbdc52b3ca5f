/**
 * Which devices a wish gets, out of those there are: pure over what the board knows. What it chooses may still be refused by the database,
 * because another replica was quicker.
 */
import { CLEANING_MARGIN_MS, type Device, PhonerackError } from "@phonerack/contract/bus";
import type { Devices } from "../devices/devices.js";
import type { Board } from "./board.js";
import { matches, whyNone } from "./matching.js";
import type { LeaseRow } from "./rows.js";
import { isFor, maySee, type Onlooker } from "./visibility.js";
import { at, type Wish } from "./wish.js";

/** What cleaning takes, when somebody asks how long they will wait. */
const CLEANING_TYPICAL_MS = 60_000;

type WhatWish = Pick<Wish, "devices" | "where" | "count" | "wholeChassis">;

export interface Choosing {
  readonly devices: Devices;
  readonly board: Board;
  readonly tenant: string;
  /** Whose words are answered: of what they may not see they learn nothing. Left out where nobody asks, as in the queue. */
  readonly who?: Onlooker | undefined;
  readonly now: number;
  /** Not these: others wait for them, or a grant of them is under way or was just refused. */
  readonly without: ReadonlySet<string>;
}

/** All that the wish could ever get, free or not. Fails with `device_not_found` or `no_device_matches`. */
export function pool(wish: WhatWish, choosing: Choosing): Device[] {
  const { devices, tenant, who } = choosing;
  if (wish.devices) {
    const named = wish.devices.map((id) => ({ id, device: devices.get(id) }));
    const unknown = named.filter(({ device }) => !device || !isFor(tenant, device) || (who && !maySee(who, device)));
    if (unknown.length > 0)
      throw new PhonerackError(
        "device_not_found",
        unknown
          .map(({ id }) => id)
          .slice(0, 5)
          .join(", "),
      );
    return named.flatMap(({ device }) => device ?? []);
  }
  const lendable = devices.all().filter((device) => isFor(tenant, device));
  const fitting = lendable.filter((device) => matches(device, wish.where));
  if (fitting.length === 0) throw new PhonerackError("no_device_matches", whyNone(lendable, wish.where));
  if (!wish.wholeChassis && fitting.length < wish.count)
    throw new PhonerackError("no_device_matches", `${wish.count} are asked for; ${whyNone(lendable, wish.where)}`);
  return fitting;
}

/** As many as are wanted, of those that are free from now until then; undefined when there are not enough. */
export function chooseNow(wish: WhatWish, until: number, choosing: Choosing): string[] | undefined {
  const fits = (device: Device) => isFree(device, until, choosing);
  if (wish.devices || wish.wholeChassis) return choose(wish, pool(wish, choosing), fits);
  const { tenant } = choosing;
  const all = choosing.devices.all();
  const lendable = (device: Device) => isFor(tenant, device) && fits(device) && matches(device, wish.where);
  const chosen = someOf(all, wish.count, lendable);
  // Fails, with the reason, if there never are enough.
  if (!chosen) pool(wish, choosing);
  return chosen;
}

/** What is free of all that the wish could get, at most as many as are wanted: what one who waits for the rest holds on to. */
export function freeSoFar(wish: WhatWish, until: number, choosing: Choosing): string[] {
  if (wish.wholeChassis) return chooseNow(wish, until, choosing) ?? [];
  const free = pool(wish, choosing).filter((device) => isFree(device, until, choosing));
  return free.slice(0, wish.count).map(({ id }) => id);
}

/** As many as are wanted that nobody has booked for that time; how they are now does not count, but those that work come first. */
export function chooseLater(wish: Wish, choosing: Choosing): string[] | undefined {
  const { board, without } = choosing;
  const fits = ({ id }: Device) => !without.has(id) && !overlapping(board, id, wish).length;
  const works = ({ state }: Device) => (state === "ready" ? 0 : 1);
  const sorted = pool(wish, choosing).sort((a, b) => works(a) - works(b));
  return choose(wish, sorted, fits);
}

function choose(wish: WhatWish, devices: readonly Device[], fits: (device: Device) => boolean): string[] | undefined {
  if (wish.wholeChassis) return chooseChassis(wish, devices, fits);
  const free = devices.filter(fits).slice(0, wish.count);
  return free.length < wish.count ? undefined : free.map(({ id }) => id);
}

/**
 * From somewhere in the list on, so that the first phones of a rack do not do all the work and replicas seldom choose the same; looks at
 * no more than it must, because there may be thousands.
 */
function someOf(devices: readonly Device[], count: number, fits: (device: Device) => boolean): string[] | undefined {
  const start = Math.floor(Math.random() * devices.length);
  const chosen: string[] = [];
  for (let n = 0; n < devices.length && chosen.length < count; n++) {
    const device = devices[(start + n) % devices.length];
    if (device && fits(device)) chosen.push(device.id);
  }
  return chosen.length < count ? undefined : chosen;
}

/** One chassis of which every phone that works is free; the fullest first. Those that are lost or in quarantine are left out. */
function chooseChassis(wish: WhatWish, devices: readonly Device[], fits: (device: Device) => boolean): string[] | undefined {
  const works = ({ state, lease }: Device) => lease !== "free" || !["lost", "quarantined", "unauthorised"].includes(state);
  const whole = [...byChassis(devices).values()]
    .map((phones) => phones.filter(works))
    .filter((phones) => phones.length > 0 && phones.length >= wish.count && phones.every(fits))
    .sort((a, b) => b.length - a.length);
  return whole[0]?.map(({ id }) => id);
}

function byChassis(devices: readonly Device[]): Map<string, Device[]> {
  const found = new Map<string, Device[]>();
  for (const device of devices) {
    if (device.chassis === null) continue;
    const phones = found.get(device.chassis);
    if (phones) phones.push(device);
    else found.set(device.chassis, [device]);
  }
  return found;
}

/** Whether it can be lent from now until then. */
export function isFree(device: Device, until: number, { board, now, without }: Choosing): boolean {
  if (device.lease !== "free" || device.state !== "ready" || without.has(device.id)) return false;
  return whyNotNow(device, board) === undefined && !overlapping(board, device.id, { from: now, until }).length;
}

/** What keeps a device from being lent at this moment, whoever asks. */
export function whyNotNow(device: Device, board: Board): PhonerackError | undefined {
  const hold = board.hold(device.id);
  if (device.quarantine) return new PhonerackError("device_quarantined", device.name);
  if (hold.state === "leased") {
    const until = device.holder?.until;
    return new PhonerackError("lease_unavailable", `${device.name} is leased${until === undefined ? "" : ` until ${at(until)}`}`);
  }
  if (hold.state === "cleaning" || device.hold.phase === "cleaning")
    return new PhonerackError("lease_unavailable", `${device.name} is being cleaned`);
  if (device.state !== "ready") return new PhonerackError("device_not_ready", `${device.name}: ${device.reason ?? device.state}`);
  // Its agent keeps what the register said: that counts until the register was read again.
  if ((device.isolated || device.isolation) && !isIsolated(device))
    return new PhonerackError(
      "device_leads_out",
      `${device.name}: ${device.isolation?.leadsOut ?? "nobody has found within the last two hours that it has no way out"}`,
    );
  // Two boards under one id would be two phones in one lease.
  if (device.doubt) return new PhonerackError("lease_unavailable", `an operator must say first which board ${device.name} is`);
  // Its agent knows of a later lease than we do, or found it dirty: that is being cleared up.
  if (device.hold.epoch > hold.epoch || device.hold.phase === "dirty")
    return new PhonerackError("lease_unavailable", `${device.name} is being checked`);
  return undefined;
}

/** It looks every hour, and may be late or on a clock of its own. */
const LOOKED_MS = 2 * 3_600_000;

/** Whether its agent has looked, not long ago, and found no way out. */
function isIsolated({ isolation }: Device): boolean {
  if (isolation === undefined || isolation.verified === null) return false;
  return isolation.leadsOut === null && Date.now() - isolation.verified < LOOKED_MS;
}

/** Open leases of a device that meet the time, with what cleaning takes on either side. */
function overlapping(board: Board, deviceId: string, { from, until }: { from: number; until: number }): LeaseRow[] {
  return board
    .leasesOf(deviceId)
    .filter((lease) => lease.from < until + CLEANING_MARGIN_MS && from < lease.until + CLEANING_MARGIN_MS);
}

/** When the wish can probably be granted whole: the time by which so many of its devices are free for so long; undefined when never. */
export function estimate(wish: WhatWish, durationMs: number, choosing: Choosing): number | undefined {
  const { board, now } = choosing;
  const free = (device: Device) => freeAt(device, durationMs, { board, now });
  const devices = pool(wish, choosing);
  if (wish.wholeChassis) {
    const whole = [...byChassis(devices).values()].map((phones) => Math.max(...phones.map(free)));
    return finite(Math.min(...whole));
  }
  const times = devices.map(free).sort((a, b) => a - b);
  return finite(times[wish.count - 1] ?? Infinity);
}

function finite(time: number): number | undefined {
  return Number.isFinite(time) ? time : undefined;
}

/** The first moment from which nobody has it for so long; Infinity for one that does not work. */
function freeAt(device: Device, durationMs: number, { board, now }: Pick<Choosing, "board" | "now">): number {
  const hold = board.hold(device.id);
  if (device.quarantine || (device.state !== "ready" && hold.state === "free")) return Infinity;
  let begin = hold.state === "cleaning" ? Math.max(now, (hold.endedAt ?? now) + CLEANING_TYPICAL_MS) : now;
  for (const lease of board.leasesOf(device.id).sort((a, b) => a.from - b.from)) {
    if (lease.from >= begin + durationMs + CLEANING_MARGIN_MS) break;
    begin = Math.max(begin, lease.until + CLEANING_TYPICAL_MS);
  }
  return begin;
}

/** What to tell somebody who gets nothing now: what is in the way, and until when. */
export function unavailable(wish: Wish, choosing: Choosing): PhonerackError {
  const devices = pool(wish, choosing);
  if (wish.devices) {
    const [first] = devices.flatMap((device) => whyNotNow(device, choosing.board) ?? []);
    if (first && !wish.later) return first;
  }
  const free = devices.filter((device) => isFree(device, wish.until, choosing)).length;
  const whole = estimate(wish, wish.until - wish.from, choosing);
  const when =
    whole === undefined || whole <= choosing.now ? "when all are is not known" : `all are probably free from ${at(whole)}`;
  const what = wish.wholeChassis
    ? "no chassis is free as a whole"
    : `${free} of ${wish.count} are free ${wish.later ? "then" : "now"}`;
  return new PhonerackError("lease_unavailable", `${what}; ${when}`);
}
