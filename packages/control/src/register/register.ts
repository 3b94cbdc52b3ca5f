/**
 * The register of devices: their records in memory as the database has them, the network class of each device, and who is told when it changes. A class
 * rests on the record, on where the device stands, on what it says of itself and on the time: each of them may change it.
 */
import type {
  Device,
  NetworkDecision,
  RegisterDevice,
  RegisterEntry,
  RegisterImport,
  RegisterSchemes,
} from "@phonerack/contract/api";
import { type Bus, ControlChanged, decodeMessage, encodeMessage, PhonerackError, subjects } from "@phonerack/contract/bus";
import { type ClassReason, type NetworkClass, networkClass, reasonWords, schemesOf, strictestOf } from "@phonerack/policy";
import type { Logger } from "pino";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import type { Places } from "../places/places.js";
import { Book } from "./book.js";
import { planImport } from "./import-plan.js";
import { readImport } from "./import-rows.js";
import { type DeviceRecord, evidenceOf, recordOf, shownRecord } from "./records.js";
import type { RecordChange, RegisterStore } from "./store.js";
import { dueWarnings } from "./warnings.js";

/** Also without a word from others: one that was lost with the bus would otherwise be missed for good. */
const READ_AGAIN_MS = 60_000;
/** A licence that ends is noticed within this time. */
const TICK_MS = 1_000;
const WARN_MS = 60_000;

export interface RegisterParts {
  readonly store: RegisterStore;
  readonly devices: Pick<Devices, "all" | "get" | "require" | "onChange">;
  readonly places: Pick<Places, "countryOf" | "countries" | "onChange">;
  readonly bus: Bus;
  readonly replica: string;
  readonly record: RecordEvent;
  readonly log: Logger;
  readonly now?: () => number;
}

/** Who acts, as far as the register cares. */
export interface Operator {
  readonly actor: string;
}

const EVERYTHING_ISOLATED: NetworkDecision = {
  class: "isolated",
  reasons: [{ code: "not-read", scheme: null, words: "The register was not read yet." }],
  until: null,
};

export class Register {
  readonly #parts: RegisterParts;
  readonly #now: () => number;
  readonly #listeners = new Set<(id: string) => void>();
  readonly #decisions = new Map<string, { readonly decision: NetworkDecision; readonly text: string }>();
  #book = new Book(new Map());
  #schemes: RegisterSchemes = { byCountry: {}, otherwise: [] };
  #isRead = false;
  /** Readings and changes, one after the other: what was read before a change must not be taken after it. */
  #turn: Promise<unknown> = Promise.resolve();
  #undo: (() => void)[] = [];
  #warnAt = 0;

