import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { copyDatabase, silent, temporaryFolder } from "../../test/running-control.js";
import type { ArtifactOrigin } from "../artifacts/artifacts.js";
import { createArtifactDesk } from "../artifacts/start.js";
import { type Database, openDatabase } from "../database/database.js";
import { FolderStore } from "../storage/folder-store.js";
import type { ObjectStore } from "../storage/object-store.js";
import { film } from "./take.js";
import { Unstored } from "./unstored.js";

const DAY_MS = 24 * 3_600_000;
const ORIGIN: ArtifactOrigin = {
  tenant: "acme",
  lease: "l-aaaaaaaaaaaaaaaa",
  deviceId: "phone-1",
  deviceName: "V01-01",
  actor: "ada",
  actorName: "Ada",
};
const WHO = { actor: "ada", tenant: "acme", role: "member", lab: null } as const;

let database: Database;
let dataDir: string;
let folder: string;
beforeAll(async () => {
  dataDir = await temporaryFolder();
  await copyDatabase(dataDir);
  database = await openDatabase({ kind: "pglite" }, { dataDir, log: silent });
});
afterAll(async () => {
  await database.stop();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-unstored-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A film that was made, and a store that has no room for it until it is told. */
async function made() {
  const real = await FolderStore.open(join(folder, "objects"));
  const disk = { full: true };
  const objects: ObjectStore = {
    put: (key, path) => (disk.full ? Promise.reject(new PhonerackError("storage_full")) : real.put(key, path)),
    putAll: (all) => real.putAll(all),
    get: (key, range) => real.get(key, range),
    size: (key) => real.size(key),
    remove: (key) => real.remove(key),
  };
  const { artifacts } = createArtifactDesk({
    db: Promise.resolve(database.db),
    objects,
    dataDir: folder,
    replica: "control-1",
    record: () => undefined,
    log: silent,
  });
  const films = join(folder, "recordings");
  await mkdir(films);
  const unstored = new Unstored({ artifacts, folder: films, log: silent, againMs: 20 });
  await unstored.start();
  const { id } = await artifacts.begin(ORIGIN, film("V01-01.mp4"));
  const path = join(films, `${id}.mp4`);
  await writeFile(path, "a film");
  return { artifacts, unstored, disk, films, path, id };
}

describe("a film for which there is no room", () => {
  test("stays on this control's disk, and is stored when there is", async () => {
    const { artifacts, unstored, disk, films, path, id } = await made();
    await expect(unstored.store({ id, path, ms: 1_000, state: "kept" })).rejects.toMatchObject({ code: "storage_full" });
    expect(await readdir(films)).toEqual([`${id}.mp4`]);
    expect(await artifacts.get(WHO, id)).toMatchObject({ state: "writing" });
    disk.full = false;
    await expect.poll(() => artifacts.get(WHO, id)).toMatchObject({ state: "kept", size: 6, ms: 1_000 });
    expect(await readdir(films)).toEqual([]);
    await unstored.stop();
  });

  test("is gone after two days", async () => {
    const { artifacts, unstored, films, path, id } = await made();
    await expect(unstored.store({ id, path, ms: 1_000, state: "kept" })).rejects.toMatchObject({ code: "storage_full" });
    const old = new Date(Date.now() - 2 * DAY_MS - 1_000);
    await utimes(path, old, old);
    await expect.poll(() => readdir(films)).toEqual([]);
    await expect(artifacts.get(WHO, id)).rejects.toMatchObject({ code: "artifact_not_found" });
    await unstored.stop();
  });
});
