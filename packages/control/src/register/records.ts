/** A record as the database has it, how a person's entry becomes one, and back. Pure. */
import { Confirmation, type Licence, LicenceEntry, RegisterEntry, type RegisterRecord, Scheme } from "@phonerack/contract/api";
import { type LicenceFacts, licenceLevel } from "@phonerack/policy";
import { z } from "zod";

const StoredLicence = LicenceEntry.extend({ confirmed: Confirmation.nullable().default(null) });
export type StoredLicence = z.infer<typeof StoredLicence>;

export const StoredRecord = RegisterEntry.omit({ imeis: true }).extend({ licences: z.record(Scheme, StoredLicence) });
export type StoredRecord = z.infer<typeof StoredRecord>;

export interface DeviceRecord {
  readonly record: StoredRecord;
  readonly imeis: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly by: string;
}

/** By device. */
export type Records = ReadonlyMap<string, DeviceRecord>;

/** What was looked up holds for that number, model and those days: with another it has to be looked up again. */
const CONFIRMED = ["number", "holder", "model", "issued", "expires"] as const;

export function recordOf(entry: RegisterEntry, before: DeviceRecord | undefined): Pick<DeviceRecord, "record" | "imeis"> {
  const { imeis, licences, ...rest } = entry;
  const kept = Object.entries(licences).filter(([, licence]) => Object.values(licence).some((value) => value !== null));
  const stored = kept.map(([scheme, licence]) => {
    const then = ownOf(before?.record.licences, scheme);
    const same = then !== undefined && CONFIRMED.every((field) => then[field] === licence[field]);
    return [scheme, { ...licence, confirmed: same ? then.confirmed : null }];
  });
  return { record: { ...rest, licences: Object.fromEntries(stored) }, imeis: [...new Set(imeis)] };
}

/** What a person would have entered to have this record. */
export function entryOf({ record, imeis }: Pick<DeviceRecord, "record" | "imeis">): RegisterEntry {
  const licences = Object.entries(record.licences).map(([scheme, { confirmed: _confirmed, ...licence }]) => [scheme, licence]);
  return { ...record, imeis: [...imeis], licences: Object.fromEntries(licences) };
}

export function shownRecord({ record, imeis, at, by }: DeviceRecord, now: number): RegisterRecord {
  const licences = Object.entries(record.licences).map(([scheme, licence]): [string, Licence] => [
    scheme,
    { ...licence, level: licenceLevel(scheme, licenceFacts(licence, false), now) },
  ]);
  return { ...record, imeis: [...imeis], licences: Object.fromEntries(licences), at, by };
}

export function licenceFacts(licence: StoredLicence, markTwice: boolean): LicenceFacts {
  const { number, model, expires, evidence, confirmed } = licence;
  return { number, model, expires, document: evidence !== null, confirmed: confirmed !== null, markTwice };
}

/** All documents on which a record rests. */
export function evidenceOf({ record }: Pick<DeviceRecord, "record">): string[] {
  return Object.values(record.licences).flatMap(({ evidence, confirmed }) =>
    [evidence, confirmed?.evidence].filter((id) => id != null),
  );
}

function ownOf<T>(all: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return all && Object.hasOwn(all, key) ? all[key] : undefined;
}
