import { z } from "zod";
import { Fence, Standing } from "./fence.js";

/** Ours, random, never derived from the phone's serial. Safe in a URL and in a bus subject. */
export const DeviceId = z.string().regex(/^[a-z0-9-]{4,40}$/, "a device id is 4 to 40 of a-z, 0-9 and -");
export type DeviceId = z.infer<typeof DeviceId>;

export const Health = z.enum(["connecting", "unauthorised", "preparing", "ready", "lost", "quarantined"]);
export type Health = z.infer<typeof Health>;

export const LeaseState = z.enum(["free", "leased", "cleaning"]);
export type LeaseState = z.infer<typeof LeaseState>;

/** How the agent reaches the phone. */
export const Reach = z.enum(["virtual", "usb", "network"]);

/** Device pixels in the current rotation; density in dpi; rotation in quarter turns counter-clockwise as Android counts them. */
export const Screen = z.object({
  width: z.int().positive(),
  height: z.int().positive(),
  density: z.int().positive(),
  rotation: z.int().min(0).max(3),
});
export type Screen = z.infer<typeof Screen>;

/** Level in percent, temperature in degrees Celsius. */
export const Battery = z.object({ level: z.int().min(0).max(100), charging: z.boolean(), temperature: z.number() });
export type Battery = z.infer<typeof Battery>;

/** One step of preparing a phone, shown to people while it runs and kept with its time after. */
export const Step = z.object({
  name: z.enum(["properties", "awake", "keyguard", "stay-on", "input", "events", "picture"]),
  state: z.enum(["waiting", "running", "done", "failed"]),
  ms: z.number().nonnegative().optional(),
  reason: z.string().optional(),
});
export type Step = z.infer<typeof Step>;

/** Something that people must know about a working phone, e.g. that the app in front forbids capture. */
export const Notice = z.object({
  code: z.enum(["secure-window", "tile-by-screenshot", "screen-off", "keyguard", "hot", "no-picture"]),
  message: z.string(),
});
export type Notice = z.infer<typeof Notice>;

/**
 * The agent's side of a lease. The epoch rises with each grant and each end; an order with another epoch is refused. dirty: cleaning found
 * what must not be there, or took too long.
 */
export const Hold = z.object({
  /** As far as control's database counts, with room above. */
  epoch: z.int().nonnegative().max(2_000_000_000),
  phase: z.enum(["free", "leased", "cleaning", "dirty"]),
  /** What cleaning does now, or found; null when there is nothing to say. */
  note: z.string().nullable(),
});
export type Hold = z.infer<typeof Hold>;

/** What its agent found on a phone that gets no route out. Only with `verified` and without `leadsOut` may it be lent. */
export const Isolation = z.object({
  /** When it was last looked at and had none; null: never yet. */
  verified: z.number().nullable(),
  /** In words: what leads out, or why nobody can tell. */
  leadsOut: z.string().max(500).nullable(),
});
export type Isolation = z.infer<typeof Isolation>;

/** The board may be one that is known under another id: a person must say. */
export const Doubt = z.object({
  /** Devices that it could be, none of which is connected now. */
  candidates: z.array(DeviceId).min(1).max(8),
  /** In words: what speaks for it and what against. */
  why: z.string(),
});
export type Doubt = z.infer<typeof Doubt>;

/** What an agent knows of one phone; the whole report is sent at each change. */
export const DeviceReport = z.object({
  id: DeviceId,
  agentId: z.string(),
  reach: Reach,
  /** `usb:1-4.2` or `tcp:host:port`. */
  address: z.string(),
  chassis: z.string().nullable(),
  slot: z.int().min(1).nullable(),
  serial: z.string().nullable(),
  manufacturer: z.string().nullable(),
  model: z.string().nullable(),
  /** Android version as people say it, e.g. "14". */
  release: z.string().nullable(),
  sdk: z.int().nullable(),
  screen: Screen.nullable(),
  battery: Battery.nullable(),
  /** What is in the foreground, by system_server's own events; and, while somebody holds the phone, what it is to their tenant. */
  foreground: z
    .object({
      package: z.string(),
      activity: z.string(),
      standing: Standing.optional(),
      signer: z.string().nullable().optional(),
    })
    .nullable(),
  state: Health,
  /** In words: why it is not ready and what to do; null when ready. */
  reason: z.string().nullable(),
  /** Milliseconds since the epoch (Unix). */
  since: z.number(),
  steps: z.array(Step),
  notices: z.array(Notice),
  audio: z.boolean(),
  hold: Hold,
  /** Absent while it is open and nothing is disabled. */
  fence: Fence.optional(),
  /** What the gate denied in this lease: how often, and the last one in words. */
  denials: z.object({ count: z.int().nonnegative(), last: z.string().max(500), at: z.number() }).optional(),
  /** Adb sessions and shells that are open now; `stalled`: why their input stands still. Absent: none. */
  work: z.object({ adb: z.int(), shells: z.int(), stalled: z.string().max(500).nullable() }).optional(),
  /** Of a phone that gets no route out; absent: it may have one. */
  isolation: Isolation.optional(),
  /** How often since the lease began what the lab demands of a phone was put back, because somebody had changed it. */
  putBack: z.object({ labels: z.int().nonnegative(), network: z.int().nonnegative(), helpers: z.int().nonnegative() }).optional(),
  doubt: Doubt.nullable(),
  /** Hashes of what its hardware says of itself and a reflash does not change, `kind:hash`; for telling boards apart between agents. */
  hardware: z.array(z.string().max(80)).max(8).optional(),
});
export type DeviceReport = z.infer<typeof DeviceReport>;

/** Whose a leased device is. Only its own tenant and the lab's operators ever see one. */
export const Holder = z.object({
  lease: z.string(),
  tenant: z.string(),
  tenantName: z.string(),
  actor: z.string(),
  actorName: z.string(),
  purpose: z.string(),
  from: z.number(),
  until: z.number(),
  /** When idleness ends it; null: never. */
  idleAt: z.number().nullable(),
  /** By when a person has to confirm that the group or script on it may go on; null: nothing ends by that. */
  confirmBy: z.number().nullable(),
});
export type Holder = z.infer<typeof Holder>;

/** A device as the API and the console see it: the agent's report and what control adds. `state` is its health, `lease` whether it is lent. */
export const Device = DeviceReport.extend({
  name: z.string(),
  lease: LeaseState,
  holder: Holder.nullable(),
  /** Why it is not lent, also when something else is wrong with it at the moment; its health is then mostly `quarantined`. */
  quarantine: z.object({ reason: z.string(), since: z.number() }).nullable(),
  /** A lab operator who looks at this leased screen now. */
  support: z.object({ by: z.string(), byName: z.string(), reason: z.string(), since: z.number(), until: z.number() }).nullable(),
  site: z.string().nullable(),
  rack: z.string().nullable(),
  labels: z.array(z.string()),
  /** The only tenant that may use it; null: everybody's. */
  tenant: z.string().nullable(),
  /** By the register it gets no route out; what its agent found stands in `isolation`. */
  isolated: z.boolean(),
  /** Browsers that watch its full picture now. */
  watchers: z.int().nonnegative(),
  /** Owned apps that crashed or did not respond in this lease: how often, and the last one in words. Absent: none. */
  crashes: z.object({ count: z.int().positive(), last: z.string(), at: z.number() }).optional(),
  /** A recording of it runs now. */
  recording: z.boolean().optional(),
  /** Its last minutes are kept, because somebody asked for it, and can be saved. */
  keeping: z.boolean().optional(),
});
export type Device = z.infer<typeof Device>;