  constructor(parts: RegisterParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  /** After the places: a device that stands nowhere yet is held to the strictest site. */
  async start(): Promise<void> {
    const { devices, places, bus } = this.#parts;
    await this.#inTurn(() => this.#read());
    const changed = bus.subscribe(subjects.changed, ({ payload }) => this.#hear(payload));
    const again = setInterval(() => this.#readAgain(), READ_AGAIN_MS);
    const tick = setInterval(() => this.tick(), TICK_MS);
    this.#undo = [
      () => changed.unsubscribe(),
      devices.onChange((id) => this.#weigh(id)),
      places.onChange(() => this.#weighAll()),
      () => clearInterval(again),
      () => clearInterval(tick),
    ];
    this.#weighAll();
  }

  async stop(): Promise<void> {
    for (const step of this.#undo) step();
    this.#undo = [];
    await this.#turn;
  }

  /** Told the id of each device whose decision is another than it was, at the start of every one; returns how to stop that. */
  onChange(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Of a device that nobody knows, too: before the register was read everything is isolated. */
  classOf(id: string): NetworkDecision {
    if (!this.#isRead) return EVERYTHING_ISOLATED;
    return this.#decisions.get(id)?.decision ?? this.#decide(id, this.#book);
  }

  /** Whether it gets no route out; undefined: the register was not read yet. */
  isolates(id: string): boolean | undefined {
    return this.#isRead ? this.classOf(id).class === "isolated" : undefined;
  }

  /** Lets time take its course: called every second by a started register. */
  tick(): void {
    const now = this.#now();
    for (const [id, { decision }] of this.#decisions) if (decision.until !== null && decision.until <= now) this.#weigh(id);
    if (now < this.#warnAt) return;
    this.#warnAt = now + WARN_MS;
    this.#inTurn(() => this.#warn()).catch((error: unknown) =>
      this.#parts.log.error({ err: error }, "warnings of the register could not be given"),
    );
  }

  /** All devices, and those with a record that the lab does not know any more. */
  all(): RegisterDevice[] {
    const ids = new Set([...this.#parts.devices.all().map(({ id }) => id), ...this.#book.records.keys()]);
    return [...ids].map((id) => this.#shown(id));
  }

  /** Fails with `device_not_found`. */
  get(id: string): RegisterDevice {
    if (!this.#book.records.has(id)) this.#parts.devices.require(id);
    return this.#shown(id);
  }

  get schemes(): RegisterSchemes {
    return this.#schemes;
  }

  /** Fails with `device_not_found`, `imei_taken` or `evidence_not_found`. */
  async put(who: Operator, id: string, entry: RegisterEntry): Promise<RegisterDevice> {
    this.#parts.devices.require(id);
    await this.#change(who, (records, evidence) => {
      const next = recordOf(entry, records.get(id));
      const missing = evidenceOf(next).find((one) => !evidence.has(one));
      if (missing !== undefined) throw new PhonerackError("evidence_not_found", missing);
      return [{ device: id, next }];
    });
    this.#say(who, { kind: "register.changed", subject: id, detail: {} });
    return this.#shown(id);
  }

  /** Fails with `record_not_found`. */
  async remove(who: Operator, id: string): Promise<{ id: string }> {
    await this.#change(who, (records) => {
      if (!records.has(id)) throw new PhonerackError("record_not_found", id);
      return [{ device: id, next: null }];
    });
    this.#say(who, { kind: "register.removed", subject: id, detail: {} });
    return { id };
  }

  /** Of all these devices or of none. Fails with `record_not_found`, `licence_other` or `evidence_not_found`. */
  async confirm(
    who: Operator,
    { scheme, number, devices, evidence }: { scheme: string; number: string; devices: readonly string[]; evidence: string },
  ): Promise<{ confirmed: string[] }> {
    const confirmed = [...new Set(devices)];
    const confirmation = { by: who.actor, at: this.#now(), evidence };
    await this.#change(who, (records, documents) => {
      if (!documents.has(evidence)) throw new PhonerackError("evidence_not_found", evidence);
      return confirmed.map((device) => {
        const before = records.get(device);
        if (!before) throw new PhonerackError("record_not_found", device);
        const licence = Object.hasOwn(before.record.licences, scheme) ? before.record.licences[scheme] : undefined;
        if (!licence || licence.number !== number) throw new PhonerackError("licence_other", device);
        const licences = { ...before.record.licences, [scheme]: { ...licence, confirmed: confirmation } };
        return { device, next: { record: { ...before.record, licences }, imeis: before.imeis } };
      });
    });
    for (const id of confirmed) this.#say(who, { kind: "register.confirmed", subject: id, detail: { scheme, number } });
    return { confirmed };
  }

  /** All of a file or nothing of it. */
  async import(who: Operator, text: string, dryRun: boolean): Promise<RegisterImport> {
    const { rows, problems } = readImport(text);
    let answer: RegisterImport = { devices: [], problems: [...problems], applied: false };
    const plan = (records: ReadonlyMap<string, DeviceRecord>, evidence: ReadonlySet<string>): readonly RecordChange[] => {
      const planned = planImport({ rows, records, devices: this.#parts.devices.all(), hasEvidence: (id) => evidence.has(id) });
      const changed = planned.devices.filter(({ what }) => what !== "same");
      const next = new Map(records);
      for (const { device, next: own } of changed) next.set(device, { ...own, at: this.#now(), by: who.actor });
      const [before, after] = [new Book(records), new Book(next)];
      const devices = planned.devices.map(({ next: _next, ...one }) => {
        const { class: to, reasons } = this.#decide(one.device, after);
        return { ...one, fields: [...one.fields], class: { from: this.#decide(one.device, before).class, to }, reasons };
      });
      answer = { devices, problems: [...problems, ...planned.problems], applied: false };
      return dryRun || answer.problems.length > 0 ? [] : changed;
    };
    await this.#change(who, plan);
    if (dryRun || answer.problems.length > 0) return answer;
    const changed = answer.devices.filter(({ what }) => what !== "same").length;
    if (changed > 0) this.#say(who, { kind: "register.imported", subject: "register", detail: { devices: changed } });
    return { ...answer, applied: true };
  }

  async putSchemes(who: Operator, schemes: RegisterSchemes): Promise<RegisterSchemes> {
    await this.#inTurn(async () => {
      await this.#parts.store.putSchemes(schemes, { at: this.#now(), by: who.actor });
      this.#schemes = schemes;
    });
    this.#weighAll();
    this.#tell();
    this.#say(who, { kind: "register.schemes", subject: "register", detail: { ...schemes } });
    return schemes;
  }

  #schemesOf(device: Device | undefined): string[] {
    const { places } = this.#parts;
    const country = places.countryOf(device?.site ?? null);
    return country === null ? strictestOf(places.countries, this.#schemes) : schemesOf(country, this.#schemes);
  }

  #decide(id: string, book: Book): NetworkDecision {
    const device = this.#parts.devices.get(id);
    return told(
      networkClass({
        virtual: device?.reach === "virtual",
        country: this.#parts.places.countryOf(device?.site ?? null),
        schemes: this.#schemesOf(device),
        saysModel: device?.model ?? null,
        record: book.factsOf(id),
        now: this.#now(),
      }),
    );
  }

  #weigh(id: string): void {
    if (!this.#parts.devices.get(id)) return void this.#decisions.delete(id);
    const decision = this.#decide(id, this.#book);
    const text = JSON.stringify(decision);
    if (this.#decisions.get(id)?.text === text) return;
    this.#decisions.set(id, { decision, text });
    for (const listener of this.#listeners) listener(id);
  }

  #weighAll(): void {
    for (const { id } of this.#parts.devices.all()) this.#weigh(id);
  }

  #shown(id: string): RegisterDevice {
    const device = this.#parts.devices.get(id);
    const record = this.#book.records.get(id);
    return {
      id,
      name: device?.name ?? null,
      reach: device?.reach ?? null,
      site: device?.site ?? null,
      place: device?.chassis ? `${device.chassis}/${device.slot ?? "?"}` : null,
      country: this.#parts.places.countryOf(device?.site ?? null),
      saysModel: device?.model ?? null,
      schemes: device?.reach === "virtual" ? [] : this.#schemesOf(device),
      network: this.classOf(id),
      isolation: device?.isolation ?? null,
      record: record ? shownRecord(record, this.#now()) : null,
    };
  }

  async #change(who: Operator, make: Parameters<RegisterStore["change"]>[1]): Promise<void> {
    await this.#inTurn(async () => {
      const records = await this.#parts.store.change({ at: this.#now(), by: who.actor }, make);
      this.#book = new Book(records);
    });
    this.#weighAll();
    this.#tell();
  }

  async #read(): Promise<void> {
    const { store } = this.#parts;
    const [records, schemes] = [await store.read(), await store.schemes()];
    this.#book = new Book(records);
    this.#schemes = schemes;
    this.#isRead = true;
  }

  #readAgain(): void {
    this.#inTurn(() => this.#read())
      .then(() => this.#weighAll())
      .catch((error: unknown) => this.#parts.log.error({ err: error }, "the register could not be read"));
  }

  async #warn(): Promise<void> {
    const { store, record, places, devices } = this.#parts;
    const warned = await store.warned();
    for (const [id, { record: entered }] of this.#book.records) {
      const device = devices.get(id);
      if (!device || device.reach === "virtual") continue;
      const before = warned.get(id) ?? {};
      const needed = { schemes: this.#schemesOf(device), country: places.countryOf(device.site), now: this.#now() };
      const { warnings, after } = dueWarnings(entered, before, needed);
      if (warnings.length === 0 || !(await store.warn(id, before, after))) continue;
      for (const { kind, ...detail } of warnings) record({ kind, actor: "system", tenant: null, subject: id, detail });
    }
  }

  #hear(payload: Uint8Array): undefined {
    const { replica, register } = decodeMessage(ControlChanged, payload);
    if (register && replica !== this.#parts.replica) this.#readAgain();
  }

  #tell(): void {
    const { bus, replica } = this.#parts;
    bus.publish(subjects.changed, encodeMessage(ControlChanged, { replica, register: true }));
  }

  #say({ actor }: Operator, event: Pick<Parameters<RecordEvent>[0], "kind" | "subject" | "detail">): void {
    this.#parts.record({ ...event, actor, tenant: null });
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(step);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function told({ class: name, reasons, until }: NetworkClass): NetworkDecision {
  return { class: name, reasons: reasons.map(toldReason), until };
}

function toldReason(reason: ClassReason): NetworkDecision["reasons"][number] {
  return { code: reason.code, scheme: "scheme" in reason ? reason.scheme : null, words: reasonWords(reason) };
}
