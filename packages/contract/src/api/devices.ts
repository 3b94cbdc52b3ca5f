/** The API's devices: listed, looked at, touched, named, and what operators do with them. */
import { z } from "zod";
import { Device, DeviceId, Health, LeaseState } from "../devices.js";
import { Action, InputOutcome } from "../input.js";
import { CleanRecord, Support } from "../leases.js";
import { Label, PlaceName } from "../places.js";
import { Words } from "../words.js";
import { ruled } from "./route.js";

const byId = z.object({ id: DeviceId });

export const devices = {
  list: ruled("viewer", "read")
    .route({ method: "GET", path: "/devices", summary: "Devices that you may see, by name, a page at a time" })
    .input(
      z.object({
        state: Health.optional(),
        lease: LeaseState.optional(),
        /** Only those that you hold yourself. */
        mine: z.stringbool().optional(),
        model: z.string().optional(),
        sdk: z.coerce.number().int().optional(),
        chassis: z.string().optional(),
        label: z.string().optional(),
        /** Part of a name, model, serial or address. */
        q: z.string().max(200).optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
        /** `next` of the page before; holds a name, which may be long in UTF-8. */
        cursor: z.string().max(1_000).optional(),
      }),
    )
    .output(z.object({ items: z.array(Device), next: z.string().nullable() })),
  get: ruled("viewer", "read").route({ method: "GET", path: "/devices/{id}", summary: "One device" }).input(byId).output(Device),
  screenshot: ruled("viewer", "read")
    .route({
      method: "GET",
      path: "/devices/{id}/screenshot",
      summary: "Its screen now, as PNG in device pixels; `frame`: with a phone around it",
    })
    .input(byId.extend({ frame: z.stringbool().default(false) }))
    .output(z.file().mime("image/png")),
  input: ruled("member", "drive")
    .route({
      method: "POST",
      path: "/devices/{id}/input",
      summary: "Taps, swipes, keys and text, one after the other, in device pixels; only for its holder",
    })
    .input(byId.extend({ actions: z.array(Action).min(1).max(100) }))
    .output(z.object({ results: z.array(InputOutcome) })),
  rename: ruled("lab-operator", "operate")
    .route({ method: "PATCH", path: "/devices/{id}", summary: "Give a device another name, or labels" })
    .input(byId.extend({ name: Words(60).optional(), labels: z.array(Label).max(20).optional() }))
    .output(Device),
  forget: ruled("lab-operator", "operate")
    .route({
      method: "DELETE",
      path: "/devices/{id}",
      summary: "Forget a lost device; it comes back, under a new name, if its agent finds it again",
    })
    .input(byId)
    .output(z.object({ id: DeviceId })),
  place: ruled("lab-operator", "operate")
    .route({ method: "PUT", path: "/devices/{id}/place", summary: "Put a device into a slot, or into none" })
    .input(byId.extend({ place: z.strictObject({ chassis: PlaceName, slot: z.int().min(1).max(100) }).nullable() }))
    .output(Device),
  identify: ruled("member", "drive")
    .route({ method: "POST", path: "/devices/{id}/identify", summary: "Fill its screen with its slot number for some seconds" })
    .input(byId.extend({ seconds: z.int().min(1).max(120).default(15) }))
    .output(z.object({ id: DeviceId, shown: z.string() })),
  settle: ruled("lab-operator", "operate")
    .route({
      method: "PUT",
      path: "/devices/{id}/identity",
      summary: "Say who a doubtful board is: one of its candidates, or (null) a board of its own",
    })
    .input(byId.extend({ same: DeviceId.nullable() }))
    .output(z.object({ id: DeviceId })),
  quarantine: ruled("lab-operator", "operate")
    .route({ method: "PUT", path: "/devices/{id}/quarantine", summary: "Take a device out of use until it is cleared" })
    .input(byId.extend({ reason: Words(200) }))
    .output(Device),
  clear: ruled("lab-operator", "operate")
    .route({
      method: "DELETE",
      path: "/devices/{id}/quarantine",
      summary: "Clear a device; `baseline` takes what is on it now as what it should be",
    })
    .input(byId.extend({ baseline: z.stringbool().optional() }))
    .output(Device),
  wipe: ruled("lab-operator", "operate")
    .route({ method: "POST", path: "/devices/{id}/wipe", summary: "Clean a device that nobody holds, and verify it again" })
    .input(byId)
    .output(Device),
  records: ruled("viewer", "read")
    .route({
      method: "GET",
      path: "/devices/{id}/records",
      summary: "What was cleaned after its last leases, and how it was found",
    })
    .input(byId.extend({ limit: z.coerce.number().int().min(1).max(100).default(20) }))
    .output(z.object({ items: z.array(CleanRecord) })),
  support: ruled("lab-operator", "operate")
    .route({
      method: "POST",
      path: "/devices/{id}/support",
      summary: "Open a leased screen for support: logged, and its holder sees it",
    })
    .input(byId.extend({ reason: Words(200), minutes: z.int().min(1).max(120).default(15) }))
    .output(Support),
  endSupport: ruled("lab-operator", "operate")
    .route({ method: "DELETE", path: "/devices/{id}/support", summary: "Close the support session" })
    .input(byId)
    .output(z.object({ id: DeviceId })),
};
