/** One recording as it is kept: its films become artifacts, one after the other, under the lease in which it began. Frames are `recorder.ts`'s. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { ArtifactOrigin, Artifacts } from "../artifacts/artifacts.js";
import type { Retentions } from "../artifacts/retention.js";
import type { Relay } from "../relay/relay.js";
import { type FilmStart, Mp4File } from "./mp4-file.js";
import { Recorder, type Reel } from "./recorder.js";
import { recoverFilm } from "./recover.js";
import type { Unstored } from "./unstored.js";

/** Looked at every few seconds: a recording ends when less than this is left of its organisation's room. */
export const ROOM_LEFT = 8 * 1024 * 1024;

export interface TakeParts {
  readonly artifacts: Artifacts;
  readonly retentions: Retentions;
  readonly unstored: Unstored;
  readonly relay: Relay;
  readonly folder: string;
  readonly log: Logger;
}

export interface TakeWish {
  readonly origin: ArtifactOrigin;
  readonly epoch: number;
  readonly sound: boolean;
  /** Without its ending. */
  readonly name: string;
  /** It cannot go on; `end` is still to be called. */
  readonly onFailure: (error: PhonerackError) => void;
}

export class Take implements Reel {
  readonly origin: ArtifactOrigin;
  readonly epoch: number;
  readonly sound: boolean;
  readonly since = Date.now();
  readonly #parts: TakeParts;
  readonly #name: string;
  readonly #recorder: Recorder;
  /** Of the film that is being made, or comes next. */
  #artifact: string;
  /** The next film has a row already. */
  #ready = true;
  #kept: Artifact | undefined;
  #failure: unknown;
  #dropped = false;
  #ending: Promise<Artifact> | undefined;

  private constructor(parts: TakeParts, wish: TakeWish, artifact: string) {
    this.#parts = parts;
    this.origin = wish.origin;
    this.epoch = wish.epoch;
    this.sound = wish.sound;
    this.#name = wish.name;
    this.#artifact = artifact;
    const { deviceId } = wish.origin;
    const { relay } = parts;
    this.#recorder = new Recorder({ deviceId, relay, sound: wish.sound, reel: this, onFailure: wish.onFailure });
  }

  /** Fails with `storage_full`. */
  static async begin(parts: TakeParts, wish: TakeWish): Promise<Take> {
    const most = await parts.retentions.mostOf(wish.origin.tenant);
    if (most !== null && most < ROOM_LEFT) throw new PhonerackError("storage_full", "too little for a recording");
    const { id } = await parts.artifacts.begin(wish.origin, film(`${wish.name}.mp4`));
    return new Take(parts, wish, id);
  }

  /** Takes frames from now on. */
  start(): void {
    this.#recorder.start();
  }

  get artifact(): string {
    return this.#artifact;
  }

  get bytes(): number {
    return this.#recorder.bytes;
  }

  /** Says how far it is; fails with `storage_full` when its organisation has no room for more. */
  async progress(): Promise<void> {
    const { artifacts, retentions } = this.#parts;
    this.#recorder.flush();
    const { bytes: size, ms } = this.#recorder;
    await artifacts.progress(this.#artifact, { size, ms });
    const most = await retentions.mostOf(this.origin.tenant);
    if (most !== null && size + ROOM_LEFT / 2 > most)
      throw new PhonerackError("storage_full", "your organisation's room is used up");
  }

  /** The last of its films. Fails with `nothing_recorded` when no picture came, or with what kept its film from being stored. */
  end(): Promise<Artifact> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** Ends it, and keeps nothing of it. */
  async drop(): Promise<void> {
    this.#dropped = true;
    await this.end().catch(() => undefined);
  }

  async open(number: number, start: FilmStart): Promise<Mp4File> {
    const { artifacts, folder } = this.#parts;
    if (!this.#ready) this.#artifact = (await artifacts.begin(this.origin, film(`${this.#name} (${number}).mp4`))).id;
    this.#ready = false;
    return Mp4File.create(join(folder, `${this.#artifact}.mp4`), start);
  }

  async keep(_number: number, { path, ms, failure }: Mp4File): Promise<void> {
    const { artifacts, unstored } = this.#parts;
    const id = this.#artifact;
    const whole = this.#dropped ? undefined : failure ? await recoverFilm(path) : { ms };
    if (!whole) {
      await rm(path, { force: true });
      await artifacts.drop(id);
      return;
    }
    try {
      this.#kept = await unstored.store({ id, path, ms: whole.ms, state: failure ? "cut" : "kept" });
    } catch (error) {
      this.#failure = error;
    }
  }

  async #end(): Promise<Artifact> {
    const { artifacts, log } = this.#parts;
    try {
      await this.#recorder.stop();
    } catch (error) {
      log.warn({ err: error, artifact: this.#artifact }, "a recording could not be ended well");
    }
    if (this.#ready) await artifacts.drop(this.#artifact);
    if (this.#failure) throw this.#failure;
    if (!this.#kept) throw new PhonerackError("nothing_recorded", "no picture came");
    return this.#kept;
  }
}

export function film(name: string) {
  return { kind: "recording", name, type: "video/mp4" } as const;
}
