/** The API's register of devices: records, licences, what shows them, and imports. */
import { z } from "zod";
import { DeviceId } from "../devices.js";
import {
  Evidence,
  EvidenceId,
  NetworkClassName,
  REGISTER_IMPORT_MAX,
  RegisterDevice,
  RegisterEntry,
  RegisterImport,
  RegisterSchemes,
  RegisterSummary,
  Scheme,
} from "../register.js";
import { ruled } from "./route.js";

const OneDevice = z.object({ id: DeviceId });

export const register = {
  list: ruled("lab-operator", "read")
    .route({
      method: "GET",
      path: "/register/devices",
      summary: "Devices with their records, licences and network class, by name",
    })
    .input(
      z.object({
        class: NetworkClassName.optional(),
        record: z.enum(["true", "false"]).optional(),
        /** Empty: in no slot. */
        site: z.string().max(40).optional(),
        /** Isolated, and seen cut off by its agent or not. */
        cutOff: z.enum(["true", "false"]).optional(),
        /** Isolated for a reason with this code, e.g. `expired`. */
        reason: z.string().max(40).optional(),
        /** Those that will be isolated within so many days since a licence ends. */
        endsWithin: z.coerce.number().int().min(1).max(3_650).optional(),
        /** Virtual phones, too, or these alone: they need no record. */
        virtual: z.enum(["true", "false", "only"]).default("false"),
        /** In name, model, IMEI or a licence's number. */
        q: z.string().max(100).optional(),
        limit: z.coerce.number().int().min(1).max(1_000).default(200),
        cursor: z.string().max(300).optional(),
      }),
    )
    .output(
      z.object({
        items: z.array(RegisterDevice),
        next: z.string().nullable(),
        /** Of all that fit, not of this page alone. */
        counts: z.object({ public: z.int(), isolated: z.int() }),
      }),
    ),
  summary: ruled("lab-operator", "read")
    .route({
      method: "GET",
      path: "/register/summary",
      summary: "How many devices are public, isolated or virtual, why, and when licences end",
    })
    .input(
      z.object({
        /** Of this site alone are the ends and reasons; empty: of phones in no slot. */
        site: z.string().max(40).optional(),
      }),
    )
    .output(RegisterSummary),
  get: ruled("lab-operator", "read")
    .route({ method: "GET", path: "/register/devices/{id}", summary: "One device's record and evidence" })
    .input(OneDevice)
    .output(RegisterDevice.extend({ evidence: z.array(Evidence) })),
  put: ruled("lab-operator", "operate")
    .route({ method: "PUT", path: "/register/devices/{id}", summary: "Enter a device's record; replaces what there is" })
    .input(z.object({ id: DeviceId, record: RegisterEntry }))
    .output(RegisterDevice),
  remove: ruled("lab-operator", "operate")
    .route({ method: "DELETE", path: "/register/devices/{id}", summary: "Take a device's record out of the register" })
    .input(OneDevice)
    .output(OneDevice),
  confirm: ruled("lab-operator", "operate")
    .route({
      method: "POST",
      path: "/register/confirmations",
      summary: "Say that a licence was looked up in its registry, with what was seen there",
    })
    .input(
      z.object({
        scheme: Scheme,
        /** As the registry has it: the records must have the same. */
        number: z.string().min(1).max(60),
        devices: z.array(DeviceId).min(1).max(1_000),
        evidence: EvidenceId,
      }),
    )
    .output(z.object({ confirmed: z.array(DeviceId) })),
  import: ruled("lab-operator", "operate")
    .route({
      method: "POST",
      path: "/register/imports",
      summary: "Many records at once, CSV or YAML, all or none; `dryRun` only says what would change",
    })
    .input(z.object({ text: z.string().max(REGISTER_IMPORT_MAX), dryRun: z.boolean().default(false) }))
    .output(RegisterImport),
  schemes: ruled("lab-operator", "read")
    .route({ method: "GET", path: "/register/schemes", summary: "Licences asked for beside what is known of a country's law" })
    .output(RegisterSchemes),
  putSchemes: ruled("lab-owner", "operate")
    .route({ method: "PUT", path: "/register/schemes", summary: "Say which licences phones need, by country" })
    .input(RegisterSchemes)
    .output(RegisterSchemes),
  addEvidence: ruled("lab-operator", "operate")
    .route({
      method: "POST",
      path: "/register/devices/{id}/evidence",
      summary: "A photo or PDF of a licence, at most 10 MiB, as the body itself or as multipart/form-data",
    })
    .input(z.object({ id: DeviceId, name: z.string().max(200).optional() }))
    .output(Evidence),
  evidence: ruled("lab-operator", "read")
    .route({ method: "GET", path: "/register/evidence/{id}", summary: "The bytes of a photo or PDF" })
    .input(z.object({ id: EvidenceId }))
    .output(z.file()),
  removeEvidence: ruled("lab-operator", "operate")
    .route({ method: "DELETE", path: "/register/evidence/{id}", summary: "Delete a photo or PDF that no record rests on" })
    .input(z.object({ id: EvidenceId }))
    .output(z.object({ id: EvidenceId })),
};
