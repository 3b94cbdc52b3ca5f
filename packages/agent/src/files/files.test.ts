/** Files of a real virtual phone, as control asks for them: names in any script, links that lead out, a full phone, a phone that goes away. */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AskOrder,
  AskReply,
  type DeviceAction,
  decodeMessage,
  encodeMessage,
  type FileList,
  openPipe,
  subjects,
} from "@phonerack/contract/bus";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ACTOR, AGENT, at, closeLabs, type Lab, openLab, SOON_MS } from "../../test/agent-lab.js";
import { TaskLab } from "../../test/task-lab.js";
import { Blobs } from "../blobs/blobs.js";

const HOSTILE = [
  "plain.txt",
  " leading and trailing ",
  "-rf",
  "$(touch x)`id`",
  "a'b\"c\\d",
  "; rm -rf * ? [a-z] {b} && ~ | #",
  "相机 📷 пример",
  "عربى ‮rtl",
  "%n %s",
  "x".repeat(255),
  "界".repeat(85),
];

let lab: Lab;
let tasks: TaskLab;
let id: string;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-files-"));
  // How files come to this host is the blobs' own test's; here each lies in a folder by its digest.
  vi.spyOn(Blobs.prototype, "use").mockImplementation(async (sha256) => {
    const bytes = blobs.get(sha256) ?? new Uint8Array(0);
    return { path: join(folder, sha256), size: bytes.length, release: () => undefined };
  });
  lab = await openLab({ models: ["v6"] });
  ({ id } = await lab.leased());
  tasks = new TaskLab(lab);
});

afterAll(async () => {
  vi.restoreAllMocks();
  await closeLabs();
  await rm(folder, { recursive: true });
});

const blobs = new Map<string, Uint8Array>();

async function putting(path: string, bytes: Uint8Array): Promise<DeviceAction> {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  blobs.set(sha256, bytes);
  await writeFile(join(folder, sha256), bytes);
  return { type: "put", path, sha256, size: bytes.length };
}

async function list(path: string, change: { after?: string | null; limit?: number } = {}): Promise<FileList> {
  const question = { type: "folder", path, after: null, limit: 1_000, ...change } as const;
  const order = { epoch: lab.epochOf(id), notAfter: Date.now() + 2_000, question };
  const reply = await lab.bus.request(subjects.ask(at(id)), encodeMessage(AskOrder, order), { timeoutMs: SOON_MS });
  const answer = decodeMessage(AskReply, reply);
  if (answer.type !== "folder") throw new Error(answer.type);
  return answer.list;
}

async function get(path: string, change: { offset?: number; version?: string; onPiece?: () => Promise<unknown> } = {}) {
  const { onPiece, offset = 0, ...rest } = change;
  const service = { type: "get", path, offset, ...rest } as const;
  const order = {
    deviceId: id,
    epoch: lab.epochOf(id),
    actor: ACTOR,
    mode: "unicast",
    notAfter: Date.now() + 2_000,
    service,
  } as const;
  const pipe = await openPipe(lab.bus, AGENT, order);
  const pieces: Uint8Array[] = [];
  let stat: { size: number; version: string; folder: boolean } | undefined;
  for (let frame = await pipe.read(); frame; frame = await pipe.read()) {
    if (frame.kind === "message" && frame.message.type === "stat") stat = frame.message;
    else if (frame.kind === "data") {
      pieces.push(frame.bytes.slice());
      await onPiece?.();
    }
  }
  return { stat, bytes: Buffer.concat(pieces), end: await pipe.over };
}

const run = (command: string) => lab.phone().run(command);
const names = (listing: FileList) => listing.entries.map(({ name }) => name);
const failed = (code: string) => ({ state: "failed", error: { code } });

describe("names in any script", () => {
  test("are put, listed, read, moved and removed as they are", async () => {
    for (const [index, name] of HOSTILE.entries()) {
      const bytes = Buffer.from(`bytes of ${index}`);
      expect(await tasks.do(id, await putting(`/sdcard/hostile/${name}`, bytes)), name).toMatchObject({ state: "done" });
      expect((await get(`/sdcard/hostile/${name}`)).bytes.toString(), name).toBe(bytes.toString());
    }
    expect(names(await list("/sdcard/hostile")).sort()).toEqual([...HOSTILE].sort());
    for (const name of HOSTILE) {
      const moved = { type: "move", path: `/sdcard/hostile/${name}`, to: `/sdcard/moved ' ${HOSTILE.indexOf(name)}` } as const;
      expect(await tasks.do(id, moved), name).toMatchObject({ state: "done" });
      expect(await tasks.do(id, { type: "remove", path: moved.to }), name).toMatchObject({ state: "done" });
    }
    expect(names(await list("/sdcard/hostile"))).toEqual([]);
    expect(names(await list("/sdcard")).filter((name) => name.startsWith("moved"))).toEqual([]);
  });

  test("cannot feign entries by a line end", async () => {
    await run("mkdir /data/local/tmp/odd; cd /data/local/tmp/odd; touch \"$(printf 'a\\n@81a4 1 1 b')\"");
    expect(names(await list("/data/local/tmp/odd"))).toEqual(["a\n@81a4 1 1 b"]);
  });
});

