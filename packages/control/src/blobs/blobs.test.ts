/** Files on their way into the lab, and from there to the hosts of phones, with a real database and a real folder. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { acceptPipes, createInProcessBus, PhonerackError, type Pipe } from "@phonerack/contract/bus";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { copyDatabase, silent, temporaryFolder } from "../../test/running-control.js";
import type { Caller } from "../access/caller.js";
import { type Database, openDatabase } from "../database/database.js";
import { FolderStore } from "../storage/folder-store.js";
import { Blobs } from "./blobs.js";
import { BlobStore } from "./store.js";
import { Uploads } from "./uploads.js";

const DAY = 24 * 3_600_000;
let database: Database;
let dataDir: string;
let folder: string;
let count = 0;
const bus = createInProcessBus();
beforeAll(async () => {
  dataDir = await temporaryFolder();
  await copyDatabase(dataDir);
  database = await openDatabase({ kind: "pglite" }, { dataDir, log: silent });
});
afterAll(async () => {
  await database.stop();
  await bus.stop();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  count++;
  folder = await mkdtemp(join(tmpdir(), "phonerack-blobs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const digestOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const callerOf = (tenant = `tenant-${count}`): Caller =>
  ({ actor: "ada", name: "Ada", tenant, role: "member", lab: null, kind: "person", scopes: [] }) as unknown as Caller;

async function desk(room = Number.POSITIVE_INFINITY) {
  const clock = { now: Date.now() };
  const now = () => clock.now;
  const objects = await FolderStore.open(join(folder, "objects"));
  const store = new BlobStore(Promise.resolve(database.db));
  const blobs = new Blobs({ store, objects, bus, log: silent, now });
  const requireRoom = async (_tenant: string, bytes: number) => {
    if (bytes > room) throw new PhonerackError("storage_full");
  };
  const uploads = new Uploads({ store, blobs, dataDir: folder, requireRoom, now });
  await uploads.start();
  const stop = async () => {
    await uploads.stop();
    await blobs.stop();
  };
  return { blobs, uploads, objects, clock, stop };
}

const incoming = () => readdir(join(folder, "incoming"));
const objectsOf = () => readdir(join(folder, "objects", "blobs")).catch(() => []);

/** Comes in pieces, and breaks after some of them. */
function broken(bytes: Buffer, at: number): Readable {
  return Readable.from(
    (async function* () {
      yield bytes.subarray(0, at);
      throw new Error("the line is dead");
    })(),
  );
}

