/** What this control records, and keeps to be saved: one recording of a device at a time. Who may is asked before (`recordings.ts`). */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact, Recording } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import { type ArtifactOrigin, type Artifacts, originOf } from "../artifacts/artifacts.js";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import type { Relay } from "../relay/relay.js";
import { Turns } from "../turns.js";
import { writeFilm } from "./film.js";
import type { Keeper } from "./keeper.js";
import { film, Take, type TakeParts } from "./take.js";

/** Of one control at a time. */
const MOST_TAKES = 200;
/** Being saved at a time: each has its pictures in memory twice. */
const MOST_SAVES = 4;
/** A group whose app crashes on all its phones at once has all their pictures kept, one after the other. */
const MOST_WAITING = 200;
const PROGRESS_MS = 5_000;
/** What was recorded beside another control for a shorter time is nobody's loss. */
const DOUBLE_MS = 10_000;

export interface StudioParts extends TakeParts {
  readonly devices: Devices;
  readonly relay: Relay;
  readonly keeper: Keeper;
  readonly artifacts: Artifacts;
  readonly record: RecordEvent;
  readonly log: Logger;
  /** Something began or ended. */
  readonly onChange: () => void;
}

export interface By {
  readonly actor: string;
  readonly name: string;
}

export class Studio {
  readonly #parts: StudioParts;
  readonly #takes = new Map<string, Take>();
  readonly #beginning = new Set<string>();
  readonly #stopped = new Map<string, { epoch: number; at: number; why: string }>();
  readonly #saves = new Turns(MOST_SAVES);
  #timer: NodeJS.Timeout | undefined;
  #forget: (() => void) | undefined;

  constructor(parts: StudioParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#forget = this.#parts.devices.onAccess((id) => this.#recheck(id));
    this.#timer = setInterval(() => void this.#progress(), PROGRESS_MS);
  }

