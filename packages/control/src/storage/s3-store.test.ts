import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type RunningS3, runS3, S3_ENVIRONMENT } from "../../test/s3-server.js";
import { openStorage, readStorage, type Storage } from "./storage.js";

let s3: RunningS3;
let folder: string;
let storage: Storage | undefined;

beforeAll(async () => {
  s3 = await runS3("rack");
});
afterAll(() => s3.stop());
beforeEach(async () => {
  for (const [name, value] of Object.entries(S3_ENVIRONMENT)) vi.stubEnv(name, value);
  folder = await mkdtemp(join(tmpdir(), "phonerack-brought-"));
});
afterEach(async () => {
  storage?.stop();
  storage = undefined;
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function open(address = `s3://rack/lab/one?endpoint=${s3.endpoint}`) {
  storage = await openStorage(readStorage(address), folder);
  return storage.objects;
}

async function fileOf(bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, "brought");
  await writeFile(path, bytes);
  return path;
}

describe("an S3 store", () => {
  test("keeps a file under its key, gives parts of it, replaces and removes it", async () => {
    const objects = await open();
    await objects.put("artifacts/r-abc", await fileOf("0123456789"));
    expect(await readdir(folder)).toEqual([]);
    expect(await objects.size("artifacts/r-abc")).toBe(10);
    expect(await text(await objects.get("artifacts/r-abc"))).toBe("0123456789");
    expect(await text(await objects.get("artifacts/r-abc", { start: 2, end: 5 }))).toBe("234");
    await objects.put("artifacts/r-abc", await fileOf("other"));
    expect(await text(await objects.get("artifacts/r-abc"))).toBe("other");
    const many = Array.from({ length: 40 }, (_, at) => `log/tile/${String(at).padStart(3, "0")}`);
    await objects.putAll(many.map((key) => ({ key, bytes: Buffer.from(key) })));
    for (const key of many) expect(await text(await objects.get(key))).toBe(key);
    await objects.remove("artifacts/r-abc");
    await objects.remove("artifacts/r-abc");
    expect(await objects.size("artifacts/r-abc")).toBeUndefined();
    await expect(objects.get("artifacts/r-abc")).rejects.toMatchObject({ code: "not_found" });
  });

  test("takes a file of several parts, and an empty one", async () => {
    const objects = await open();
    const bytes = randomBytes(20 * 1024 * 1024);
    await objects.put("large", await fileOf(bytes));
    expect((await buffer(await objects.get("large"))).equals(bytes)).toBe(true);
    await objects.put("empty", await fileOf(""));
    expect(await objects.size("empty")).toBe(0);
  });

  test("says in one error that it is not there, has no such bucket, or lets nobody in with these credentials", async () => {
    const nobody = createServer();
    await new Promise<void>((resolve) => nobody.listen(0, "127.0.0.1", resolve));
    const { port } = nobody.address() as { port: number };
    await new Promise((resolve) => nobody.close(resolve));
    const dead = expect.stringContaining(`s3://rack at http://127.0.0.1:${port}`);
    await expect(open(`s3://rack?endpoint=http://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: "storage_unreachable",
      detail: dead,
    });
    const none = { code: "storage_unreachable", detail: expect.stringContaining("s3://none-such") };
    await expect(open(`s3://none-such?endpoint=${s3.endpoint}`)).rejects.toMatchObject(none);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "stranger");
    await expect(open()).rejects.toMatchObject({ code: "storage_unreachable", detail: expect.stringContaining("403") });
  });

  test("that goes away in the middle keeps nothing, and the file stays where it was", async () => {
    const own = await runS3("away");
    const objects = await open(`s3://away?endpoint=${own.endpoint}`);
    const path = await fileOf(randomBytes(1024));
    await own.stop();
    await expect(objects.put("artifacts/r-abc", path)).rejects.toMatchObject({ code: "storage_unreachable" });
    expect(await readdir(folder)).toEqual(["brought"]);
  });
});

describe("the address of a store", () => {
  test("names a bucket, or a folder", () => {
    expect(readStorage("s3://rack?region=eu-west-1")).toEqual({
      kind: "s3",
      bucket: "rack",
      prefix: "",
      endpoint: undefined,
      region: "eu-west-1",
      pathStyle: false,
    });
    expect(readStorage("s3://rack/a/b/?endpoint=https://minio.lab:9000")).toMatchObject({
      prefix: "a/b",
      endpoint: "https://minio.lab:9000",
      pathStyle: true,
    });
    expect(readStorage("/srv/objects")).toEqual({ kind: "folder", path: "/srv/objects" });
  });

  test.each([
    "s3://key:secret@rack",
    "s3://",
    "s3://rack?endpoint=ftp://x",
    "s3://rack?secret=x",
    "s3://rack?path-style=maybe",
    "s3://rack/a%20b",
    "gs://rack",
    "",
  ])("that is %j is refused", (address) => {
    expect(() => readStorage(address)).toThrow(expect.objectContaining({ code: "usage" }));
  });
});