describe("a folder", () => {
  test("comes in pages, folders first, as people count, with the room that is left", async () => {
    await run("mkdir -p /sdcard/many/z; cd /sdcard/many; for i in 1 2 10 9; do echo $i > f$i; done; mkdir b");
    const first = await list("/sdcard/many", { limit: 3 });
    expect(names(first)).toEqual(["b", "z", "f1"]);
    expect(first).toMatchObject({ total: 6, free: expect.any(Number) });
    const second = await list("/sdcard/many", { limit: 3, after: first.next });
    expect(names(second)).toEqual(["f2", "f9", "f10"]);
    expect(second.next).toBeNull();
    expect(second.entries[0]).toMatchObject({ kind: "file", size: 2, mode: 0o660 });
  });

  test("of ten thousand is listed within its time", async () => {
    await run("mkdir /sdcard/huge; cd /sdcard/huge; touch $(seq 1 10000)");
    let page = await list("/sdcard/huge");
    const all = names(page);
    while (page.next !== null) {
      page = await list("/sdcard/huge", { after: page.next });
      all.push(...names(page));
    }
    expect(all).toEqual(Array.from({ length: 10_000 }, (_, index) => String(index + 1)));
    expect(await tasks.do(id, { type: "remove", path: "/sdcard/huge" })).toMatchObject({ state: "done" });
    await expect(list("/sdcard/huge")).rejects.toMatchObject({ code: "file_not_found" });
  });

  test("is made with those above it, and once more without harm", async () => {
    const make = { type: "make-folder", path: "/sdcard/new/deeper/deepest" } as const;
    expect(await tasks.do(id, make)).toMatchObject({ state: "done" });
    expect(await tasks.do(id, make)).toMatchObject({ state: "done" });
    await run("echo 1 > /sdcard/new/file");
    expect(await tasks.do(id, { type: "make-folder", path: "/sdcard/new/file" })).toMatchObject(failed("file_exists"));
    // None of it is there, not even its first part.
    expect(await tasks.do(id, { type: "make-folder", path: "/scard/new/file" })).toMatchObject(failed("file_refused"));
    expect(await tasks.do(id, { type: "make-folder", path: "/sdcard/new/file/x" })).toMatchObject(failed("path_invalid"));
  });
});

describe("what is not people's", () => {
  test("is neither listed nor read nor changed, by whatever link leads there", async () => {
    await run(
      "cd /data/local/tmp; ln -s /system out; ln -s /data/local/tmp/inner in; mkdir inner; echo 1 > inner/f; ln -s / inner/root",
    );
    const entries = (await list("/data/local/tmp")).entries;
    expect(entries.find(({ name }) => name === "out")).toMatchObject({ kind: "link", target: "/system" });
    expect(entries.some(({ name }) => name.startsWith("phonerack-"))).toBe(false);
    expect(names(await list("/data/local/tmp/in"))).toContain("f");
    for (const path of ["/", "/system", "/data", "/proc", "/storage", "/data/local/tmp/out", "/data/local/tmp/inner/root"])
      await expect(list(path), path).rejects.toMatchObject({ code: "file_refused" });
    for (const path of ["/system/build.prop", "/data/local/tmp/out/build.prop"])
      await expect(get(path), path).rejects.toMatchObject({ code: "file_refused" });
    for (const path of ["/sdcard", "/storage/emulated/0", "/data/local/tmp", "/data/local/tmp/out/build.prop"])
      expect(await tasks.do(id, { type: "remove", path }), path).toMatchObject(failed("file_refused"));
    await run("echo jar > /data/local/tmp/phonerack-scrcpy-0123.jar");
    expect(names(await list("/data/local/tmp"))).not.toContain("phonerack-scrcpy-0123.jar");
    const jar = "/data/local/tmp/phonerack-scrcpy-0123.jar";
    await expect(get(jar)).rejects.toMatchObject({ code: "file_refused" });
    expect(await tasks.do(id, { type: "remove", path: jar })).toMatchObject(failed("file_refused"));
    expect(await tasks.do(id, await putting("/data/local/tmp/out/x", Buffer.from("1")))).toMatchObject(failed("file_refused"));
    expect(await tasks.do(id, { type: "remove", path: "/data/local/tmp/out" })).toMatchObject({ state: "done" });
    expect((await run("ls /system/build.prop")).exitCode).toBe(0);
  });

  test("a move never takes another's place, nor goes into itself", async () => {
    await run("mkdir -p /sdcard/mv/d; cd /sdcard/mv; echo a > a; echo b > b");
    expect(await tasks.do(id, { type: "move", path: "/sdcard/mv/a", to: "/sdcard/mv/b" })).toMatchObject(failed("file_exists"));
    expect(await tasks.do(id, { type: "move", path: "/sdcard/mv/a", to: "/sdcard/mv/d" })).toMatchObject(failed("file_exists"));
    expect(await tasks.do(id, { type: "move", path: "/sdcard/mv/d", to: "/sdcard/mv/d/e" })).toMatchObject(
      failed("path_invalid"),
    );
    expect(await tasks.do(id, { type: "move", path: "/sdcard/mv/c", to: "/sdcard/mv/e" })).toMatchObject(
      failed("file_not_found"),
    );
    expect((await run("cat /sdcard/mv/a /sdcard/mv/b")).stdout).toBe("a\nb\n");
  });
});

