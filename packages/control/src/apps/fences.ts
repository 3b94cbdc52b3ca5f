/** What the fence would disable, asked of the agents; and which devices an operator has enrolled as lab devices, where it closes without asking. */
import {
  type Bus,
  ControlChanged,
  decodeMessage,
  encodeMessage,
  FenceOrder,
  type FencePreview,
  FenceReply,
  PhonerackError,
  subjects,
} from "@phonerack/contract/bus";
import { eq } from "drizzle-orm";
import type { Logger } from "pino";
import { type Caller, known } from "../access/caller.js";
import type { Db } from "../database/database.js";
import { enrolments } from "../database/schema.js";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import { requireHeld } from "../leases/held.js";

/** The agent asks the phone, which may list hundreds of packages. */
const ANSWER_WITHIN_MS = 10_000;
/** An order that reaches the agent later is not begun. */
const FRESH_MS = 2_000;
const AT_ONCE = 50;
const READ_AGAIN_MS = 60_000;

export interface FencesParts {
  readonly db: Promise<Db>;
  readonly bus: Bus;
  readonly replica: string;
  readonly devices: Devices;
  readonly log: Logger;
  readonly record: RecordEvent;
  /** Tells the device's agent how things stand. */
  readonly tell: (deviceId: string) => Promise<void>;
}

export interface Previews {
  readonly items: FencePreview[];
  readonly failed: { deviceId: string; reason: string }[];
}

export class Fences {
  readonly #parts: FencesParts;
  #enrolled = new Set<string>();
  #undo: (() => void)[] = [];

  constructor(parts: FencesParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { bus, replica } = this.#parts;
    const changed = bus.subscribe(subjects.changed, ({ payload }) => {
      const { replica: by, grounds } = decodeMessage(ControlChanged, payload);
      if (by !== replica && grounds) this.#readSoon();
      return undefined;
    });
    const timer = setInterval(() => this.#readSoon(), READ_AGAIN_MS);
    this.#undo = [() => changed.unsubscribe(), () => clearInterval(timer)];
    await this.#read();
  }

  stop(): void {
    for (const step of this.#undo) step();
  }

  /** A virtual phone is a lab device by nature. */
  isEnrolled(deviceId: string): boolean {
    return this.#enrolled.has(deviceId) || this.#parts.devices.get(deviceId)?.reach === "virtual";
  }

  /** Fails with `device_not_found`. */
  async enrol(caller: Caller | null, id: string, enrolled: boolean): Promise<{ id: string; enrolled: boolean }> {
    const { bus, replica, devices, record, tell } = this.#parts;
    devices.require(id);
    const { actor } = known(caller);
    const db = await this.#parts.db;
    if (enrolled) await db.insert(enrolments).values({ deviceId: id, by: actor, at: new Date() }).onConflictDoNothing();
    else await db.delete(enrolments).where(eq(enrolments.deviceId, id));
    await this.#read();
    bus.publish(subjects.changed, encodeMessage(ControlChanged, { replica, grounds: [] }));
    record({ actor, tenant: null, kind: enrolled ? "device.enrolled" : "device.unenrolled", subject: id, detail: {} });
    await tell(id);
    return { id, enrolled: this.isEnrolled(id) };
  }

  /** Of devices that the caller holds; what could not be asked is in `failed`. */
  async preview(caller: Caller | null, ids: readonly string[]): Promise<Previews> {
    const who = known(caller);
    const items: FencePreview[] = [];
    const failed: Previews["failed"] = [];
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      await Promise.all(
        ids.slice(at, at + AT_ONCE).map(async (id) => {
          try {
            items.push(await this.#previewOf(who, id));
          } catch (error) {
            if (!(error instanceof PhonerackError)) throw error;
            failed.push({ deviceId: id, reason: error.detail ?? error.message });
          }
        }),
      );
    }
    return { items, failed };
  }

  async #previewOf(who: Caller, id: string): Promise<FencePreview> {
    const { bus, devices } = this.#parts;
    const device = await requireHeld(who, devices, id);
    const order = encodeMessage(FenceOrder, { epoch: devices.epochOf(id), notAfter: Date.now() + FRESH_MS });
    const reply = await bus.request(subjects.fence(device), order, { timeoutMs: ANSWER_WITHIN_MS });
    return { ...decodeMessage(FenceReply, reply), deviceId: id, ask: !this.isEnrolled(id) };
  }

  #readSoon(): void {
    this.#read().catch((error: unknown) => this.#parts.log.warn({ err: error }, "enrolments could not be read"));
  }

  async #read(): Promise<void> {
    const db = await this.#parts.db;
    const found = await db.select({ id: enrolments.deviceId }).from(enrolments);
    this.#enrolled = new Set(found.map(({ id }) => id));
  }
}
