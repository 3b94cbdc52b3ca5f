/** The register: what each device is, under which licences it runs, and so whether it may be in a public network. */
import { z } from "zod";
import { DeviceId, Isolation } from "./devices.js";
import { Words } from "./words.js";

/** A licence's scheme: `nal`, `srrc`, `ccc` have known shapes; any other name has a number and a document. */
export const Scheme = z.string().regex(/^[a-z][a-z0-9-]{1,19}$/, "a scheme is 2 to 20 of a-z, 0-9 and -, e.g. nal");
/** ISO 3166-1 alpha-2. */
export const Country = z.string().regex(/^[A-Z]{2}$/, "a country is two capital letters (ISO 3166-1), e.g. CN");
export const EvidenceId = z.string().regex(/^e-[a-z2-7]{16}$/, "no id of evidence");
export type EvidenceId = z.infer<typeof EvidenceId>;

/** isolated: no route out. */
export const NetworkClassName = z.enum(["public", "isolated"]);
export type NetworkClassName = z.infer<typeof NetworkClassName>;

export const ClassReason = z.object({
  /** For programs, e.g. `expired`; see docs/register.md. */
  code: z.string().max(40),
  /** Of which scheme; null: of none. */
  scheme: z.string().nullable(),
  words: z.string().max(500),
});
export type ClassReason = z.infer<typeof ClassReason>;

/** What control decides for a device, and an agent sees to. */
export const NetworkDecision = z.object({
  class: NetworkClassName,
  /** Empty for a public one. */
  reasons: z.array(ClassReason).max(100),
  /** When it will be isolated by itself, since a licence ends: milliseconds since the Unix epoch; null: never, or it is already. */
  until: z.number().nullable(),
});
export type NetworkDecision = z.infer<typeof NetworkDecision>;

/** In the years that licences have. */
const Day = z.iso.date("a day is YYYY-MM-DD").regex(/^(?:19|20|21)/, "a day is of 1900 to 2199");
/** Visible ASCII alone: what looks like a letter and is another must not get in. */
const Printed = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[\x20-\x7e]+$/, "only letters A-Z, digits and signs as on a keyboard: one of these characters only looks like one");

export const DeviceForm = z.enum(["complete-unit", "removed-mainboard", "dev-board"]);

/** A licence as a person enters it. */
export const LicenceEntry = z.strictObject({
  number: Printed(60).nullable().default(null),
  holder: Words(200).nullable().default(null),
  /** The model on the certificate. */
  model: Printed(80).nullable().default(null),
  issued: Day.nullable().default(null),
  /** Its last day. */
  expires: Day.nullable().default(null),
  /** What stands on this one phone's label: each is another's. */
  mark: Printed(80).nullable().default(null),
  /** A photo or PDF of it. */
  evidence: EvidenceId.nullable().default(null),
});
export type LicenceEntry = z.infer<typeof LicenceEntry>;

/** A device's record as a person enters it; what was confirmed stays so as long as number, model and days do. */
export const RegisterEntry = z.strictObject({
  form: DeviceForm.default("complete-unit"),
  manufacturer: Words(80).nullable().default(null),
  marketName: Words(80).nullable().default(null),
  /** As on its label, and as the phone says it (`ro.product.model`). */
  model: Printed(80).nullable().default(null),
  imeis: z
    .array(z.string().regex(/^\d{1,20}$/, "an IMEI is 15 digits"))
    .max(4)
    .default([]),
  licences: z
    .record(Scheme, LicenceEntry)
    .refine((licences) => Object.keys(licences).length <= 12, "at most 12 licences")
    .default({}),
});
export type RegisterEntry = z.infer<typeof RegisterEntry>;

export const LicenceLevel = z.enum(["none", "shape-ok", "document-attached", "registry-confirmed"]);

/** Who looked it up in the registry, when, and what they saw there. */
export const Confirmation = z.object({ by: z.string(), at: z.number(), evidence: EvidenceId });
export type Confirmation = z.infer<typeof Confirmation>;

export const Licence = LicenceEntry.extend({ level: LicenceLevel, confirmed: Confirmation.nullable() });

