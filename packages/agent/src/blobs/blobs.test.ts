/** Files of the lab on a host: sent in pieces, by two at once, wrong, too many. */
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acceptPipes, createInProcessBus, openPipe } from "@phonerack/contract/bus";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { type BlobPipe, digestOf, haveOf } from "../../test/blob-lab.js";
import { Blobs } from "./blobs.js";

const bus = createInProcessBus();
let folder: string;
let host = 0;
const ends: (() => void)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-host-"));
});
afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => bus.stop());

async function start(options: { most?: number; halfMs?: number } = {}): Promise<Blobs> {
  const blobs = new Blobs({ folder, ...options });
  await blobs.start();
  const accepting = acceptPipes(bus, `host-${++host}`, async ({ service }) => {
    if (service.type !== "blob") throw new Error(service.type);
    return blobs.receive(service);
  });
  ends.push(() => accepting.unsubscribe());
  return blobs;
}

function open(bytes: Buffer, sha256 = digestOf(bytes)): Promise<BlobPipe> {
  const service = { type: "blob", sha256, size: bytes.length } as const;
  const order = { deviceId: null, epoch: 0, actor: "control", mode: "unicast", notAfter: Date.now() + 2_000, service } as const;
  return openPipe(bus, `host-${host}`, order);
}

async function send(bytes: Buffer): Promise<void> {
  const pipe = await open(bytes);
  const { bytes: from, whole } = await haveOf(pipe);
  if (whole) return;
  await pipe.write(bytes.subarray(from));
  await haveOf(pipe);
  pipe.close();
}

const files = async () => (await readdir(folder)).filter((name) => name !== "incoming");
const halves = () => readdir(join(folder, "incoming"));

test("is gone on with after a lost connection, and there after a restart", async () => {
  await start();
  const bytes = randomBytes(600_000);
  const first = await open(bytes);
  expect(await haveOf(first)).toMatchObject({ bytes: 0, whole: false });
  await first.write(bytes.subarray(0, 250_000));
  await expect.poll(async () => (await readFile(join(folder, "incoming", digestOf(bytes)))).length).toBe(250_000);
  first.close();
  await expect
    .poll(async () => {
      const pipe = await open(bytes);
      const { bytes: from } = await haveOf(pipe);
      pipe.close();
      return from;
    })
    .toBe(250_000);
  await send(bytes);
  const again = await start();
  const used = await again.use(digestOf(bytes));
  expect([used.size, (await readFile(used.path)).equals(bytes), await halves()]).toEqual([600_000, true, []]);
  used.release();
});

test("is taken from one of two who send it, and is there for both", async () => {
  await start();
  const bytes = randomBytes(500_000);
  const one = await open(bytes);
  await haveOf(one);
  const other = await open(bytes);
  const told = haveOf(other);
  await one.write(bytes);
  expect([await haveOf(one), await told]).toMatchObject([{ whole: true }, { whole: true }]);
  one.close();
  other.close();
  expect(await files()).toEqual([digestOf(bytes)]);
});

test("is gone on with by the second when the first is cut off", async () => {
  await start();
  const bytes = randomBytes(500_000);
  const one = await open(bytes);
  await haveOf(one);
  const other = await open(bytes);
  const told = haveOf(other);
  one.close();
  const { bytes: from, whole } = await told;
  expect(whole).toBe(false);
  await other.write(bytes.subarray(from));
  expect(await haveOf(other)).toMatchObject({ whole: true });
  other.close();
});

test("of other bytes than its name says is refused, and nothing of it stays", async () => {
  await start();
  const bytes = randomBytes(1_000);
  const pipe = await open(bytes, "0".repeat(64));
  await haveOf(pipe);
  await pipe.write(bytes);
  await expect(haveOf(pipe)).rejects.toMatchObject({ code: "digest_wrong" });
  expect([await files(), await halves()]).toEqual([[], []]);
});

test("makes room by what was not used for longest, never by what is in use", async () => {
  const blobs = await start({ most: 2_500 });
  const [a, b, c, d] = [randomBytes(1_000), randomBytes(1_000), randomBytes(1_000), randomBytes(2_000)];
  await send(a);
  await send(b);
  const used = await blobs.use(digestOf(a));
  await send(c);
  expect((await files()).sort()).toEqual([digestOf(a), digestOf(c)].sort());
  await expect(blobs.use(digestOf(b))).rejects.toMatchObject({ code: "blob_not_found" });
  await expect(open(d)).rejects.toMatchObject({ code: "host_full" });
  used.release();
  used.release();
  await send(d);
  expect(await files()).toEqual([digestOf(d)]);
});

test("that was half sent goes after a while, and at the start", async () => {
  await start({ halfMs: 50 });
  const bytes = randomBytes(100_000);
  const pipe = await open(bytes);
  await haveOf(pipe);
  await pipe.write(bytes.subarray(0, 50_000));
  pipe.close();
  await expect.poll(halves).toEqual([]);
  await writeFile(join(folder, "incoming", "stray"), "half");
  await start();
  expect(await halves()).toEqual([]);
});
