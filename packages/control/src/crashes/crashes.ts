/**
 * Crashes of owned apps, as agents tell of them: a row each, with its stack, a screenshot and the last half minute of picture among the artifacts of the lease. Each is
 * kept on its own: what one of them fails for keeps no other. Every control hears of a crash; the one that writes its row first keeps the rest.
 */
import type { Artifact, Crash } from "@phonerack/contract/api";
import {
  type Bus,
  CrashNews,
  type Device,
  decodeMessage,
  PhonerackError,
  type Subscription,
  subjects,
} from "@phonerack/contract/bus";
import type { Logger } from "pino";
import { type ArtifactOrigin, type Artifacts, originOf } from "../artifacts/artifacts.js";
import type { Devices } from "../devices/devices.js";
import type { Screenshots } from "../devices/screenshots.js";
import type { RecordEvent } from "../events/events.js";
import { crashIdOf } from "../ids.js";
import type { Onlooker } from "../leases/visibility.js";
import type { Recordings } from "../recordings/recordings.js";
import { CrashMarks } from "./marks.js";
import { signatureOf } from "./signature.js";
import { type CrashQuery, type CrashRow, type CrashStore, crashOf } from "./store.js";

/** Of the stack, in the row. */
const SHOWN = 64 * 1024;
const PICTURE_SECONDS = 30;
/** Agents hold back themselves; one that does not is not believed more than this a minute and device. */
const A_MINUTE = 20;
const MINUTE_MS = 60_000;

export interface CrashesParts {
  readonly bus: Bus;
  readonly store: CrashStore;
  readonly devices: Devices;
  readonly artifacts: Artifacts;
  readonly screenshots: Pick<Screenshots, "take">;
  readonly recordings: Pick<Recordings, "saveLastOf">;
  readonly record: RecordEvent;
  readonly log: Logger;
  readonly hears: (agentId: string) => boolean;
}

export class Crashes {
  readonly #parts: CrashesParts;
  readonly #marks: CrashMarks;
  readonly #subscription: Subscription;
  readonly #running = new Set<Promise<void>>();
  readonly #heard = new Map<string, readonly number[]>();

