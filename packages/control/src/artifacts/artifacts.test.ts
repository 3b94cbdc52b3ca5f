import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { PhonerackError } from "@phonerack/contract/bus";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { copyDatabase, silent, temporaryFolder } from "../../test/running-control.js";
import { type Database, openDatabase } from "../database/database.js";
import type { NewEvent } from "../events/store.js";
import type { Onlooker } from "../leases/visibility.js";
import { FolderStore } from "../storage/folder-store.js";
import type { ObjectStore } from "../storage/object-store.js";
import { type ArtifactOrigin, keyOf } from "./artifacts.js";
import { createArtifactDesk } from "./start.js";

const DAY = 24 * 3_600_000;
let database: Database;
let dataDir: string;
let folder: string;
let count = 0;
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
  count++;
  folder = await mkdtemp(join(tmpdir(), "phonerack-artifacts-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function desk(change: { objects?: ObjectStore; replica?: string } = {}) {
  const events: Omit<NewEvent, "at">[] = [];
  const clock = { now: Date.now() };
  const objects = change.objects ?? (await FolderStore.open(join(folder, "objects")));
  const { artifacts, retentions, ...rest } = createArtifactDesk({
    db: Promise.resolve(database.db),
    objects,
    dataDir: folder,
    replica: change.replica ?? "control-1",
    record: (event) => events.push(event),
    log: silent,
    now: () => clock.now,
  });
  return { artifacts, retentions, ...rest, objects, events, clock };
}

/** Each test's own: they share a database. */
const tenant = () => `tenant-${count}`;
const origin = (change: Partial<ArtifactOrigin> = {}): ArtifactOrigin => ({
  tenant: tenant(),
  lease: "l-aaaaaaaaaaaaaaaa",
  deviceId: "phone-1",
  deviceName: "V01-01",
  actor: "ada",
  actorName: "Ada",
  ...change,
});
const member = (change: Partial<Onlooker> = {}): Onlooker => ({
  actor: "ada",
  tenant: tenant(),
  role: "member",
  lab: null,
  ...change,
});
const note = { kind: "file", name: "note.txt", type: "text/plain" } as const;

describe("a stream of bytes", () => {
  const pieces = (count: number, then?: Error) =>
    Readable.from(
      (async function* () {
        for (let at = 0; at < count; at++) yield Buffer.alloc(1_000, at);
        if (then) throw then;
      })(),
      { objectMode: false },
    );
  const left = async () => [...(await readdir(join(folder, "artifacts"))), ...(await readdir(join(folder, "objects")))];

  test("is kept whole, or not at all: when it breaks, and when it is more than there is room for", async () => {
    const { artifacts, retentions, objects } = await desk();
    const { id, size } = await artifacts.addStream(origin(), note, pieces(5));
    expect(size).toBe(5_000);
    expect((await buffer(await objects.get(keyOf(id)))).subarray(3_999, 4_001)).toEqual(Buffer.from([3, 4]));
    await artifacts.remove(member(), id);
    const before = await left();
    const lost = new PhonerackError("pipe_broken", "the phone has gone");
    await expect(artifacts.addStream(origin(), note, pieces(3, lost))).rejects.toMatchObject({ code: "pipe_broken" });
    await retentions.set(tenant(), { days: 1, bytes: 10_000 });
    // It is cut off long before its end.
    await expect(artifacts.addStream(origin(), note, pieces(1e9))).rejects.toMatchObject({ code: "storage_full" });
    expect((await artifacts.list(member(), { limit: 10 })).items).toEqual([]);
    expect(await left()).toEqual(before);
  });
});

describe("artifacts", () => {
  test("are kept with their bytes, listed newest first, and removed with them", async () => {
    const { artifacts, objects, events, clock } = await desk();
    const first = await artifacts.add(origin(), note, Buffer.from("first"));
    clock.now += 1_000;
    const path = join(folder, "second");
    await writeFile(path, "second!");
    const second = await artifacts.add(origin({ deviceId: "phone-2" }), { ...note, kind: "log" }, { path });
    expect(second).toMatchObject({ state: "kept", size: 7, createdByName: "Ada", lease: origin().lease });
    expect(second.expiresAt).toBe(clock.now + 30 * DAY);
    expect(await artifacts.list(member(), { limit: 10 })).toEqual({ items: [second, first], bytes: 12 });
    expect((await artifacts.list(member(), { limit: 10, kind: "log" })).items).toEqual([second]);
    expect((await artifacts.list(member(), { limit: 10, device: "phone-1" })).items).toEqual([first]);
    expect((await buffer(await objects.get(keyOf(first.id)))).toString()).toBe("first");
    await artifacts.remove(member(), first.id);
    expect(await objects.size(keyOf(first.id))).toBeUndefined();
    await expect(artifacts.get(member(), first.id)).rejects.toMatchObject({ code: "artifact_not_found" });
    expect(events.map(({ kind }) => kind)).toEqual(["artifact.kept", "artifact.kept", "artifact.removed"]);
  });

  test("are nobody's but their organisation's and the lab's", async () => {
    const { artifacts } = await desk();
    const { id } = await artifacts.add(origin(), note, Buffer.from("x"));
    const stranger = member({ tenant: "another" });
    await expect(artifacts.get(stranger, id)).rejects.toMatchObject({ code: "artifact_not_found" });
    await expect(artifacts.remove(stranger, id)).rejects.toMatchObject({ code: "artifact_not_found" });
    expect(await artifacts.list(stranger, { limit: 10 })).toEqual({ items: [], bytes: 0 });
    expect(await artifacts.list(member({ tenant: null }), { limit: 10 })).toEqual({ items: [], bytes: 0 });
    expect((await artifacts.get(member({ tenant: "lab", lab: "operator" }), id)).id).toBe(id);
  });

  test("that cannot be stored leave nothing behind", async () => {
    const real = await FolderStore.open(join(folder, "objects"));
    const full: ObjectStore = {
      put: () => Promise.reject(new PhonerackError("storage_full")),
      putAll: (objects) => real.putAll(objects),
      get: (key) => real.get(key),
      size: (key) => real.size(key),
      remove: (key) => real.remove(key),
    };
    const { artifacts } = await desk({ objects: full });
    await expect(artifacts.add(origin(), note, Buffer.from("x"))).rejects.toMatchObject({ code: "storage_full" });
    expect(await artifacts.list(member(), { limit: 10 })).toEqual({ items: [], bytes: 0 });
    expect(await readdir(join(folder, "artifacts"))).toEqual([]);
  });

  test("whose control was killed on the way are removed at its next start, and not shown before", async () => {
    const before = await desk({ replica: "killed" });
    const { id } = await before.artifacts.begin(origin(), note);
    const path = join(folder, "bytes");
    await writeFile(path, "bytes");
    await before.objects.put(keyOf(id), path);
    expect((await before.artifacts.list(member(), { limit: 10 })).items).toEqual([]);
    const after = await desk({ replica: "killed" });
    await after.start(new Set());
    await after.stop();
    expect(await after.objects.size(keyOf(id))).toBeUndefined();
    await expect(after.artifacts.get(member({ lab: "owner" }), id)).rejects.toMatchObject({ code: "artifact_not_found" });
  });

  test("have names that every file system takes", async () => {
    const { artifacts } = await desk();
    const named = async (name: string) => (await artifacts.add(origin(), { ...note, name }, Buffer.from("x"))).name;
    expect(await named('../a:b*"c"\n.txt')).toBe("..-a-b--c--.txt");
    expect(await named("屏幕截图 📱.png")).toBe("屏幕截图 📱.png");
    expect((await named(`${"x".repeat(300)}.mp4`)).endsWith("x.mp4")).toBe(true);
  });
});

describe("retention", () => {
  test("removes what is older than an organisation's days, with its bytes", async () => {
    const { artifacts, retentions, objects, clock, events } = await desk();
    const { id } = await artifacts.add(origin(), note, Buffer.from("x"));
    const other = await artifacts.add(origin({ tenant: `${tenant()}-b` }), note, Buffer.from("x"));
    expect(await retentions.set(tenant(), { days: 2, bytes: null })).toEqual({ days: 2, bytes: null, usedBytes: 1 });
    clock.now += 2 * DAY - 1_000;
    await retentions.sweep();
    expect(await objects.size(keyOf(id))).toBe(1);
    clock.now += 2_000;
    await retentions.sweep();
    expect(await objects.size(keyOf(id))).toBeUndefined();
    expect(await objects.size(keyOf(other.id))).toBe(1);
    expect(events.at(-1)).toMatchObject({ kind: "artifact.expired", actor: "system", detail: { artifact: id, why: "time" } });
  });

  test("makes room by the oldest, and refuses what is larger than all the room", async () => {
    const { artifacts, retentions, clock } = await desk();
    const ids: string[] = [];
    for (let number = 0; number < 3; number++) {
      clock.now += 1_000;
      ids.push((await artifacts.add(origin(), note, Buffer.alloc(100))).id);
    }
    await retentions.set(tenant(), { days: null, bytes: 250 });
    const left = async () => (await artifacts.list(member(), { limit: 10 })).items.map(({ id }) => id);
    expect(await left()).toEqual([ids[2], ids[1]]);
    clock.now += 1_000;
    const fourth = await artifacts.add(origin(), note, Buffer.alloc(200));
    expect(await left()).toEqual([fourth.id]);
    expect(fourth.expiresAt).toBeNull();
    await expect(artifacts.add(origin(), note, Buffer.alloc(251))).rejects.toMatchObject({ code: "storage_full" });
    expect(await left()).toEqual([fourth.id]);
    await expect(retentions.requireRoom(tenant(), 51)).rejects.toMatchObject({ code: "storage_full" });
    await retentions.requireRoom(tenant(), 50);
  });
});
