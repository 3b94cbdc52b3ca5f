import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { FileError } from "../adbd/services.js";
import { adbFiles } from "./adb-files.js";
import { baseImage } from "./base-image.js";
import { Storage } from "./content.js";
import { PhoneFiles, ROOT } from "./file-system.js";

const base = baseImage({
  builtAt: 1_230_768_000,
  buildProp: "ro.x=1\n",
  programs: { toybox: ["ls"], own: ["pm"] },
  apks: new Map(),
});
const folder = mkdtempSync(join(tmpdir(), "phone-files-"));
const live = { text: (path: string) => `live ${path}\n`, processes: () => [{ pid: 7, uid: 2000, name: "sh" }] };

function phoneFiles(capacity = 64 * 1024 * 1024): PhoneFiles {
  return new PhoneFiles({
    base,
    storage: new Storage({ capacity, folder: () => folder, prefix: "t" }),
    live,
    now: () => 1_700_000_000_000,
  });
}

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as FileError).code;
  }
  return "none";
};

async function write(files: PhoneFiles, path: string, bytes: Uint8Array): Promise<void> {
  const writer = await adbFiles(files).write(path, 0o644);
  try {
    for (let at = 0; at < bytes.length; at += 65536) await writer.write(bytes.subarray(at, at + 65536));
    await writer.commit(1_600_000_000);
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function read(files: PhoneFiles, path: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await adbFiles(files).read(path)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});

describe("a phone's files", () => {
  test("follow /sdcard through its four links to one folder", () => {
    const files = phoneFiles();
    expect(files.realPath("/sdcard/DCIM")).toBe("/storage/emulated/0/DCIM");
    expect(files.node("/sdcard", { follow: false }).kind).toBe("link");
    expect(files.node("/sdcard/", { follow: false }).kind).toBe("dir");
  });

  test("refuse the shell user what Android refuses", () => {
    const files = phoneFiles();
    expect(codeOf(() => files.list("/data"))).toBe("EACCES");
    expect(codeOf(() => files.openForWriting("/system/x"))).toBe("EROFS");
    expect(codeOf(() => files.openForWriting("/data/app/x"))).toBe("EACCES");
    expect(codeOf(() => files.open("/system/build.prop"))).toBe("EACCES");
    expect(codeOf(() => files.remove("/data/local/tmp"))).toBe("EACCES");
    expect(codeOf(() => files.openForWriting("/data/local/tmp/a/b"))).toBe("ENOENT");
    expect(codeOf(() => files.mkdir("/sdcard/DCIM"))).toBe("EEXIST");
    expect(codeOf(() => files.openForWriting("/proc/x"))).toBe("EROFS");
    expect(codeOf(() => files.change("/data/local/tmp/../../app", { mode: 0o777 }))).toBe("EPERM");
  });

  test("keep what one phone changes from the others and from the base", async () => {
    const [one, two] = [phoneFiles(), phoneFiles()];
    await one.writeAll("/sdcard/a", Buffer.from("one"));
    one.remove("/sdcard/Music");
    expect(two.exists("/sdcard/a")).toBe(false);
    expect(two.exists("/sdcard/Music")).toBe(true);
    expect((await one.readAll("/sdcard/a")).toString()).toBe("one");
    one.reset();
    expect(one.exists("/sdcard/a")).toBe(false);
    expect(one.exists("/sdcard/Music")).toBe(true);
    await expect.poll(() => one.storage.used).toBe(0);
  });

  test("end a loop of links with ELOOP and a path through a file with ENOTDIR", async () => {
    const files = phoneFiles();
    files.symlink("b", "/data/local/tmp/a");
    files.symlink("a", "/data/local/tmp/b");
    await files.writeAll("/data/local/tmp/f", Buffer.from("x"));
    expect(codeOf(() => files.node("/data/local/tmp/a"))).toBe("ELOOP");
    expect(codeOf(() => files.node("/data/local/tmp/f/x"))).toBe("ENOTDIR");
    expect(codeOf(() => files.node("/data/local/tmp/f/"))).toBe("ENOTDIR");
  });

  test("rename into folders but never a folder into itself", async () => {
    const files = phoneFiles();
    files.mkdir("/data/local/tmp/d/e", { parents: true });
    await files.writeAll("/data/local/tmp/d/f", Buffer.from("x"));
    expect(codeOf(() => files.rename("/data/local/tmp/d", "/data/local/tmp/d/e/g"))).toBe("EINVAL");
    files.rename("/data/local/tmp/d", "/sdcard/d");
    expect((await files.readAll("/sdcard/d/f")).toString()).toBe("x");
    expect(files.exists("/data/local/tmp/d")).toBe(false);
  });

  test("show /proc as it is at the moment it is read", async () => {
    const files = phoneFiles();
    expect((await files.readAll("/proc/meminfo")).toString()).toBe("live /proc/meminfo\n");
    expect((await files.readAll("/proc/7/cmdline")).toString()).toBe("sh\0");
    expect(files.stat("/proc/uptime").size).toBe(0);
    expect(codeOf(() => files.remove("/proc/7"))).toBe("EROFS");
  });
});

describe("content", () => {
  test("of a large file goes to disk, comes back the same and is removed with it", async () => {
    const files = phoneFiles();
    const bytes = randomBytes(5 * 1024 * 1024 + 13);
    await write(files, "/data/local/tmp/large", bytes);
    expect(files.contentOf("/data/local/tmp/large")?.spilled).toBe(true);
    expect(readdirSync(folder)).toHaveLength(1);
    const back = await read(files, "/data/local/tmp/large");
    expect(createHash("md5").update(back).digest("hex")).toBe(createHash("md5").update(bytes).digest("hex"));
    expect(files.stat("/data/local/tmp/large")).toMatchObject({
      size: bytes.length,
      mtime: 1_600_000_000,
      mode: 0o100644,
      uid: 2000,
    });
    files.remove("/data/local/tmp/large");
    await expect.poll(() => readdirSync(folder)).toHaveLength(0);
    await expect.poll(() => files.storage.used).toBe(0);
  });

  test("grows past the limit of memory while it is appended to, and can be read between", async () => {
    const files = phoneFiles();
    const { content } = files.openForWriting("/sdcard/log");
    for (let i = 0; i < 300; i++) await content.append(Buffer.alloc(1000, i & 0xff));
    expect((await files.readAll("/sdcard/log")).length).toBe(300_000);
    await content.append(Buffer.from("end"));
    const all = await files.readAll("/sdcard/log");
    expect([all.length, all[0], all[299_999], all.subarray(-3).toString()]).toEqual([300_003, 0, 299 & 0xff, "end"]);
  });

  test("never takes more memory than the phone's share, however small the files", async () => {
    const files = phoneFiles();
    for (let i = 0; i < 60; i++) await files.writeAll(`/sdcard/${i}`, Buffer.alloc(100_000));
    const inMemory = Array.from({ length: 60 }, (_, i) => files.contentOf(`/sdcard/${i}`)).filter(
      (content) => content && !content.spilled,
    );
    expect(inMemory.length * 100_000).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(files.stat("/sdcard/59").size).toBe(100_000);
  });

  test("stops at the phone's capacity with ENOSPC and gives all of it back", async () => {
    const files = phoneFiles(1_000_000);
    await expect(write(files, "/sdcard/big", new Uint8Array(1_000_001))).rejects.toMatchObject({ code: "ENOSPC", errno: 28 });
    const writer = await adbFiles(files).write("/sdcard/big", 0o644);
    await writer.write(new Uint8Array(900_000));
    await writer.abort();
    expect(files.exists("/sdcard/big")).toBe(false);
  });
});

describe("adb's view", () => {
  test("makes missing folders, empties what is there at once and shows the new bytes only when whole", async () => {
    const files = phoneFiles();
    await write(files, "/sdcard/new/folder/f", Buffer.from("old"));
    const writer = await adbFiles(files).write("/sdcard/new/folder/f", 0o600);
    await writer.write(Buffer.from("new"));
    expect((await read(files, "/sdcard/new/folder/f")).length).toBe(0);
    await writer.commit(1_650_000_000);
    expect((await read(files, "/sdcard/new/folder/f")).toString()).toBe("new");
  });

  test("fails before the first byte where the phone would", async () => {
    const files = phoneFiles();
    await expect(adbFiles(files).write("/system/bin/x", 0o755)).rejects.toBeInstanceOf(FileError);
    await expect(adbFiles(files).write("/data/local/tmp/", 0o644)).rejects.toMatchObject({ code: "EISDIR" });
    await expect(adbFiles(files).read("/data/local/tmp")).rejects.toMatchObject({ code: "EISDIR" });
    await expect(adbFiles(files).stat("/nope")).rejects.toMatchObject({ errno: 2 });
    expect(files.exists("/data/app", ROOT)).toBe(true);
  });
});