  /** Listens at once. */
  constructor(parts: CrashesParts) {
    this.#parts = parts;
    this.#marks = new CrashMarks(parts.devices);
    this.#subscription = parts.bus.subscribe(subjects.crash("*"), ({ subject, payload }) => {
      const kept = this.#hear(subject.split(".")[1] ?? "", payload).catch((error: unknown) =>
        parts.log.warn({ err: error, subject }, "a crash could not be kept"),
      );
      this.#running.add(kept);
      void kept.finally(() => this.#running.delete(kept));
      return undefined;
    });
  }

  /** Marks the devices whose lease had crashes before this control began. */
  async start(): Promise<void> {
    const leases = new Set(this.#parts.devices.all().flatMap(({ holder }) => (holder ? [holder.lease] : [])));
    for (const row of await this.#parts.store.ofLeases([...leases])) this.#marks.add(row);
  }

  /** What is being kept is kept. */
  async stop(): Promise<void> {
    this.#subscription.unsubscribe();
    this.#marks.stop();
    await Promise.all(this.#running);
  }

  /** Their own organisation's; everybody's for those who run the lab. */
  async list(who: Onlooker, query: Omit<CrashQuery, "tenant">): Promise<{ items: Crash[] }> {
    const rows = await this.#parts.store.list({ ...query, tenant: who.lab ? undefined : (who.tenant ?? "") });
    return { items: rows.map(crashOf) };
  }

  /** Fails with `crash_not_found`, for another organisation's too. */
  async get(who: Onlooker, id: string): Promise<Crash> {
    const row = await this.#parts.store.get(id);
    if (!row || !(who.lab || row.tenant === who.tenant)) throw new PhonerackError("crash_not_found", id);
    return crashOf(row);
  }

  async #hear(agentId: string, payload: Uint8Array): Promise<void> {
    const { devices, hears } = this.#parts;
    const news = decodeMessage(CrashNews, payload);
    const device = devices.get(news.deviceId);
    if (!hears(agentId) || news.agentId !== agentId || device?.agentId !== agentId)
      throw new PhonerackError("denied", "an agent spoke of a device that is not its own");
    // Of a lease that is over: nobody is there to be told.
    if (!device.holder || devices.epochOf(device.id) !== news.epoch || this.#tooMany(device.id)) return;
    const row = rowOf(news, device);
    const first = await this.#parts.store.insert(row);
    this.#marks.add(row);
    const origin = originOf(device);
    const keeping = [this.#keep(row, "recording", () => this.#picture(origin))];
    if (first) {
      this.#tell(row);
      keeping.push(
        this.#keep(row, "screenshot", () => this.#shoot(row, origin)),
        this.#keep(row, "stackArtifact", () => this.#stack(row, origin, news.stack)),
      );
    }
    await Promise.all(keeping);
  }

  #tooMany(deviceId: string): boolean {
    const now = Date.now();
    const recent = (this.#heard.get(deviceId) ?? []).filter((at) => now - at < MINUTE_MS);
    if (recent.length < A_MINUTE) recent.push(now);
    else return true;
    this.#heard.set(deviceId, recent);
    return false;
  }

  #tell({ id, tenant, deviceId, kind, package: name, exception, signature }: CrashRow): void {
    const detail = { crash: id, type: kind, package: name, exception, signature };
    this.#parts.record({ kind: "app.crashed", tenant, actor: "system", subject: deviceId, detail });
  }

  async #keep(
    { id, deviceId }: CrashRow,
    what: "recording" | "screenshot" | "stackArtifact",
    make: () => Promise<Artifact | undefined>,
  ): Promise<void> {
    try {
      const made = await make();
      if (made) await this.#parts.store.attach(id, { [what]: made.id });
    } catch (error) {
      this.#parts.log.info({ err: error, crash: id, device: deviceId }, `a crash's ${what} could not be kept`);
    }
  }

  /** Undefined where nobody watched or recorded. */
  #picture({ deviceId, actor, actorName }: ArtifactOrigin): Promise<Artifact | undefined> {
    return this.#parts.recordings.saveLastOf(deviceId, PICTURE_SECONDS, { actor, name: actorName });
  }

  async #shoot(row: CrashRow, origin: ArtifactOrigin): Promise<Artifact> {
    const png = await this.#parts.screenshots.take(row.deviceId);
    return this.#parts.artifacts.add(origin, { kind: "screenshot", name: `${nameOf(row)}.png`, type: "image/png" }, png);
  }

  #stack(row: CrashRow, origin: ArtifactOrigin, stack: string): Promise<Artifact> {
    const text = `${row.process}: ${[row.exception, row.message].filter(Boolean).join(": ")}\n\n${stack}\n`;
    const artifact = { kind: "crash", name: `${nameOf(row)}.txt`, type: "text/plain; charset=utf-8" } as const;
    return this.#parts.artifacts.add(origin, artifact, Buffer.from(text));
  }
}

function nameOf({ deviceName, package: name, kind, at }: CrashRow): string {
  return `${deviceName} ${name} ${kind} ${at.toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".")}`;
}

function rowOf(news: CrashNews, device: Device): CrashRow {
  const { holder } = device;
  if (!holder) throw new PhonerackError("lease_required", device.name);
  const { deviceId, epoch, kind, process, versionName, versionCode, exception, message, stack } = news;
  // PostgreSQL takes no NUL in a text.
  const clean = (text: string) => text.replaceAll("\0", "");
  return {
    id: crashIdOf(deviceId, String(epoch), String(news.at), process),
    tenant: holder.tenant,
    leaseId: holder.lease,
    deviceId,
    deviceName: device.name,
    // An agent whose clock is off puts nothing into the future.
    at: new Date(Math.min(news.at, Date.now())),
    kind,
    package: news.package,
    process: clean(process),
    versionName: versionName === null ? null : clean(versionName),
    versionCode,
    exception: clean(exception),
    message: clean(message),
    signature: clean(signatureOf(news)),
    stack: clean(stack.slice(0, SHOWN)),
    stackArtifact: null,
    screenshot: null,
    recording: null,
  };
}
