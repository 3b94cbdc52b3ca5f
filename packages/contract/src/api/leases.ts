/** The API's leases: asked for, looked at, extended, handed over, ended. */
import { z } from "zod";
import { DeviceId } from "../devices.js";
import { Lease, LeaseId, LeasePhase, LeaseRequest, Quota, Time } from "../leases.js";
import { Words } from "../words.js";
import { ruled } from "./route.js";

const byId = z.object({ id: LeaseId });

export const leases = {
  create: ruled("member", "drive")
    .route({
      method: "POST",
      path: "/leases",
      successStatus: 201,
      summary: "Take devices, by id or by what they must be: all or none, now, later, or (wait) as soon as they are free",
    })
    .input(LeaseRequest)
    .output(Lease),
  list: ruled("viewer", "read")
    .route({ method: "GET", path: "/leases", summary: "Your organisation's leases (the lab's operators: all), newest first" })
    .input(
      z.object({
        phase: LeasePhase.optional(),
        mine: z.stringbool().optional(),
        device: DeviceId.optional(),
        /** Those that overlap this time; default: all that have not ended, and what ended in the last day. */
        from: z.coerce.number().optional(),
        until: z.coerce.number().optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(200),
      }),
    )
    .output(z.object({ items: z.array(Lease) })),
  get: ruled("viewer", "read").route({ method: "GET", path: "/leases/{id}", summary: "One lease" }).input(byId).output(Lease),
  extend: ruled("member", "drive")
    .route({
      method: "POST",
      path: "/leases/{id}/extend",
      summary: "Make it end later; refused when somebody has booked a device",
    })
    .input(byId.extend({ until: Time }))
    .output(Lease),
  handOver: ruled("member", "drive")
    .route({ method: "POST", path: "/leases/{id}/handover", summary: "Give it to a colleague, as it is" })
    .input(byId.extend({ to: z.string().min(1).max(200).describe("The colleague's id or e-mail address") }))
    .output(Lease),
  confirm: ruled("member", "drive")
    .route({
      method: "POST",
      path: "/leases/{id}/confirm",
      summary: "Say, as a person, that the group or script at work on it may go on; without that word it ends",
    })
    .input(byId)
    .output(Lease),
  release: ruled("member", "drive")
    .route({ method: "POST", path: "/leases/{id}/release", summary: "End it now, or give back some of its devices" })
    .input(byId.extend({ devices: z.array(DeviceId).min(1).max(1_000).optional() }))
    .output(Lease),
  kick: ruled("lab-operator", "operate")
    .route({ method: "POST", path: "/leases/{id}/kick", summary: "End somebody's lease, with a reason that they see" })
    .input(byId.extend({ reason: Words(200) }))
    .output(Lease),
};

export const tenants = {
  quota: ruled("lab-operator", "operate")
    .route({ method: "PUT", path: "/tenants/{id}/quota", summary: "What an organisation may hold" })
    .input(Quota.extend({ id: z.string() }))
    .output(Quota),
};
