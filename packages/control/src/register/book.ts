/** All records beside each other: what one says against another. Pure; made anew when one of them changes. */
import { type RegisterFacts, tacOf } from "@phonerack/policy";
import { type DeviceRecord, licenceFacts, type Records } from "./records.js";

export class Book {
  readonly records: Records;
  /** IMEI → how many devices have it. */
  readonly #imeis = new Map<string, number>();
  /** TAC → models. */
  readonly #models = new Map<string, Set<string>>();
  /** Scheme and mark → how many devices have it. */
  readonly #marks = new Map<string, number>();

  constructor(records: Records) {
    this.records = records;
    for (const { record, imeis } of records.values()) {
      for (const imei of imeis) {
        count(this.#imeis, imei);
        if (record.model === null) continue;
        const models = this.#models.get(tacOf(imei)) ?? new Set();
        this.#models.set(tacOf(imei), models.add(record.model.toUpperCase()));
      }
      for (const [scheme, { mark }] of Object.entries(record.licences))
        if (mark !== null) count(this.#marks, markKey(scheme, mark));
    }
  }

  factsOf(device: string): RegisterFacts | null {
    const found = this.records.get(device);
    return found ? this.#facts(found) : null;
  }

  #facts({ record, imeis }: DeviceRecord): RegisterFacts {
    const licences = Object.entries(record.licences).map(([scheme, licence]) => {
      const { mark } = licence;
      const twice = mark !== null && (this.#marks.get(markKey(scheme, mark)) ?? 0) > 1;
      return [scheme, licenceFacts(licence, twice)];
    });
    const tacs = [...new Set(imeis.map(tacOf))];
    return {
      form: record.form,
      model: record.model,
      imeis,
      licences: Object.fromEntries(licences),
      twice: imeis.filter((imei) => (this.#imeis.get(imei) ?? 0) > 1),
      otherModel: tacs.filter((tac) => (this.#models.get(tac)?.size ?? 0) > 1),
    };
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function markKey(scheme: string, mark: string): string {
  return `${scheme} ${mark.toUpperCase()}`;
}