  /** What runs is kept as it is. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#forget?.();
    await Promise.all([...this.#takes.keys()].map((id) => this.#end(id, "control stops").catch(() => undefined)));
  }

  /** Devices that are recorded, or of which something is kept because somebody asked for it. */
  get busy(): string[] {
    return [...new Set([...this.#takes.keys(), ...this.#parts.keeper.askedFor])];
  }

  recording(deviceId: string): Recording {
    const { keeper, devices } = this.#parts;
    const take = this.#takes.get(deviceId);
    const running = take && { artifact: take.artifact, since: take.since, bytes: take.bytes, sound: take.sound };
    const stopped = this.#stopped.get(deviceId);
    const known = stopped?.epoch === devices.epochOf(deviceId) ? { at: stopped.at, why: stopped.why } : null;
    return { deviceId, running: running ?? null, keeping: keeper.keeping(deviceId), stopped: known };
  }

  /** Fails with `recording_running`, `too_many`, `lease_required` or `storage_full`. */
  async begin(deviceId: string, by: By, sound: boolean): Promise<void> {
    const { devices, record, onChange } = this.#parts;
    const device = devices.require(deviceId);
    if (this.#takes.has(deviceId) || this.#beginning.has(deviceId)) throw new PhonerackError("recording_running", device.name);
    if (this.#takes.size + this.#beginning.size >= MOST_TAKES)
      throw new PhonerackError("too_many", `${MOST_TAKES} devices are being recorded already`);
    const origin = originOf(device, by);
    const epoch = devices.epochOf(deviceId);
    this.#beginning.add(deviceId);
    try {
      const onFailure = (error: PhonerackError) => this.#endSoon(deviceId, error.detail ?? error.message);
      const wish = { origin, epoch, sound: sound && device.audio, name: nameOf(origin, new Date()), onFailure };
      const take = await Take.begin(this.#parts, wish);
      if (devices.epochOf(deviceId) !== epoch) {
        await take.end().catch(() => undefined);
        throw new PhonerackError("lease_over", device.name);
      }
      this.#takes.set(deviceId, take);
      this.#stopped.delete(deviceId);
      take.start();
      const { tenant, actor } = origin;
      record({
        kind: "recording.began",
        tenant,
        actor,
        subject: deviceId,
        detail: { artifact: take.artifact, sound: take.sound },
      });
    } finally {
      this.#beginning.delete(deviceId);
    }
    devices.add(deviceId, { recording: true });
    onChange();
  }

  /** Fails with `recording_not_running`, `nothing_recorded`, or with what keeps it from being stored. */
  async end(deviceId: string): Promise<Artifact> {
    return this.#end(deviceId, null);
  }

  /** Another control records it and was first: two who asked at once reached two controls. */
  async giveWay(deviceId: string): Promise<void> {
    const take = this.#takes.get(deviceId);
    if (!take) return;
    this.#takes.delete(deviceId);
    this.#parts.onChange();
    if (Date.now() - take.since < DOUBLE_MS) await take.drop();
    else await take.end();
  }

  keep(deviceId: string, seconds: number): void {
    this.#parts.keeper.keep(deviceId, seconds);
    this.#parts.onChange();
  }

  /** The last seconds of picture, the last film of it where the picture changed its size. Fails with `nothing_recorded`, `too_many` or `storage_full`. */
  async saveLast(deviceId: string, seconds: number, by?: By): Promise<Artifact> {
    const { devices, keeper } = this.#parts;
    const device = devices.require(deviceId);
    const origin = originOf(device, by);
    const epoch = devices.epochOf(deviceId);
    return this.#inTurn(async () => {
      // While it waited, the device may have become another's.
      if (devices.epochOf(deviceId) !== epoch) throw new PhonerackError("nothing_recorded", device.name);
      const now = performance.now();
      const films = keeper.last(deviceId, seconds);
      let saved: Artifact | undefined;
      for (const [index, one] of films.entries()) {
        const until = films[index + 1]?.frames[0]?.at ?? now;
        const name = `${nameOf(origin, new Date())} last ${seconds} s${films.length > 1 ? ` (${index + 1})` : ""}.mp4`;
        saved = await this.#save(origin, name, (path) => writeFilm(path, one, { from: now - seconds * 1_000, until }));
      }
      if (!saved) throw new PhonerackError("nothing_recorded", device.name);
      return saved;
    });
  }

  async #inTurn<T>(save: () => Promise<T>): Promise<T> {
    if (this.#saves.waiting >= MOST_WAITING)
      throw new PhonerackError("too_many", `${MOST_WAITING} films wait to be saved already`);
    return this.#saves.run(save);
  }

  async #save(origin: ArtifactOrigin, name: string, write: (path: string) => Promise<number>): Promise<Artifact> {
    const { artifacts, folder } = this.#parts;
    const path = join(folder, `${randomBytes(12).toString("hex")}.part`);
    try {
      const ms = await write(path);
      return await artifacts.add(origin, { ...film(name), ms }, { path });
    } finally {
      await rm(path, { force: true });
    }
  }

  async #end(deviceId: string, why: string | null): Promise<Artifact> {
    const { devices, record, onChange } = this.#parts;
    const take = this.#takes.get(deviceId);
    if (!take) throw new PhonerackError("recording_not_running", devices.get(deviceId)?.name ?? deviceId);
    this.#takes.delete(deviceId);
    if (why !== null) this.#stopped.set(deviceId, { epoch: take.epoch, at: Date.now(), why: why.slice(0, 500) });
    devices.add(deviceId, { recording: false });
    onChange();
    const { tenant, actor } = take.origin;
    const detail = { artifact: take.artifact, ...(why === null ? {} : { reason: why }) };
    record({ kind: "recording.ended", tenant, actor: why === null ? actor : "system", subject: deviceId, detail });
    return take.end();
  }

  #endSoon(deviceId: string, why: string): void {
    this.#end(deviceId, why).catch((error: unknown) => {
      this.#parts.log.warn({ err: error, device: deviceId }, "a recording that ended by itself was not kept");
    });
  }

  #recheck(deviceId: string): void {
    const epoch = this.#parts.devices.epochOf(deviceId);
    const take = this.#takes.get(deviceId);
    if (take && take.epoch !== epoch) this.#endSoon(deviceId, "its lease is over");
    if (this.#stopped.get(deviceId)?.epoch !== epoch) this.#stopped.delete(deviceId);
  }

  async #progress(): Promise<void> {
    for (const [deviceId, take] of this.#takes) {
      try {
        await take.progress();
      } catch (error) {
        // A database that is away for a moment ends no recording.
        if (error instanceof PhonerackError && error.code === "storage_full")
          this.#endSoon(deviceId, error.detail ?? error.message);
      }
    }
    if (this.#takes.size > 0) this.#parts.onChange();
  }
}

/** As people look for it: which device, when. */
function nameOf({ deviceName }: ArtifactOrigin, at: Date): string {
  const [day, time] = at.toISOString().slice(0, 19).split("T");
  return `${deviceName} ${day} ${time?.replaceAll(":", ".")}`;
}
