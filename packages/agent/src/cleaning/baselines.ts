/** What each phone was like when it was fit to be lent, kept on disk: one file per phone, written whole or not at all. */
import { mkdir, open, readdir, readFile, rename, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Entry, type Kind, lasting, MOST_FILES } from "./files.js";
import type { Look } from "./look.js";
import type { Packages } from "./packages.js";
import type { Account, Lock } from "./people.js";
import type { Settings } from "./settings.js";

export interface Baseline {
  readonly version: 1;
  readonly deviceId: string;
  /** Milliseconds since the Unix epoch. */
  readonly takenAt: number;
  readonly fingerprint: string;
  /** Command lines of what runs as the shell user although nobody started it: some makers' daemons. null: the phone did not tell. */
  readonly daemons: readonly string[] | null;
  readonly packages: Packages | null;
  readonly users: readonly number[] | null;
  readonly files: ReadonlyMap<string, Entry> | null;
  readonly accounts: readonly Account[] | null;
  readonly lock: Lock;
  readonly admins: readonly string[] | null;
  /** Whether the phone lists its recent tasks. */
  readonly recents: boolean;
  readonly settings: Settings | null;
}

type Row = [path: string, kind: Kind, size: number, mtime: number];
type Stored = Omit<Baseline, "files"> & { files: Row[] | null };

/** Fails with `phone_failed` when there is more on the phone than can be written down. */
export function baselineOf(deviceId: string, seen: Look, takenAt: number): Baseline {
  const files = seen.files && lasting(seen.files);
  if (files && files.size > MOST_FILES)
    throw new PhonerackError(
      "phone_failed",
      `there are ${files.size} files on it; a lab's phone has at most ${MOST_FILES}: wipe it first`,
    );
  const { fingerprint, packages, users, accounts, lock, admins, settings, processes } = seen;
  const daemons = processes?.filter(({ parent }) => parent === 1).map(({ args }) => args) ?? null;
  const recents = seen.recents !== null;
  return {
    version: 1,
    deviceId,
    takenAt,
    fingerprint,
    daemons,
    packages,
    users,
    files,
    accounts,
    lock,
    admins,
    recents,
    settings,
  };
}

export class Baselines {
  readonly #folder: string;
  readonly #taken: Map<string, number>;

  private constructor(folder: string, taken: Map<string, number>) {
    this.#folder = folder;
    this.#taken = taken;
  }

  /** Fails when the folder may not be read. */
  static async open(dataDir: string): Promise<Baselines> {
    const folder = join(dataDir, "baselines");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const taken = new Map<string, number>();
    for (const name of await readdir(folder)) {
      const id = /^(d-[a-z2-7]+)\.json$/.exec(name)?.[1];
      // When it was taken is the file's own time: a rack's baselines are too much to read at each start.
      if (id) taken.set(id, Math.round((await stat(join(folder, name))).mtimeMs));
    }
    return new Baselines(folder, taken);
  }

  at(deviceId: string): number | null {
    return this.#taken.get(deviceId) ?? null;
  }

  async write(baseline: Baseline): Promise<void> {
    const path = this.#path(baseline.deviceId);
    const files = baseline.files && [...baseline.files].map(([name, { kind, size, mtime }]): Row => [name, kind, size, mtime]);
    const stored: Stored = { ...baseline, files };
    const draft = `${path}.draft`;
    const file = await open(draft, "w", 0o600);
    try {
      await file.writeFile(`${JSON.stringify(stored)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await utimes(draft, baseline.takenAt / 1_000, baseline.takenAt / 1_000);
    await rename(draft, path);
    this.#taken.set(baseline.deviceId, baseline.takenAt);
  }

  /** undefined when there is none, or what is there is none. */
  async read(deviceId: string): Promise<Baseline | undefined> {
    let json: unknown;
    try {
      json = JSON.parse(await readFile(this.#path(deviceId), "utf8"));
    } catch {
      return undefined;
    }
    if (!isStored(json, deviceId)) return undefined;
    const files = json.files && new Map(json.files.map(([path, kind, size, mtime]) => [path, { kind, size, mtime }]));
    return { ...json, files };
  }

  #path(deviceId: string): string {
    if (!/^d-[a-z2-7]+$/.test(deviceId)) throw new PhonerackError("internal", "no device id");
    return join(this.#folder, `${deviceId}.json`);
  }
}

/** Ours or nothing: only this class writes there, and a file is whole or absent. */
function isStored(json: unknown, deviceId: string): json is Stored {
  if (typeof json !== "object" || json === null) return false;
  const { version, deviceId: id, takenAt, files, lock } = json as Partial<Stored>;
  const listed = files === null || (Array.isArray(files) && files.every((row) => Array.isArray(row) && row.length === 4));
  return version === 1 && id === deviceId && typeof takenAt === "number" && listed && lock !== undefined;
}
