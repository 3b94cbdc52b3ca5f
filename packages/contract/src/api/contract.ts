import { z } from "zod";
import { LogHealth } from "../log.js";
import { agents } from "./agents.js";
import { apps, fences, permits } from "./apps.js";
import { devices } from "./devices.js";
import { abuse, cases, face } from "./face.js";
import { flags } from "./flags.js";
import { flows, groups } from "./groups.js";
import { leases } from "./leases.js";
import { log } from "./log.js";
import { events, keys, members, session, signOn, tenants } from "./people.js";
import { lab } from "./places.js";
import { privacy } from "./privacy.js";
import { register } from "./register.js";
import { ruled } from "./route.js";
import { tenancies } from "./tenancies.js";
import { adbKeys, artifacts, builds, crashes, deviceWork, jobs, uploads } from "./workbench.js";

/** Where the API stands below an address of control. */
export const API_PREFIX = "/api/v1";

/** The HTTP API: REST paths below `/api/v1`, from which the server's types and rules, OpenAPI and the clients come. */
export const contract = {
  health: ruled("open", "read")
    .route({ method: "GET", path: "/health", summary: "Whether this phonerack works; open to all" })
    .output(
      z.object({
        status: z.enum(["ok", "degraded"]),
        version: z.string(),
        agents: z.int(),
        devices: z.int(),
        /** null: it cannot be said at this moment. */
        log: LogHealth.nullable(),
      }),
    ),
  devices: { ...devices, ...deviceWork },
  leases,
  groups,
  flows,
  apps,
  builds,
  uploads,
  permits,
  fences,
  jobs,
  artifacts,
  crashes,
  adbKeys,
  lab,
  agents,
  session,
  tenants,
  members,
  keys,
  signOn,
  events,
  log,
  face,
  abuse,
  cases,
  flags,
  register,
  privacy,
  tenancies,
};