describe("an upload", () => {
  test("is the file, wherever it is cut and however often control starts anew", async () => {
    let run = await desk();
    const cuts = fc.array(
      fc.record({ bytes: fc.integer({ min: 0, max: 40_000 }), how: fc.constantFrom("ends", "breaks", "restarts") }),
      {
        maxLength: 6,
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 100_000 }), cuts, async (content, pieces) => {
        const bytes = Buffer.from(content);
        const who = callerOf();
        const { id } = await run.uploads.create(who, { name: "app.apk", size: bytes.length });
        for (const { bytes: length, how } of pieces) {
          const { offset } = await run.uploads.get(who, id);
          if (offset + length >= bytes.length) break;
          const piece = bytes.subarray(offset, offset + length);
          const body = how === "breaks" ? broken(piece, piece.length) : Readable.from([piece]);
          const sent = run.uploads.send(who, { id, offset }, body);
          if (how === "breaks") await expect(sent).rejects.toMatchObject({ code: "bad_request" });
          else await sent;
          if (how !== "restarts") continue;
          await run.stop();
          run = await desk();
        }
        const { offset } = await run.uploads.get(who, id);
        const whole = await run.uploads.send(who, { id, offset }, Readable.from([bytes.subarray(offset)]));
        expect(whole).toEqual({ id, name: "app.apk", size: bytes.length, offset: bytes.length, sha256: digestOf(bytes) });
        expect(await incoming()).toEqual([]);
      }),
      { numRuns: 15 },
    );
    await run.stop();
  });

  test("goes on only from where it stands, and the later of two senders is believed", async () => {
    const { uploads, stop } = await desk();
    const bytes = randomBytes(3_000);
    const { id } = await uploads.create(callerOf(), { name: "f", size: 3_000 });
    const silence = new Readable({ read() {} });
    silence.push(bytes.subarray(0, 1_000));
    const first = uploads.send(callerOf(), { id, offset: 0 }, silence);
    const ended = expect(first).rejects.toMatchObject({ code: "bad_request" });
    await expect.poll(async () => (await uploads.get(callerOf(), id)).offset).toBe(1_000);
    await expect(uploads.send(callerOf(), { id, offset: 500 }, Readable.from([bytes]))).rejects.toMatchObject({
      code: "upload_offset",
    });
    await ended;
    const { sha256 } = await uploads.send(callerOf(), { id, offset: 1_000 }, Readable.from([bytes.subarray(1_000)]));
    expect(sha256).toBe(digestOf(bytes));
    await stop();
  });

  test("is refused when it is longer, or another file, than was announced; nothing is left of that", async () => {
    const { uploads, stop } = await desk();
    const bytes = randomBytes(100);
    const long = await uploads.create(callerOf(), { name: "f", size: 50 });
    await expect(uploads.send(callerOf(), { id: long.id, offset: 0 }, Readable.from([bytes]))).rejects.toMatchObject({
      code: "too_large",
    });
    const other = await uploads.create(callerOf(), { name: "f", size: 100, sha256: "0".repeat(64) });
    const sent = uploads.send(callerOf(), { id: other.id, offset: 0 }, Readable.from([bytes]));
    await expect(sent).rejects.toMatchObject({ code: "digest_wrong" });
    await expect(uploads.get(callerOf(), other.id)).rejects.toMatchObject({ code: "upload_not_found" });
    await uploads.remove(callerOf(), long.id);
    expect([await incoming(), await objectsOf()]).toEqual([[], []]);
    await stop();
  });

  test("of nothing is whole at once; one that was left for a day is gone with its bytes", async () => {
    const { uploads, clock, stop } = await desk();
    expect(await uploads.create(callerOf(), { name: "empty", size: 0 })).toMatchObject({ sha256: digestOf(Buffer.alloc(0)) });
    const { id } = await uploads.create(callerOf(), { name: "f", size: 100 });
    await uploads.send(callerOf(), { id, offset: 0 }, Readable.from([randomBytes(10)]));
    expect(await incoming()).toEqual([id]);
    clock.now += DAY + 1;
    await uploads.sweep();
    expect(await incoming()).toEqual([]);
    await expect(uploads.get(callerOf(), id)).rejects.toMatchObject({ code: "upload_not_found" });
    await stop();
  });

  test("has its bounds: room, and how many at once", async () => {
    const { uploads, stop } = await desk(1_000);
    await expect(uploads.create(callerOf(), { name: "f", size: 1_001 })).rejects.toMatchObject({ code: "storage_full" });
    for (let at = 0; at < 20; at++) await uploads.create(callerOf(), { name: "f", size: 10 });
    await expect(uploads.create(callerOf(), { name: "f", size: 10 })).rejects.toMatchObject({ code: "too_many" });
    await stop();
  });

  test("that was left off is gone on with by who began it; where no more may be begun, what was left for an hour gives way", async () => {
    const { uploads, clock, stop } = await desk();
    const bytes = randomBytes(1_000);
    const file = { name: "f", size: 1_000, sha256: digestOf(bytes) };
    const { id } = await uploads.create(callerOf(), file);
    await uploads.send(callerOf(), { id, offset: 0 }, Readable.from([bytes.subarray(0, 400)]));
    // Whoever sends in pieces is between two of them.
    expect((await uploads.create(callerOf(), file)).id).not.toBe(id);
    clock.now += 3_000;
    expect(await uploads.create(callerOf(), file)).toMatchObject({ id, offset: 400, sha256: null });
    expect((await uploads.create({ ...callerOf(), actor: "another" }, file)).id).not.toBe(id);
    expect((await uploads.create(callerOf(), { ...file, name: "g" })).id).not.toBe(id);
    const { sha256 } = await uploads.send(callerOf(), { id, offset: 400 }, Readable.from([bytes.subarray(400)]));
    expect(sha256).toBe(file.sha256);
    for (let at = 3; at < 20; at++) await uploads.create(callerOf(), { name: "f", size: 10 });
    await expect(uploads.create(callerOf(), { name: "f", size: 10 })).rejects.toMatchObject({ code: "too_many" });
    clock.now += 3_600_001;
    expect(await uploads.create(callerOf(), { name: "f", size: 10 })).toMatchObject({ offset: 0 });
    await stop();
  });
});

