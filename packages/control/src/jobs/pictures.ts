/** What jobs do with pictures, and no agent is asked for: screenshots and recordings, kept among the artifacts of the device's lease. */
import { type ActionResult, type Device, PhonerackError } from "@phonerack/contract/bus";
import { type Artifacts, originOf } from "../artifacts/artifacts.js";
import type { Screenshots } from "../devices/screenshots.js";
import type { Recordings } from "../recordings/recordings.js";
import type { JobRow } from "./rows.js";

export interface PicturesParts {
  readonly screenshots: Pick<Screenshots, "take">;
  readonly artifacts: Pick<Artifacts, "add">;
  readonly recordings: Pick<Recordings, "change" | "end">;
}

export class Pictures {
  readonly #parts: PicturesParts;

  constructor(parts: PicturesParts) {
    this.#parts = parts;
  }

  static does({ type }: JobRow["action"]): boolean {
    return type === "screenshot" || type === "record";
  }

  /** Fails as `Screenshots.take` and `Recordings` do, with `storage_full`, and with `epoch_stale` for a device that changed hands meanwhile. */
  async do(job: JobRow, device: Device): Promise<ActionResult> {
    const { action } = job;
    if (action.type === "screenshot") return this.#shoot(job, device, action.frame);
    if (action.type !== "record") throw new PhonerackError("bad_request", "no picture");
    return action.on ? this.#record(job, device, action.sound) : this.#end(job, device);
  }

  async #shoot({ actor, actorName }: JobRow, device: Device, frame: boolean): Promise<ActionResult> {
    const origin = originOf(device, { actor, name: actorName });
    const png = await this.#parts.screenshots.take(device.id, { frame });
    const at = new Date().toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
    const name = `${device.name} ${at}.png`;
    const { id } = await this.#parts.artifacts.add(origin, { kind: "screenshot", name, type: "image/png" }, png);
    return { artifact: id };
  }

  async #record(job: JobRow, device: Device, sound: boolean): Promise<ActionResult> {
    const { running } = await this.#parts.recordings
      .change(whoOf(job), device.id, { record: true, sound })
      .catch(unless("recording_running", { running: null }));
    return running ? { artifact: running.artifact } : { note: "it was being recorded already" };
  }

  async #end(job: JobRow, device: Device): Promise<ActionResult> {
    const ended = await this.#parts.recordings.end(whoOf(job), device.id).catch(unless("recording_not_running", undefined));
    return ended ? { artifact: ended.id } : { note: "it was not being recorded" };
  }
}

/** Who began the job; that they hold the device is asked once more. */
function whoOf({ actor, actorName: name, tenant }: JobRow) {
  return { actor, name, tenant, role: "member", lab: null } as const;
}

function unless<T>(code: PhonerackError["code"], otherwise: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof PhonerackError && error.code === code) return otherwise;
    throw error;
  };
}
