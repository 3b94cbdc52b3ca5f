import { z } from "zod";
import { Device, DeviceId } from "../devices.js";
import { Group, GroupId, GroupMember, GroupStep, StepRecord } from "../groups.js";
import { Input, InputOutcome } from "../input.js";

/**
 * The live WebSocket, `/api/v1/live`, one per browser tab. Text messages are JSON of the schemas below; binary messages come only from
 * control and are frames (`media.ts`) whose `stream` is the number the browser chose in `watch`.
 *
 * A tab asks once for `devices` and then gets the whole list and each change. It never acknowledges frames: a tab that falls behind
 * is restarted from the cached group of pictures. A tab sees the devices of its tenant only; one that it may not see any more is `gone`. A message that does not parse is answered with `error` and the socket stays open; the
 * third within ten seconds closes it.
 */
export const Tier = z.enum(["tile", "full", "audio"]);
export type Tier = z.infer<typeof Tier>;

const StreamId = z.int().min(1).max(0xffff_ffff);

export const FromBrowser = z.discriminatedUnion("type", [
  z.object({ type: z.literal("devices") }),
  /** `fps`: more frames a second are not wished; a tile's encoder runs at the most that anybody wishes. Said again of an open stream, only that changes. */
  z.object({
    type: z.literal("watch"),
    stream: StreamId,
    deviceId: DeviceId,
    tier: Tier,
    fps: z.int().min(1).max(60).optional(),
  }),
  z.object({ type: z.literal("unwatch"), stream: StreamId }),
  z.object({ type: z.literal("input"), seq: z.int().nonnegative(), deviceId: DeviceId, input: Input }),
  /** Follow a group: its members and ledger, whole once and then what changes. */
  z.object({ type: z.literal("group"), id: GroupId, follow: z.boolean() }),
  /** One step on a group; answered by `step` with the same `seq` when it was taken or refused, and by the group's ledger. */
  z.object({ type: z.literal("step"), seq: z.int().nonnegative(), id: GroupId, step: GroupStep }),
  z.object({ type: z.literal("ping"), at: z.number() }),
]);
export type FromBrowser = z.infer<typeof FromBrowser>;

export const ToBrowser = z.discriminatedUnion("type", [
  z.object({ type: z.literal("devices"), devices: z.array(Device) }),
  /** What changed since, gathered for about 100 ms: whole devices, new ones among them, and the ids that are no more. */
  z.object({ type: z.literal("changes"), devices: z.array(Device), gone: z.array(DeviceId) }),
  /** Leases that you may see were made, changed or ended: whoever shows leases asks for them again. Gathered for about 200 ms. */
  z.object({ type: z.literal("leases"), ids: z.array(z.string()) }),
  /** Jobs that you may see were made, went on or ended: whoever shows them asks for them again. Gathered for about 300 ms. */
  z.object({ type: z.literal("jobs"), ids: z.array(z.string()) }),
  /** No picture on this stream now, and why, until frames come again. */
  z.object({
    type: z.literal("stream"),
    stream: StreamId,
    error: z.object({ code: z.string(), message: z.string(), detail: z.string().optional() }),
  }),
  InputOutcome.extend({ type: z.literal("input"), seq: z.int().nonnegative() }),
  /** A followed group: `group` (without members and steps) when it changed; only the members and steps that changed, gathered for about 100 ms. */
  z.object({
    type: z.literal("group"),
    id: GroupId,
    group: Group.omit({ members: true, steps: true }).optional(),
    members: z.array(GroupMember).optional(),
    steps: z.array(StepRecord).optional(),
  }),
  z.object({
    type: z.literal("step"),
    seq: z.int().nonnegative(),
    /** Its place in the ledger; null when it was refused. */
    step: z.int().nullable(),
    error: z.object({ code: z.string(), message: z.string(), detail: z.string().optional() }).optional(),
  }),
  z.object({ type: z.literal("pong"), at: z.number() }),
  z.object({ type: z.literal("error"), code: z.string(), message: z.string(), detail: z.string().optional() }),
]);
export type ToBrowser = z.infer<typeof ToBrowser>;
