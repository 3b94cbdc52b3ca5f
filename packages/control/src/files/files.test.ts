/** The route that gives a device's files, through a whole control; the device's side is a script on real pipes. */
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import {
  AskOrder,
  AskReply,
  acceptPipes,
  decodeMessage,
  encodeMessage,
  type FileEntry,
  PhonerackError,
  subjects,
} from "@phonerack/contract/bus";
import { extract } from "tar-stream";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { type RunningControl, runControl, until } from "../../test/running-control.js";

const DEVICE = "d-aaaaaaaaaaaaaaaa";
const NAME = "Отчёт 相机 'a' \"b\".txt";
const BIG = Buffer.alloc(2_000_000, "0123456789#");
const files = new Map<string, Buffer>();
let running: RunningControl;
/** What the device says at a file's end. */
let broken: PhonerackError | undefined;
let offsets: number[] = [];
let over = 0;

beforeAll(async () => {
  running = await runControl();
  const agent = new FakeAgent(running.bus);
  agent.beat();
  agent.report(reportOf(DEVICE));
  await until(async () => (await running.ask(`/devices/${DEVICE}`)).status === 200, "the device");
  await running.take(DEVICE);
  acceptPipes(running.bus, "agent-1", async ({ service }) => {
    if (service.type !== "get") throw new PhonerackError("bad_request");
    const { path, offset } = service;
    offsets.push(offset);
    const bytes = files.get(path);
    const folder = [...files.keys()].some((name) => name.startsWith(`${path}/`));
    if (!bytes && !folder) throw new PhonerackError("file_not_found");
    const size = bytes?.length ?? 0;
    if (offset > size) throw new PhonerackError("bad_request");
    return async (pipe) => {
      void pipe.over.then(() => over++);
      pipe.tell({ type: "stat", folder, size, modifiedAt: 1_700_000_000_000, version: `${size}-1` });
      for (let at = offset; at < size; at += 65_536) await pipe.write(Buffer.from(bytes?.subarray(at, at + 65_536) ?? []));
      if (broken) throw broken;
    };
  });
  running.bus.subscribe(subjects.ask({ agentId: "agent-1", id: "*" }), ({ payload }) => {
    const { question } = decodeMessage(AskOrder, payload);
    if (question.type !== "folder") throw new PhonerackError("bad_request");
    return encodeMessage(AskReply, { type: "folder", list: folderOf(question.path) });
  });
});

afterAll(() => running.stop());

beforeEach(() => {
  broken = undefined;
  offsets = [];
  files.clear();
  files.set(`/sdcard/${NAME}`, Buffer.from("hello"));
  files.set("/sdcard/big", BIG);
});

function folderOf(path: string) {
  const entries = new Map<string, FileEntry>();
  for (const [name, bytes] of files) {
    if (!name.startsWith(`${path}/`)) continue;
    const [first = "", ...more] = name.slice(path.length + 1).split("/");
    const kind = more.length > 0 ? "folder" : "file";
    entries.set(first, { name: first, kind, size: bytes.length, modifiedAt: 1_700_000_000_000, mode: 0o660, target: null });
  }
  return { path, entries: [...entries.values()], next: null, total: entries.size, free: null };
}

function ask(path: string, init: { method?: string; headers?: Record<string, string> } = {}): Promise<Response> {
  const { headers, ...rest } = init;
  const address = `/api/v1/devices/${DEVICE}/files/content?path=${encodeURIComponent(path)}`;
  return running.knock(address, { ...rest, headers: { ...running.bearer, ...headers } });
}

test("a file comes whole, under its own name", async () => {
  const reply = await ask(`/sdcard/${NAME}`);
  expect(await reply.text()).toBe("hello");
  expect(Object.fromEntries(reply.headers)).toMatchObject({ "content-length": "5", etag: '"5-1"', "accept-ranges": "bytes" });
  expect(reply.headers.get("content-disposition")).toContain(
    `filename*=UTF-8''${encodeURIComponent(NAME).replaceAll("'", "%27")}`,
  );
  expect(reply.headers.get("content-type")).toBe("application/octet-stream");
});

test("goes on from a place, with the same version alone", async () => {
  const rest = await ask("/sdcard/big", { headers: { range: "bytes=1999990-", "if-range": '"2000000-1"' } });
  expect(rest.status).toBe(206);
  expect(rest.headers.get("content-range")).toBe("bytes 1999990-1999999/2000000");
  expect(Buffer.from(await rest.arrayBuffer()).equals(BIG.subarray(1_999_990))).toBe(true);
  expect(offsets).toEqual([1_999_990]);
  const other = await ask("/sdcard/big", { headers: { range: "bytes=1999990-", "if-range": '"2000000-0"' } });
  expect(other.status).toBe(200);
  expect(Buffer.from(await other.arrayBuffer()).equals(BIG)).toBe(true);
  const middle = await ask("/sdcard/big", { headers: { range: "bytes=10-29" } });
  expect(await middle.text()).toBe(BIG.subarray(10, 30).toString());
  const beyond = await ask("/sdcard/big", { headers: { range: "bytes=9999999-" } });
  expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */2000000"]);
  await until(() => over >= offsets.length, "all pipes closed");
});

test("HEAD, and what a client has already, cost no bytes", async () => {
  const head = await ask("/sdcard/big", { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "2000000", ""]);
  expect((await ask("/sdcard/big", { headers: { "if-none-match": '"2000000-1"' } })).status).toBe(304);
});

test("one that changes while it is read never looks whole", async () => {
  broken = new PhonerackError("file_changed");
  await expect(ask("/sdcard/big").then((reply) => reply.arrayBuffer())).rejects.toThrow();
  const small = await ask(`/sdcard/${NAME}`);
  expect([small.status, (await small.json()) as object]).toMatchObject([409, { code: "file_changed" }]);
});

test("a folder comes as a tar, with names in any script and of any length", async () => {
  const long = "x".repeat(200);
  files.set(`/sdcard/deep/${NAME}/${long}/${NAME}`, Buffer.from("deep"));
  files.set("/sdcard/deep/big", BIG);
  const reply = await ask("/sdcard/deep");
  expect(reply.headers.get("content-type")).toBe("application/x-tar");
  const found = new Map<string, Buffer>();
  const reader = extract();
  Readable.from([Buffer.from(await reply.arrayBuffer())]).pipe(reader);
  for await (const entry of reader) found.set(entry.header.name, await buffer(entry));
  expect(found.get(`deep/${NAME}/${long}/${NAME}`)?.toString()).toBe("deep");
  expect(found.get("deep/big")?.equals(BIG)).toBe(true);
  broken = new PhonerackError("file_changed");
  await expect(ask("/sdcard/deep").then((broke) => broke.arrayBuffer())).rejects.toThrow();
});

test("refuses what is not there, paths that are none, and who does not hold the device", async () => {
  expect((await ask("/sdcard/none")).status).toBe(404);
  for (const path of ["sdcard", "/sdcard/../system", "/a\nb", ""]) expect((await ask(path)).status, path).toBe(400);
  expect((await running.knock(`/api/v1/devices/${DEVICE}/files/content?path=/sdcard/big`)).status).toBe(401);
  const free = "d-bbbbbbbbbbbbbbbb";
  const agent = new FakeAgent(running.bus);
  agent.report(reportOf(free));
  await until(async () => (await running.ask(`/devices/${free}`)).status === 200, "the device");
  const reply = await running.ask(`/devices/${free}/files/content?path=/sdcard/big`);
  expect(reply.body).toMatchObject({ code: "lease_required" });
  agent.stop();
});
