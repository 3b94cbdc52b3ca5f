import { PhonerackError, type Upload } from "@phonerack/contract/api";
import { describe, expect, test } from "vitest";
import { PIECE_BYTES, sendFile, type UploadDoor } from "./send-file.js";

const SHA = "ab".repeat(32);

/** Control as far as uploads go: takes pieces in their order, and fails as it is told to. */
function sampleDoor({
  faults = [],
  refusals = [],
  has = false,
}: {
  faults?: (Error | { keep: number })[];
  /** To begin at all. */
  refusals?: Error[];
  has?: boolean;
} = {}) {
  const offsets: number[] = [];
  const removed: string[] = [];
  let size = 0;
  let offset = 0;
  const standing = (): Upload => ({ id: "u-aaaaaaaaaa", name: "a", size, offset, sha256: offset >= size || has ? SHA : null });
  const door: UploadDoor = {
    async create(file) {
      const refusal = refusals.shift();
      if (refusal) throw refusal;
      size = file.size;
      return has ? standing() : { ...standing(), sha256: null };
    },
    get: async () => standing(),
    remove: async (id) => removed.push(id),
    async put(piece) {
      offsets.push(piece.offset);
      const fault = faults.shift();
      if (fault instanceof Error) throw fault;
      if (piece.offset !== offset) throw new PhonerackError("upload_offset");
      if (fault) {
        offset += fault.keep;
        throw new Error("the connection was cut");
      }
      piece.onSent(piece.bytes.size);
      offset += piece.bytes.size;
      return standing();
    },
    digest: async () => SHA,
    wait: async () => {},
  };
  return { door, offsets, removed };
}

const fileOf = (bytes: number) => new File([new Uint8Array(bytes)], "app.apk");
const send = (file: File, door: UploadDoor, parts: number[] = [], signal = new AbortController().signal) =>
  sendFile(file, { onProgress: (part) => parts.push(part), signal }, door);

describe("a file that is brought into the lab", () => {
  test("goes in pieces, and tells how far it is", async () => {
    const { door, offsets } = sampleDoor();
    const parts: number[] = [];
    const sent = await send(fileOf(2 * PIECE_BYTES + 5), door, parts);
    expect(sent).toEqual({ name: "app.apk", size: 2 * PIECE_BYTES + 5, sha256: SHA });
    expect(offsets).toEqual([0, PIECE_BYTES, 2 * PIECE_BYTES]);
    expect(parts.at(-1)).toBe(1);
    expect(parts).toEqual([...parts].sort((a, b) => a - b));
  });

  test("that is there already is not sent", async () => {
    const { door, offsets } = sampleDoor({ has: true });
    await send(fileOf(10), door);
    expect(offsets).toEqual([]);
  });

  test("goes on from what had arrived when the connection was lost", async () => {
    const { door, offsets } = sampleDoor({ faults: [{ keep: 1_000 }] });
    await send(fileOf(PIECE_BYTES), door);
    expect(offsets).toEqual([0, 1_000]);
  });

  test("may be empty", async () => {
    const { door, offsets } = sampleDoor();
    await send(fileOf(0), door);
    expect(offsets).toEqual([0]);
  });

  test("waits for a control that is away, and gives up when nothing more arrives", async () => {
    const away = () => new PhonerackError("database_away");
    const { door, offsets } = sampleDoor({ faults: Array.from({ length: 100 }, away) });
    await expect(send(fileOf(10), door)).rejects.toMatchObject({ code: "database_away" });
    expect(offsets.length).toBeGreaterThan(5);
    expect(offsets.length).toBeLessThan(40);
  });

  test("is not tried again when control refuses the file itself", async () => {
    const { door, offsets } = sampleDoor({ faults: [new PhonerackError("storage_full")] });
    await expect(send(fileOf(10), door)).rejects.toMatchObject({ code: "storage_full" });
    expect(offsets).toEqual([0]);
  });

  test("waits where others of its organisation are on their way, too many at once", async () => {
    const { door, offsets } = sampleDoor({ refusals: [new PhonerackError("too_many"), new PhonerackError("database_away")] });
    await send(fileOf(10), door);
    expect(offsets).toEqual([0]);
    const full = sampleDoor({ refusals: [new PhonerackError("storage_full")] });
    await expect(send(fileOf(10), full.door)).rejects.toMatchObject({ code: "storage_full" });
  });

  test("ends when it is given up, and nothing of it stays", async () => {
    const { door, removed } = sampleDoor({ faults: Array.from({ length: 100 }, () => new Error("no network")) });
    const end = new AbortController();
    const waits: UploadDoor = { ...door, wait: async () => end.abort(new Error("enough")) };
    await expect(send(fileOf(10), waits, [], end.signal)).rejects.toThrow("enough");
    expect(removed).toEqual(["u-aaaaaaaaaa"]);
  });
});
