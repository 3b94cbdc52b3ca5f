/** The API's apps: uploaded, proved, permitted; and which devices are lab devices. */
import { z } from "zod";
import { App, AppId, Nonce, Permit, PermitId, ProofAlgorithm } from "../apps.js";
import { DeviceId } from "../devices.js";
import { FencePreview, PackageName, PERMIT_MAX_DEVICES } from "../grounds.js";
import { Time } from "../leases.js";
import { TenantId } from "../people.js";
import { Words } from "../words.js";
import { ruled } from "./route.js";

const byId = z.object({ id: AppId });
const Reason = Words(500);

export const apps = {
  upload: ruled("member", "drive")
    .route({
      method: "POST",
      path: "/apps",
      successStatus: 201,
      summary: "Upload an APK (the body as it is, application/vnd.android.package-archive): read, its signatures verified, kept",
    })
    .input(z.file())
    .output(App),
  list: ruled("viewer", "read")
    .route({ method: "GET", path: "/apps", summary: "Your organisation's apps (the lab's operators: all), newest first" })
    .input(z.object({ package: PackageName.optional(), limit: z.coerce.number().int().min(1).max(1_000).default(200) }))
    .output(z.object({ items: z.array(App) })),
  get: ruled("viewer", "read").route({ method: "GET", path: "/apps/{id}", summary: "One app" }).input(byId).output(App),
  icon: ruled("viewer", "read")
    .route({ method: "GET", path: "/apps/{id}/icon", summary: "Its icon, as PNG" })
    .input(byId)
    .output(z.file().mime("image/png")),
  remove: ruled("operator", "drive")
    .route({ method: "DELETE", path: "/apps/{id}", summary: "Forget an app, its versions, and that it is owned" })
    .input(byId)
    .output(byId),
  nonce: ruled("operator", "drive")
    .route({ method: "POST", path: "/apps/{id}/nonce", summary: "A message to sign with the app's signing key, once" })
    .input(byId)
    .output(Nonce),
  prove: ruled("operator", "drive")
    .route({
      method: "POST",
      path: "/apps/{id}/proof",
      summary: "Prove ownership: the signed message, checked against the APK's certificate",
    })
    .input(byId.extend({ nonce: z.string().min(1).max(200), algorithm: ProofAlgorithm, signature: z.base64().max(4_000) }))
    .output(App),
  approve: ruled("lab-operator", "operate")
    .route({
      method: "POST",
      path: "/apps/{id}/approval",
      summary: "Say that the organisation owns it, with a reason; marked as such",
    })
    .input(byId.extend({ reason: Reason }))
    .output(App),
  disown: ruled("operator", "drive")
    .route({ method: "DELETE", path: "/apps/{id}/ownership", summary: "Take ownership away; the lab's operators with a reason" })
    .input(byId.extend({ reason: Reason.optional() }))
    .output(App),
};

export const permits = {
  list: ruled("viewer", "read")
    .route({ method: "GET", path: "/permits", summary: "What your organisation was permitted (the lab's operators: all)" })
    .output(z.object({ items: z.array(Permit) })),
  create: ruled("lab-operator", "operate")
    .route({
      method: "POST",
      path: "/permits",
      successStatus: 201,
      summary: "Let an organisation drive an app that is not its own: by hand, on named devices, for a time",
    })
    .input(
      z.object({
        tenant: TenantId,
        package: PackageName,
        devices: z.array(DeviceId).min(1).max(PERMIT_MAX_DEVICES),
        until: Time,
        reason: Reason,
      }),
    )
    .output(Permit),
  remove: ruled("lab-operator", "operate")
    .route({ method: "DELETE", path: "/permits/{id}", summary: "Take a permit back; it ends at once" })
    .input(z.object({ id: PermitId }))
    .output(z.object({ id: PermitId })),
  trials: ruled("lab-operator", "operate")
    .route({
      method: "PUT",
      path: "/tenants/{id}/trials",
      summary: "On how many devices a day an organisation's people may freely drive others' apps by hand",
    })
    .input(z.object({ id: TenantId, devicesPerDay: z.int().min(0).max(100) }))
    .output(z.object({ devicesPerDay: z.int(), usedToday: z.int() })),
};

export const fences = {
  preview: ruled("member", "drive")
    .route({ method: "POST", path: "/fences/preview", summary: "What the fence would disable on devices that you hold" })
    .input(z.object({ devices: z.array(DeviceId).min(1).max(1_000) }))
    .output(z.object({ items: z.array(FencePreview), failed: z.array(z.object({ deviceId: DeviceId, reason: z.string() })) })),
  enrol: ruled("lab-operator", "operate")
    .route({
      method: "PUT",
      path: "/devices/{id}/enrolment",
      summary: "Say that a device is a lab device: its fence closes without asking",
    })
    .input(z.object({ id: DeviceId, enrolled: z.boolean() }))
    .output(z.object({ id: DeviceId, enrolled: z.boolean() })),
};
