import { z } from "zod";

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
  /** What is in the foreground, by system_server's own events. */
  foreground: z.object({ package: z.string(), activity: z.string() }).nullable(),
  state: Health,
  /** In words: why it is not ready and what to do; null when ready. */
  reason: z.string().nullable(),
  /** Milliseconds since the epoch (Unix). */
  since: z.number(),
  steps: z.array(Step),
  notices: z.array(Notice),
  audio: z.boolean(),
});
export type DeviceReport = z.infer<typeof DeviceReport>;

/** A device as the API and the console see it: the agent's report and what control adds. */
export const Device = DeviceReport.extend({
  name: z.string(),
  lease: LeaseState,
  /** Browsers that watch its full picture now. */
  watchers: z.int().nonnegative(),
});
export type Device = z.infer<typeof Device>;
