import { oc } from "@orpc/contract";
import { z } from "zod";
import { Device, DeviceId, Health } from "../devices.js";
import { Action, InputOutcome } from "../input.js";

const byId = z.object({ id: DeviceId });

/** Where the API stands below an address of control. */
export const API_PREFIX = "/api/v1";

/** The HTTP API: REST paths below `/api/v1`, from which the server's types, OpenAPI and the clients come. */
export const contract = {
  health: oc
    .route({ method: "GET", path: "/health", summary: "Whether this phonerack works; open to all" })
    .output(z.object({ status: z.enum(["ok", "degraded"]), version: z.string(), agents: z.int(), devices: z.int() })),
  devices: {
    list: oc
      .route({ method: "GET", path: "/devices", summary: "Devices, by name, a page at a time" })
      .input(
        z.object({
          state: Health.optional(),
          model: z.string().optional(),
          sdk: z.coerce.number().int().optional(),
          chassis: z.string().optional(),
          /** Part of a name, model, serial or address. */
          q: z.string().max(200).optional(),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
          /** `next` of the page before; holds a name, which may be long in UTF-8. */
          cursor: z.string().max(1_000).optional(),
        }),
      )
      .output(z.object({ items: z.array(Device), next: z.string().nullable() })),
    get: oc.route({ method: "GET", path: "/devices/{id}", summary: "One device" }).input(byId).output(Device),
    screenshot: oc
      .route({ method: "GET", path: "/devices/{id}/screenshot", summary: "Its screen now, as PNG in device pixels" })
      .input(byId)
      .output(z.file().mime("image/png")),
    input: oc
      .route({
        method: "POST",
        path: "/devices/{id}/input",
        summary: "Taps, swipes, keys and text, one after the other, in device pixels",
      })
      .input(byId.extend({ actions: z.array(Action).min(1).max(100) }))
      .output(z.object({ results: z.array(InputOutcome) })),
    rename: oc
      .route({ method: "PATCH", path: "/devices/{id}", summary: "Give a device another name" })
      .input(byId.extend({ name: z.string().trim().min(1).max(60) }))
      .output(Device),
    forget: oc
      .route({
        method: "DELETE",
        path: "/devices/{id}",
        summary: "Forget a lost device; it comes back, under a new name, if its agent finds it again",
      })
      .input(byId)
      .output(z.object({ id: DeviceId })),
  },
  session: {
    get: oc.route({ method: "GET", path: "/session", summary: "Who asks, and until when the session holds" }).output(
      z.object({
        actor: z.string(),
        /** Milliseconds since the epoch (Unix); null for the admin token, which does not expire. */
        expiresAt: z.number().nullable(),
      }),
    ),
    link: oc
      .route({ method: "POST", path: "/session/link", summary: "A new link that opens the console, once, logged in" })
      .output(z.object({ link: z.url(), expiresAt: z.number() })),
    end: oc
      .route({ method: "DELETE", path: "/session", summary: "Log out: ends the session of the cookie" })
      .output(z.object({ ended: z.boolean() })),
  },
};