export type Licence = z.infer<typeof Licence>;

export const RegisterRecord = RegisterEntry.extend({
  licences: z.record(Scheme, Licence),
  /** When it was changed last, and by whom. */
  at: z.number(),
  by: z.string(),
});
export type RegisterRecord = z.infer<typeof RegisterRecord>;

/** One device in the register, with a record or without. */
export const RegisterDevice = z.object({
  id: DeviceId,
  /** Null: the lab does not know this device any more. */
  name: z.string().nullable(),
  reach: z.enum(["virtual", "usb", "network"]).nullable(),
  site: z.string().nullable(),
  /** `V01/3`. */
  place: z.string().nullable(),
  country: Country.nullable(),
  /** What the phone says that it is. */
  saysModel: z.string().nullable(),
  /** The licences it needs where it stands. */
  schemes: z.array(Scheme),
  network: NetworkDecision,
  /** What the agent found on an isolated one: without `verified`, or with `leadsOut`, it is not lent. Null: nobody has looked. */
  isolation: Isolation.nullable(),
  record: RegisterRecord.nullable(),
});
export type RegisterDevice = z.infer<typeof RegisterDevice>;

/** How far ahead the ends of licences are counted. */
export const REGISTER_DAYS = 60;

/** The register as a picture, and what it can be filtered by. */
export const RegisterSummary = z.object({
  /** By name; null: phones in no slot. */
  sites: z.array(
    z.object({
      site: z.string().nullable(),
      country: Country.nullable(),
      /** Without the virtual ones. */
      public: z.int(),
      isolated: z.int(),
      /** They need nothing. */
      virtual: z.int(),
      /** Isolated ones of which nobody has seen that they are cut off. */
      open: z.int(),
    }),
  ),
  /** Devices that a licence's end will isolate, by how many whole days ahead; the first is less than a day. */
  ends: z.array(z.int()).length(REGISTER_DAYS),
  /** Why phones are isolated, the most frequent first; one phone may have several reasons. */
  reasons: z.array(z.object({ code: z.string(), count: z.int() })),
});
export type RegisterSummary = z.infer<typeof RegisterSummary>;

export const EVIDENCE_MAX_BYTES = 10 * 1024 * 1024;
export const EvidenceType = z.enum(["image/jpeg", "image/png", "image/webp", "application/pdf"]);
export type EvidenceType = z.infer<typeof EvidenceType>;

export const Evidence = z.object({
  id: EvidenceId,
  device: DeviceId,
  name: z.string().max(200),
  type: EvidenceType,
  size: z.int(),
  /** Hex. */
  sha256: z.string(),
  at: z.number(),
  by: z.string(),
});
export type Evidence = z.infer<typeof Evidence>;

export const REGISTER_IMPORT_MAX = 900_000;

/** What an import changes of one device, or would. */
export const ImportedDevice = z.object({
  device: DeviceId,
  name: z.string(),
  /** Where in the file: `line 3`. */
  at: z.string(),
  what: z.enum(["new", "changed", "same"]),
  /** `nal.number`: from → to. */
  fields: z.array(z.object({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() })),
  class: z.object({ from: NetworkClassName, to: NetworkClassName }),
  /** Why it would be isolated. */
  reasons: z.array(ClassReason),
});

export const RegisterImport = z.object({
  devices: z.array(ImportedDevice),
  /** With one of these nothing is changed. */
  problems: z.array(
    z.object({ at: z.string(), device: z.string().nullable(), field: z.string().nullable(), message: z.string() }),
  ),
  applied: z.boolean(),
});
export type RegisterImport = z.infer<typeof RegisterImport>;

const SchemeList = z.array(Scheme).max(12);

/** Licences that phones need beside what the law that we know asks for: by country, and everywhere else. */
export const RegisterSchemes = z.strictObject({
  byCountry: z
    .record(Country, SchemeList)
    .refine((all) => Object.keys(all).length <= 250, "at most 250 countries")
    .default({}),
  otherwise: SchemeList.default([]),
});
export type RegisterSchemes = z.infer<typeof RegisterSchemes>;
