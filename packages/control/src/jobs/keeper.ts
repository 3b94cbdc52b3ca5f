/** What jobs keep among the artifacts of a device's lease, and no agent is ordered to do: screenshots, recordings, its log, its files. */
import { Readable } from "node:stream";
import {
  type ActionResult,
  type ActionType,
  type Device,
  type LogWish,
  logText,
  overError,
  PhonerackError,
  type Pipe,
  readLogLine,
} from "@phonerack/contract/bus";
import { type Artifacts, originOf } from "../artifacts/artifacts.js";
import type { Screenshots } from "../devices/screenshots.js";
import { folderTar, type TarParts } from "../files/folder-tar.js";
import { openPhoneFile } from "../files/phone-file.js";
import type { Recordings } from "../recordings/recordings.js";
import type { JobRow } from "./rows.js";

/** For a log that was kept until a moment. */
const LOG_MS = 2 * 60_000;
const TEXT = "text/plain; charset=utf-8";

const KEEPS: ReadonlySet<ActionType> = new Set<ActionType>(["screenshot", "record", "keep-last", "save-last", "log", "get"]);

export interface KeeperParts extends TarParts {
  readonly screenshots: Pick<Screenshots, "take">;
  readonly artifacts: Pick<Artifacts, "add" | "addStream">;
  readonly recordings: Pick<Recordings, "change" | "end" | "saveLast">;
}

export class Keeper {
  readonly #parts: KeeperParts;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  static does({ type }: JobRow["action"]): boolean {
    return KEEPS.has(type);
  }

  /**
   * Fails as `Screenshots.take`, `Recordings` and `openPhoneFile` do, with `storage_full`, and with `epoch_stale` for a device that changed hands meanwhile.
   */
  async do(job: JobRow, device: Device): Promise<ActionResult> {
    const { action } = job;
    if (action.type === "screenshot") return this.#shoot(job, device, action.frame);
    if (action.type === "log") return this.#log(job, device, action);
    if (action.type === "get") return this.#file(job, device, action.path);
    if (action.type === "keep-last") return this.#keepLast(job, device, action.seconds);
    if (action.type === "save-last") return { artifact: (await this.#saveLast(job, device, action.seconds)).id };
    if (action.type !== "record") throw new PhonerackError("bad_request", "nothing to keep");
    return action.on ? this.#record(job, device, action.sound) : this.#end(job, device);
  }

  async #shoot(job: JobRow, device: Device, frame: boolean): Promise<ActionResult> {
    const origin = originOf(device, makerOf(job));
    const png = await this.#parts.screenshots.take(device.id, { frame });
    const name = `${device.name} ${stamp()}.png`;
    const { id } = await this.#parts.artifacts.add(origin, { kind: "screenshot", name, type: "image/png" }, png);
    return { artifact: id };
  }

  /** What the device has of it at this moment. */
  async #log(job: JobRow, device: Device, { tail, level, package: app }: Omit<LogWish, "follow">): Promise<ActionResult> {
    const origin = originOf(device, makerOf(job));
    const wish = { tail, level, follow: false, ...(app !== undefined && { package: app }) };
    const pipe = await this.#parts.pipes.open(whoOf(job), device.id, { type: "log", wish });
    const late = setTimeout(() => pipe.close(new PhonerackError("device_timeout", "its log has no end")), LOG_MS);
    try {
      const name = `${device.name} ${stamp()}.log.txt`;
      const lines = Readable.from(linesOf(pipe), { objectMode: false });
      const { id } = await this.#parts.artifacts.addStream(origin, { kind: "log", name, type: TEXT }, lines);
      return { artifact: id };
    } finally {
      clearTimeout(late);
      pipe.close();
    }
  }

  /** A folder as one tar. */
  async #file(job: JobRow, device: Device, path: string): Promise<ActionResult> {
    const origin = originOf(device, makerOf(job));
    const spot = { who: whoOf(job), deviceId: device.id, path };
    const file = await openPhoneFile(this.#parts.pipes, spot);
    const called = path.replace(/\/$/, "").split("/").at(-1) || "files";
    if (file.folder) file.close();
    const [bytes, ending, type] = file.folder
      ? [folderTar(this.#parts, spot, called), ".tar", "application/x-tar"]
      : [file.bytes(), "", "application/octet-stream"];
    const name = `${device.name} ${called}${ending}`;
    const { id } = await this.#parts.artifacts.addStream(origin, { kind: "file", name, type }, bytes);
    return { artifact: id };
  }

  async #record(job: JobRow, device: Device, sound: boolean): Promise<ActionResult> {
    const { running } = await this.#parts.recordings
      .change(whoOf(job), device.id, { record: true, sound })
      .catch(unless("recording_running", { running: null }));
    return running ? { artifact: running.artifact } : { note: "it was being recorded already" };
  }

  async #keepLast(job: JobRow, device: Device, seconds: number): Promise<ActionResult> {
    await this.#parts.recordings.change(whoOf(job), device.id, { sound: true, keepSeconds: seconds });
    return {};
  }

  #saveLast(job: JobRow, device: Device, seconds: number) {
    return this.#parts.recordings.saveLast(whoOf(job), device.id, seconds);
  }

  async #end(job: JobRow, device: Device): Promise<ActionResult> {
    const ended = await this.#parts.recordings.end(whoOf(job), device.id).catch(unless("recording_not_running", undefined));
    return ended ? { artifact: ended.id } : { note: "it was not being recorded" };
  }
}

function makerOf({ actor, actorName: name }: JobRow) {
  return { actor, name };
}

/** Who began the job; that they hold the device is asked once more. */
function whoOf({ actor, actorName: name, tenant, mode }: JobRow) {
  return { actor, name, tenant, mode, role: "member", lab: null } as const;
}

function stamp(): string {
  return new Date().toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
}

/** As people read them, times in UTC. Fails where the log did not come to its end. */
async function* linesOf(pipe: Pipe): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for (let frame = await pipe.read(); frame; frame = await pipe.read()) {
    if (frame.kind !== "data") continue;
    const lines = (rest + decoder.decode(frame.bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    const text = lines.map((line) => `${readableLine(line)}\n`).join("");
    if (text !== "") yield text;
  }
  const end = await pipe.over;
  if (end.error) throw overError(end);
}

/** A divider, or what is no line of a log, as it is. */
function readableLine(line: string): string {
  const read = readLogLine(line);
  return read ? logText(read) : line;
}

function unless<T>(code: PhonerackError["code"], otherwise: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof PhonerackError && error.code === code) return otherwise;
    throw error;
  };
}