describe("a file", () => {
  const big = Buffer.alloc(3_000_000, "0123456789abcdef#");

  test("is read whole, and from any place on with the same version alone", async () => {
    expect(await tasks.do(id, await putting("/sdcard/big", big))).toMatchObject({ state: "done" });
    const whole = await get("/sdcard/big");
    expect(whole.end).toEqual({});
    expect(whole.bytes.equals(big)).toBe(true);
    const version = whole.stat?.version ?? "";
    for (const offset of [1, 65_536, 1_000_001, big.length]) {
      const { bytes } = await get("/sdcard/big", { offset, version });
      expect(bytes.equals(big.subarray(offset)), String(offset)).toBe(true);
    }
    await expect(get("/sdcard/big", { offset: big.length + 1 })).rejects.toMatchObject({ code: "bad_request" });
    await run("echo more >> /sdcard/big");
    await expect(get("/sdcard/big", { offset: 1, version })).rejects.toMatchObject({ code: "file_changed" });
    await expect(get("/sdcard/none")).rejects.toMatchObject({ code: "file_not_found" });
    expect((await get("/sdcard")).stat).toMatchObject({ folder: true });
  });

  test("that changes while it is read ends in an error, never as a whole", async () => {
    await tasks.do(id, await putting("/sdcard/growing", big));
    let pieces = 0;
    const grown = await get("/sdcard/growing", { onPiece: async () => pieces++ === 0 && run("echo more >> /sdcard/growing") });
    expect(grown.end.error).toMatchObject({ code: "file_changed" });
  });

  test("replaces one that is there, and not a folder", async () => {
    await run("mkdir -p /sdcard/put/folder; echo old > /sdcard/put/f");
    expect(await tasks.do(id, await putting("/sdcard/put/f", Buffer.from("new")))).toMatchObject({ state: "done" });
    expect((await run("cat /sdcard/put/f")).stdout).toBe("new");
    expect(await tasks.do(id, await putting("/sdcard/put/folder", Buffer.from("new")))).toMatchObject(failed("file_exists"));
    expect(await tasks.do(id, await putting("/sdcard/put/empty", Buffer.alloc(0)))).toMatchObject({ state: "done" });
    expect((await list("/sdcard/put")).entries.find(({ name }) => name === "empty")).toMatchObject({ size: 0 });
  });

  test("for which there is no room leaves nothing behind", async () => {
    const { storage } = lab.phone().files;
    const taken = storage.capacity - storage.used - 1_000_000;
    storage.take(taken);
    await run("mkdir /sdcard/full; echo old > /sdcard/full/f");
    expect(await tasks.do(id, await putting("/sdcard/full/f", big))).toMatchObject(failed("device_full"));
    expect((await run("ls -A /sdcard/full; cat /sdcard/full/f")).stdout).toBe("f\nold\n");
    storage.take(-taken);
  });

  test("that is cut off leaves nothing behind once the phone is back", async () => {
    await run("mkdir /sdcard/cut; echo junk > /sdcard/cut/.phonerack-0123; echo old > /sdcard/cut/f");
    const task = await tasks.begin(id, await putting("/sdcard/cut/f", Buffer.alloc(60_000_000, 7)));
    await lab.until(() => tasks.news.find((one) => one.task === task && (one.progress ?? 0) > 0.02));
    lab.phone().setFault("drop", true);
    expect(await tasks.ended(task)).toMatchObject(failed("device_not_ready"));
    lab.phone().setFault("drop", false);
    await lab.state("ready");
    await vi.waitFor(async () => expect((await run("ls -A /sdcard/cut; cat /sdcard/cut/f")).stdout).toBe("f\nold\n"), 10_000);
  });

  test("under way when the lease ends is gone, and its reading too", async () => {
    await run("mkdir /sdcard/over");
    const task = await tasks.begin(id, await putting("/sdcard/over/f", Buffer.alloc(60_000_000, 7)));
    await lab.until(() => tasks.news.find((one) => one.task === task && (one.progress ?? 0) > 0.02));
    await tasks.lab.term(id, { phase: "free" });
    expect(await tasks.ended(task)).toMatchObject(failed("epoch_stale"));
    await vi.waitFor(async () => expect((await run("ls -A /sdcard/over")).stdout).toBe(""), 10_000);
    await lab.lease(id);
    await tasks.do(id, await putting("/sdcard/over", big));
    await tasks.do(id, await putting("/sdcard/over2", big));
    const read = await get("/sdcard/over2", { onPiece: async () => lab.term(id, { phase: "free" }) }).catch((error) => error);
    expect(read.end?.error ?? read).toMatchObject({ code: "epoch_stale" });
  });
});
