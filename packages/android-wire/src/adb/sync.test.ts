import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WireError } from "../wire-error.js";
import { type SyncEvent, SyncRequestParser } from "./sync-requests.js";
import {
  encodeSyncEntry,
  encodeSyncEntry2,
  encodeSyncFail,
  encodeSyncListDone,
  encodeSyncStat,
  encodeSyncStat2,
  encodeSyncStatus,
} from "./sync-responses.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const unhex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ""), "hex");

function request(id: string, body: string | number): Buffer {
  const header = Buffer.alloc(8);
  header.write(id);
  header.writeUInt32LE(typeof body === "number" ? body : Buffer.byteLength(body), 4);
  return typeof body === "number" ? header : Buffer.concat([header, Buffer.from(body)]);
}

function read(chunks: readonly Uint8Array[]): { events: unknown[]; error?: string } {
  const events: (Exclude<SyncEvent, { type: "data" }> | { type: "data"; data: string })[] = [];
  const parser = new SyncRequestParser((event) => {
    const last = events.at(-1);
    if (event.type !== "data") events.push(event);
    else if (last?.type === "data") last.data += hex(event.data);
    else events.push({ type: "data", data: hex(event.data) });
  });
  try {
    for (const chunk of chunks) parser.push(chunk);
    return { events };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { events, error: error.code };
  }
}

describe("sync requests", () => {
  it("reads a path request of each kind from its bytes", () => {
    const wire = unhex(
      `53544154 02000000 2f61  4c535432 02000000 2f62  53544132 02000000 2f63
       4c495354 02000000 2f64  4c495332 02000000 2f65  52454356 02000000 2f66  51554954 00000000`,
    );
    expect(read([wire]).events).toEqual([
      { type: "stat", path: "/a" },
      { type: "stat2", path: "/b", follow: false },
      { type: "stat2", path: "/c", follow: true },
      { type: "list", path: "/d", v2: false },
      { type: "list", path: "/e", v2: true },
      { type: "receive", path: "/f" },
      { type: "quit" },
    ]);
  });

  it("reads a sent file, whose name may have commas", () => {
    const wire = Buffer.concat([
      request("SEND", "/a,b,33206"),
      request("DATA", "hello"),
      request("DATA", ""),
      request("DONE", 77),
    ]);
    expect(read([wire]).events).toEqual([
      { type: "send", path: "/a,b", mode: 0o100666 },
      { type: "data", data: hex(Buffer.from("hello")) },
      { type: "done", mtime: 77 },
    ]);
  });

  it("names what breaks the protocol", () => {
    expect(read([request("NOPE", "/a")]).error).toBe("sync-unknown-request");
    expect(read([request("STAT", 1025)]).error).toBe("sync-name-too-long");
    expect(read([request("SEND", "/a")]).error).toBe("sync-bad-send");
    expect(read([request("SEND", "/a,x")]).error).toBe("sync-bad-send");
    expect(read([request("SEND", "/a,1"), request("DATA", 65537)]).error).toBe("sync-oversize-data");
    expect(read([request("SEND", "/a,1"), request("STAT", "/a")]).error).toBe("sync-unknown-request");
  });

  it("answers any bytes with events or a named error, the same in any chunking", () => {
    const path = fc
      .constantFrom("STAT", "LST2", "STA2", "LIST", "LIS2", "RECV")
      .chain((id) => fc.string({ maxLength: 30 }).map((p) => request(id, p)));
    const file = fc
      .tuple(fc.string({ maxLength: 20 }), fc.array(fc.string({ maxLength: 40 }), { maxLength: 4 }))
      .map(([p, data]) =>
        Buffer.concat([request("SEND", `${p},420`), ...data.map((d) => request("DATA", d)), request("DONE", 5)]),
      );
    const part = fc.oneof(
      { weight: 4, arbitrary: path },
      { weight: 4, arbitrary: file },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 9 }) },
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), (parts, size) => {
        const whole = Buffer.concat(parts);
        const chunks = [];
        for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
        expect(read(chunks)).toEqual(read([whole]));
      }),
    );
  });
});

describe("sync responses", () => {
  const stat = {
    error: 0,
    dev: 1,
    ino: 2,
    mode: 0o100644,
    nlink: 3,
    uid: 4,
    gid: 5,
    size: 2 ** 32 + 6,
    atime: 7,
    mtime: 8,
    ctime: 9,
  };
  const body =
    "00000000 0100000000000000 0200000000000000 a4810000 03000000 04000000 05000000 0600000001000000 0700000000000000 0800000000000000 0900000000000000";

  it("writes statuses and failures byte for byte", () => {
    expect(hex(encodeSyncStatus("OKAY"))).toBe("4f4b415900000000");
    expect(hex(encodeSyncStatus("DATA", 65536))).toBe("4441544100000100");
    expect(hex(encodeSyncStatus("DONE"))).toBe("444f4e4500000000");
    expect(hex(encodeSyncFail("no"))).toBe("4641494c020000006e6f");
  });

  it("writes STAT in 16 bytes, size cut to 32 bits", () => {
    expect(hex(encodeSyncStat(stat))).toBe("53544154a48100000600000008000000");
  });

  it("writes STA2 and LST2 in 72 bytes", () => {
    expect(hex(encodeSyncStat2("STA2", stat))).toBe(`53544132${body.replaceAll(" ", "")}`);
    expect(encodeSyncStat2("LST2", { ...stat, error: 2 })).toHaveLength(72);
    expect(hex(encodeSyncStat2("LST2", { ...stat, error: 2 })).slice(0, 16)).toBe("4c53543202000000");
  });

  it("writes entries of both listings, and ends them with zeros to their length", () => {
    expect(hex(encodeSyncEntry("é", stat))).toBe("44454e54a4810000060000000800000002000000c3a9");
    expect(hex(encodeSyncEntry2("é", stat))).toBe(`444e5432${body.replaceAll(" ", "")}02000000c3a9`);
    expect(hex(encodeSyncListDone(false))).toBe(`444f4e45${"00".repeat(16)}`);
    expect(hex(encodeSyncListDone(true))).toBe(`444f4e45${"00".repeat(72)}`);
  });
});
