/** The API's groups and flows. */
import { z } from "zod";
import { DeviceId } from "../devices.js";
import {
  Flow,
  FlowId,
  Group,
  GroupAim,
  GroupId,
  GroupRequest,
  GroupStep,
  MemberAction,
  MOST_STEPS_A_SECOND,
  StepAnswer,
  StepRecord,
} from "../groups.js";
import { Words } from "../words.js";
import { ruled } from "./route.js";

const byId = z.object({ id: GroupId });

export const groups = {
  start: ruled("member", "drive")
    .route({ method: "POST", path: "/groups", successStatus: 201, summary: "Drive devices of one lease of yours together" })
    .input(GroupRequest)
    .output(Group),
  list: ruled("viewer", "read")
    .route({ method: "GET", path: "/groups", summary: "Your organisation's groups, newest first" })
    .input(z.object({ ended: z.stringbool().optional(), limit: z.coerce.number().int().min(1).max(200).default(50) }))
    .output(z.object({ items: z.array(Group.omit({ members: true, steps: true }).extend({ size: z.int() })) })),
  get: ruled("viewer", "read").route({ method: "GET", path: "/groups/{id}", summary: "One group" }).input(byId).output(Group),
  change: ruled("member", "drive")
    .route({ method: "PATCH", path: "/groups/{id}", summary: "Another leader or aim, pause, go on, record" })
    .input(
      byId.extend({
        leader: DeviceId.optional(),
        aim: GroupAim.optional(),
        paused: z.boolean().optional(),
        recording: z.boolean().optional(),
        stepsPerSecond: z.int().min(1).max(MOST_STEPS_A_SECOND).optional(),
      }),
    )
    .output(Group),
  end: ruled("member", "drive")
    .route({ method: "DELETE", path: "/groups/{id}", summary: "End it; what the fence disabled is enabled again" })
    .input(byId)
    .output(byId),
  step: ruled("member", "drive")
    .route({
      method: "POST",
      path: "/groups/{id}/steps",
      summary: "Do one thing on all; answers when all have answered, or as they stand after `wait` milliseconds",
    })
    .input(byId.extend({ step: GroupStep, wait: z.int().min(0).max(30_000).default(10_000) }))
    .output(StepRecord),
  answers: ruled("viewer", "read")
    .route({ method: "GET", path: "/groups/{id}/steps/{seq}", summary: "How each device took one step" })
    .input(byId.extend({ seq: z.coerce.number().int().positive() }))
    .output(z.object({ record: StepRecord, answers: z.array(StepAnswer) })),
  member: ruled("member", "drive")
    .route({
      method: "POST",
      path: "/groups/{id}/members/{device}",
      summary: "Retry, re-sync, take over, drop or take back one device",
    })
    .input(byId.extend({ device: DeviceId, action: MemberAction }))
    .output(Group),
  recorded: ruled("viewer", "read")
    .route({ method: "GET", path: "/groups/{id}/flow", summary: "What was recorded so far, as a Maestro flow" })
    .input(byId)
    .output(z.object({ yaml: z.string(), steps: z.int() })),
  replay: ruled("member", "drive")
    .route({
      method: "POST",
      path: "/groups/{id}/replay",
      summary: "Replay a flow on the group, in mode script; owned apps only",
    })
    .input(byId.extend({ flow: FlowId.optional(), yaml: z.string().max(1_000_000).optional() }))
    .output(z.object({ group: GroupId, commands: z.int() })),
};

export const flows = {
  save: ruled("member", "drive")
    .route({ method: "POST", path: "/flows", successStatus: 201, summary: "Keep a flow file" })
    .input(z.object({ name: Words(80), yaml: z.string().min(1).max(1_000_000) }))
    .output(Flow),
  list: ruled("viewer", "read")
    .route({ method: "GET", path: "/flows", summary: "Your organisation's flows, newest first" })
    .output(z.object({ items: z.array(Flow.omit({ yaml: true })) })),
  get: ruled("viewer", "read")
    .route({ method: "GET", path: "/flows/{id}", summary: "One flow" })
    .input(z.object({ id: FlowId }))
    .output(Flow),
  remove: ruled("member", "drive")
    .route({ method: "DELETE", path: "/flows/{id}", summary: "Forget a flow" })
    .input(z.object({ id: FlowId }))
    .output(z.object({ id: FlowId })),
};
