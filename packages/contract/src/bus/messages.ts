import { z } from "zod";
import { Tier } from "../api/live.js";
import { ERRORS, PhonerackError } from "../errors.js";
import { Input, InputOutcome } from "../input.js";

/**
 * Who says what on which subject. JSON everywhere but on `media`, which carries frames (`media.ts`).
 *
 * | subject | from → to | payload |
 * |---|---|---|
 * | `agent.<agentId>.beat` | agent → control, every 2 s; an agent unheard for 6 s is gone | AgentBeat |
 * | `agents.resend` | control → agents: publish all your reports now | empty |
 * | `device.<id>.report` | agent → control, the whole report at each change | DeviceReport |
 * | `device.<id>.gone` | agent → control: this phone is no longer mine, forget it | DeviceGone |
 * | `device.<id>.stream` | control → agent: watch (again every 5 s, forgotten after 12 s), credit, unwatch | StreamOrder |
 * | `media.<replica>.<id>.<tier>` | agent → the control replica that watches | frame |
 * | `device.<id>.input` | control → agent, request | InputOrder → InputReply |
 * | `device.<id>.screenshot` | control → agent, request; the PNG goes to `media.<replica>.<id>.shot-<n>` in parts | ScreenshotOrder → ScreenshotReply |
 */
export const subjects = {
  beat: (agentId: string) => `agent.${agentId}.beat`,
  resend: "agents.resend",
  report: (deviceId: string) => `device.${deviceId}.report`,
  gone: (deviceId: string) => `device.${deviceId}.gone`,
  stream: (deviceId: string) => `device.${deviceId}.stream`,
  media: (replica: string, deviceId: string, tier: string) => `media.${replica}.${deviceId}.${tier}`,
  input: (deviceId: string) => `device.${deviceId}.input`,
  screenshot: (deviceId: string) => `device.${deviceId}.screenshot`,
} as const;

export const BEAT_MS = 2_000;
export const AGENT_GONE_MS = 6_000;
export const WATCH_RENEW_MS = 5_000;
export const WATCH_FORGET_MS = 12_000;
/** What a control replica lets an agent send ahead per stream, in bytes of whole frames. */
export const STREAM_CREDIT = 512 * 1024;
/** Larger payloads are sent in parts: NATS refuses messages above 1 MiB. */
export const MAX_PAYLOAD = 256 * 1024;

const Name = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);

export const AgentBeat = z.object({
  agentId: Name,
  host: z.string(),
  version: z.string(),
  startedAt: z.number(),
  devices: z.int(),
});
export type AgentBeat = z.infer<typeof AgentBeat>;

export const DeviceGone = z.object({ agentId: Name });
export type DeviceGone = z.infer<typeof DeviceGone>;

export const StreamOrder = z.discriminatedUnion("order", [
  /** `credit` replaces what was granted before when the watch is new, and is ignored when it only renews. */
  z.object({ order: z.literal("watch"), replica: Name, tier: Tier, credit: z.int().positive() }),
  z.object({ order: z.literal("credit"), replica: Name, tier: Tier, bytes: z.int().positive() }),
  /** Asks for the cached group of pictures again, e.g. because control lost frames. */
  z.object({ order: z.literal("restart"), replica: Name, tier: Tier }),
  z.object({ order: z.literal("unwatch"), replica: Name, tier: Tier }),
]);
export type StreamOrder = z.infer<typeof StreamOrder>;

export const InputOrder = z.object({
  actor: z.string(),
  mode: z.enum(["unicast", "group", "script"]),
  /** The lease's number on this device; 0 while there are no leases. An older one is refused. */
  epoch: z.int().nonnegative(),
  /**
   * Milliseconds since the Unix epoch, at most 2 s ahead: what has not begun by then is `late`. An input that follows a swipe or a pasted
   * text in the same order has that one's time more.
   */
  notAfter: z.number(),
  inputs: z.array(Input).min(1).max(100),
});
export type InputOrder = z.infer<typeof InputOrder>;
export const InputReply = z.object({ results: z.array(InputOutcome) });
export type InputReply = z.infer<typeof InputReply>;

export const ScreenshotOrder = z.object({ replica: Name, inbox: Name });
export type ScreenshotOrder = z.infer<typeof ScreenshotOrder>;
/** Answered after the last part was published. */
export const ScreenshotReply = z.object({ bytes: z.int().nonnegative(), parts: z.int().positive() });
export type ScreenshotReply = z.infer<typeof ScreenshotReply>;

/** A refused request is answered with this instead of its reply. */
export const BusError = z.object({
  error: z.object({ code: z.enum(Object.keys(ERRORS) as [keyof typeof ERRORS]), detail: z.string().optional() }),
});

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Checks and encodes; a message of ours that does not fit its own schema is a bug and throws. */
export function encodeMessage<T>(schema: z.ZodType<T>, message: T): Uint8Array {
  return encoder.encode(JSON.stringify(schema.parse(message)));
}

/** Decodes and checks; throws `bad_request`, or the error the other side answered with. */
export function decodeMessage<T>(schema: z.ZodType<T>, payload: Uint8Array): T {
  let json: unknown;
  try {
    json = JSON.parse(decoder.decode(payload));
  } catch (cause) {
    throw new PhonerackError("bad_request", "not JSON", { cause });
  }
  // Asked only of what looks like one: a schema that does not fit costs as much as the message's own.
  const refused = typeof json === "object" && json !== null && "error" in json ? BusError.safeParse(json) : undefined;
  if (refused?.success) throw new PhonerackError(refused.data.error.code, refused.data.error.detail);
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new PhonerackError("bad_request", z.prettifyError(parsed.error));
  return parsed.data;
}

export function encodeError(error: unknown): Uint8Array {
  const known = error instanceof PhonerackError ? error : new PhonerackError("internal");
  return encoder.encode(
    JSON.stringify({ error: { code: known.code, ...(known.detail === undefined ? {} : { detail: known.detail }) } }),
  );
}
