/** Films on their way from this control's disk into the object store: one that cannot be stored now is kept and tried again; those of a control that was killed are found at its next start. */
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, ArtifactId } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Artifacts } from "../artifacts/artifacts.js";
import { recoverFilm } from "./recover.js";

const AGAIN_MS = 60_000;
/** So long there may be no room for a film. */
const ROOMLESS_MS = 2 * 24 * 3_600_000;

export interface FinishedFilm {
  readonly id: string;
  readonly path: string;
  readonly ms: number;
  readonly state: "kept" | "cut";
}

export interface UnstoredParts {
  readonly artifacts: Artifacts;
  readonly folder: string;
  readonly log: Logger;
  readonly againMs?: number;
}

export class Unstored {
  readonly #parts: UnstoredParts;
  readonly #waiting = new Map<string, FinishedFilm>();
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(parts: UnstoredParts) {
    this.#parts = parts;
  }

  /** Gives the artifacts that are finished yet, from what was left on disk; they are stored behind the caller's back. */
  async start(): Promise<ReadonlySet<string>> {
    const { folder } = this.#parts;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const ids = new Set<string>();
    for (const name of await readdir(folder)) {
      const id = ArtifactId.safeParse(name.replace(/\.mp4$/, ""));
      if (id.success && name.endsWith(".mp4")) ids.add(id.data);
      else await rm(join(folder, name), { recursive: true, force: true });
    }
    this.#working = this.#recoverAll(ids);
    this.#timer = setInterval(() => this.#again(), this.#parts.againMs ?? AGAIN_MS);
    return ids;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
  }

  /** Fails with why it is not in the store yet: it is tried again. Where there is no room it waits for two days, then it is gone. */
  async store(film: FinishedFilm): Promise<Artifact> {
    const { artifacts, log } = this.#parts;
    const { id, path } = film;
    try {
      const artifact = await artifacts.finish(id, film);
      this.#waiting.delete(id);
      return artifact;
    } catch (error) {
      if (await isVain(film, error)) {
        this.#waiting.delete(id);
        await rm(path, { force: true });
        await artifacts.drop(id);
        throw error;
      }
      this.#waiting.set(id, film);
      log.warn({ err: error, artifact: id }, "a recording could not be stored yet; it stays on this control's disk");
      throw error;
    }
  }

  #again(): void {
    this.#working = this.#working.then(async () => {
      for (const film of this.#waiting.values()) await this.store(film).catch(() => undefined);
    });
  }

  async #recoverAll(ids: ReadonlySet<string>): Promise<void> {
    for (const id of ids) {
      try {
        await this.#recover(id);
      } catch (error) {
        this.#parts.log.warn({ err: error, artifact: id }, "a recording that was cut off could not be kept");
      }
    }
  }

  async #recover(id: string): Promise<void> {
    const { artifacts, folder, log } = this.#parts;
    const path = join(folder, `${id}.mp4`);
    const known = await artifacts.unfinished(id);
    const film = known ? await recoverFilm(path) : undefined;
    if (!film) {
      await rm(path, { force: true });
      if (known) await artifacts.drop(id);
      return;
    }
    await this.store({ id, path, ms: film.ms, state: "cut" });
    log.info({ artifact: id, ...film }, "a recording was cut off; what there is of it is kept");
  }
}

/** Nobody knows it any more, or nobody has made room for it. */
async function isVain({ path }: FinishedFilm, error: unknown): Promise<boolean> {
  if (!(error instanceof PhonerackError)) return false;
  if (error.code === "artifact_not_found") return true;
  return error.code === "storage_full" && Date.now() - (await stat(path)).mtimeMs > ROOMLESS_MS;
}