describe("a file of the lab", () => {
  const bring = async ({ uploads }: Awaited<ReturnType<typeof desk>>, bytes: Buffer, who = callerOf()) => {
    const { id } = await uploads.create(who, { name: "f", size: bytes.length });
    return uploads.send(who, { id, offset: 0 }, Readable.from([bytes]));
  };

  test("is stored once, there at once for who has it, and to nobody else by its digest", async () => {
    const run = await desk();
    const bytes = randomBytes(5_000);
    const sha256 = digestOf(bytes);
    await bring(run, bytes);
    const again = { name: "again", size: bytes.length, sha256 };
    expect(await run.uploads.create(callerOf(), again)).toMatchObject({ offset: bytes.length, sha256 });
    const stranger = callerOf(`stranger-${count}`);
    expect(await run.uploads.create(stranger, again)).toMatchObject({ offset: 0, sha256: null });
    await expect(run.blobs.require(`stranger-${count}`, [sha256])).rejects.toMatchObject({ code: "blob_not_found" });
    await bring(run, bytes, stranger);
    expect(await objectsOf()).toEqual([sha256]);
    expect([...(await run.blobs.require(`stranger-${count}`, [sha256]))]).toEqual([[sha256, 5_000]]);
    await run.stop();
  });

  test("that nobody uses for a week is removed", async () => {
    const run = await desk();
    const { sha256 } = await bring(run, randomBytes(100));
    run.clock.now += 6 * DAY;
    await run.blobs.sweep();
    expect(await objectsOf()).toEqual([sha256]);
    run.clock.now += 2 * DAY;
    await run.blobs.sweep();
    expect(await objectsOf()).toEqual([]);
    await run.stop();
  });

  test("goes to a host once for all who wait, and is gone on with when the pipe breaks", async () => {
    const run = await desk();
    const bytes = randomBytes(3_000_000);
    const { sha256 } = await bring(run, bytes);
    const got: Buffer[] = [];
    let opened = 0;
    const have = (at: number): Parameters<Pipe["tell"]>[0] => ({ type: "have", bytes: at, whole: at === bytes.length });
    const accepting = acceptPipes(bus, "host-1", async () => {
      const last = ++opened > 1;
      return async (pipe) => {
        let at = got.reduce((sum, { length }) => sum + length, 0);
        pipe.tell(have(at));
        while (at < bytes.length) {
          const frame = await pipe.read();
          if (frame?.kind !== "data") throw new PhonerackError("pipe_broken");
          got.push(Buffer.from(frame.bytes));
          at += frame.bytes.length;
          if (!last && at > 1_000_000) throw new PhonerackError("pipe_broken");
        }
        pipe.tell(have(at));
      };
    });
    const seen: number[] = [];
    const file = { sha256: sha256 ?? "", size: bytes.length };
    const one = run.blobs.ensure("host-1", [file], { progress: (_, sent) => seen.push(sent) });
    await Promise.all([one, ...Array.from({ length: 19 }, () => run.blobs.ensure("host-1", [file]))]);
    accepting.unsubscribe();
    expect([opened, Buffer.concat(got).equals(bytes), seen.at(-1)]).toEqual([2, true, bytes.length]);
    await expect(run.blobs.ensure("host-1", [{ sha256: "0".repeat(64), size: 1 }])).rejects.toMatchObject({
      code: "blob_not_found",
    });
    const lie = run.blobs.ensure("host-1", [{ ...file, size: bytes.length + 1 }]);
    await expect(lie).rejects.toMatchObject({ code: "digest_wrong" });
    await run.stop();
  });
});

test("a crash leaves no bytes that nobody asks for", async () => {
  const run = await desk();
  await run.stop();
  await writeFile(join(folder, "incoming", "u-aaaaaaaaaaaaaaaa"), "half");
  await writeFile(join(folder, "incoming", "stray"), "half");
  await (await desk()).stop();
  expect(await incoming()).toEqual([]);
  expect((await stat(join(folder, "incoming"))).mode & 0o777).toBe(0o700);
});
