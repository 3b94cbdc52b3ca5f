import { crc32, deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ApkError } from "./apk-error.js";
import { blockSigners } from "./block-signature.js";
import { type ByteRange, checkLayout, eachPiece, openZip, readEntry, type ZipEntry } from "./zip.js";

/** An entry as it is written; what the directory says of it may be something else. */
interface Written {
  readonly name: string;
  readonly data: Buffer;
  readonly method?: number;
  readonly listed?: { name?: string; size?: number; compressedSize?: number; crc?: number; flags?: number; offset?: number };
}

function zipOf(files: readonly Written[], change: { count?: number; comment?: string; gap?: number } = {}): Buffer {
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, method = 8, listed = {} } of files) {
    const packed = method === 8 ? deflateRawSync(data) : data;
    const middle = (says: NonNullable<Written["listed"]>): Buffer => {
      const bytes = Buffer.alloc(26);
      bytes.writeUInt16LE(20, 0);
      bytes.writeUInt16LE(says.flags ?? 0, 2);
      bytes.writeUInt16LE(method, 4);
      bytes.writeUInt32LE(says.crc ?? crc32(data), 10);
      bytes.writeUInt32LE(says.compressedSize ?? packed.length, 14);
      bytes.writeUInt32LE(says.size ?? data.length, 18);
      bytes.writeUInt16LE(Buffer.byteLength(says.name ?? name), 22);
      return bytes;
    };
    entries.push(Buffer.from("PK\x03\x04", "latin1"), middle({}), Buffer.from(name), packed);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(listed.offset ?? offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), middle(listed), tail, Buffer.from(listed.name ?? name));
    offset += 30 + Buffer.byteLength(name) + packed.length;
  }
  const end = Buffer.alloc(22);
  const listing = Buffer.concat([Buffer.alloc(change.gap ?? 0), ...directory]);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(change.count ?? files.length, 8);
  end.writeUInt16LE(change.count ?? files.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(change.comment?.length ?? 0, 20);
  return Buffer.concat([...entries, listing, end, Buffer.from(change.comment ?? "")]);
}

const ranged = (bytes: Buffer): ByteRange => ({
  size: bytes.length,
  slice: async (start, end) => Buffer.from(bytes.subarray(Math.max(0, start), end)),
});

/** Opens it, looks at how it lies, and reads all of it both ways. */
async function readAll(bytes: Buffer): Promise<string[]> {
  const zip = await openZip(ranged(bytes));
  await checkLayout(zip, zip.directoryOffset);
  for (const [name, entry] of zip.entries) {
    let size = 0;
    await eachPiece(zip, entry, (piece) => {
      size += piece.length;
    });
    expect((await readEntry(zip, name))?.length).toBe(size);
  }
  return [...zip.entries.keys()];
}

const refusal = (bytes: Buffer): Promise<string> =>
  readAll(bytes).then(
    () => "none",
    (error: unknown) => (error instanceof ApkError ? error.message : `not named: ${String(error)}`),
  );

const [a, b] = [
  { name: "a", data: Buffer.from("hello ".repeat(50)) },
  { name: "dir/b", data: Buffer.from("stored"), method: 0 },
];
const zeros = Buffer.alloc(20 * 1024 * 1024);

describe("a zip", () => {
  test("is read, packed or stored, with a comment at its end", async () => {
    expect(await readAll(zipOf([a, b], { comment: "made by hand" }))).toEqual(["a", "dir/b"]);
  });

  test.each<[string, Buffer, RegExp]>([
    ["cut in the middle", zipOf([a, b]).subarray(0, 60), /the file is cut short/],
    ["cut at its end", zipOf([a, b]).subarray(0, -1), /the file is cut short/],
    ["with bytes behind its end", Buffer.concat([zipOf([a]), Buffer.from("x")]), /no end of central directory/],
    ["with two entries of one name", zipOf([a, a]), /^duplicate entry a$/],
    ["with an entry hidden from the count", zipOf([a, b], { count: 1 }), /more entries than it counts/],
    ["with fewer entries than it counts", zipOf([a], { count: 2 }), /bad central directory entry/],
    ["with bytes before the directory's entries", zipOf([a], { gap: 8 }), /bad central directory entry/],
    ["with two names for one entry", zipOf([{ ...a, listed: { name: "b" } }]), /two headers that differ/],
    ["with two sizes for one entry", zipOf([{ ...a, listed: { size: 7 } }]), /two headers that differ/],
    ["stored with two sizes", zipOf([{ ...b, listed: { size: 7 } }]), /is stored and has two sizes/],
    [
      "with two entries on the same bytes",
      zipOf([a, { name: "b", data: a.data, listed: { name: "b", offset: 0 } }]),
      /overlaps|differ/,
    ],
    ["with an entry outside of it", zipOf([{ ...a, listed: { offset: 1_000_000 } }]), /has no local header/],
    ["with a wrong sum", zipOf([{ ...a, listed: { crc: 1 } }]), /two headers that differ/],
    ["with a name that leads out", zipOf([{ ...a, name: "../a" }]), /a bad entry name/],
    ["with a name of no letters", zipOf([{ ...a, name: "" }]), /a bad entry name/],
    ["encrypted", zipOf([{ ...a, listed: { flags: 1 } }]), /is encrypted/],
    ["packed another way", zipOf([{ ...a, method: 12 }]), /uses compression 12/],
    ["that unpacks to terabytes", zipOf(many(1_500, { ...a, listed: { size: 0xfffffff0 } })), /^zip bomb/],
    ["of one bomb", zipOf([{ name: "a", data: zeros, listed: { size: 0x1fffffff } }]), /^zip bomb/],
  ])("%s is refused by name", async (_what, bytes, expected) => {
    expect(await refusal(bytes)).toMatch(expected);
  });

  test("that unpacks to more than it says takes no more memory than it says", async () => {
    const bytes = zipOf([{ name: "a", data: zeros }]);
    // Both headers lie in the same way.
    for (const at of [22, bytes.lastIndexOf("PK\x01\x02") + 24]) bytes.writeUInt32LE(1_000, at);
    const zip = await openZip(ranged(bytes));
    await expect(readEntry(zip, "a")).rejects.toThrow("a does not unpack to the 1000 bytes it claims");
    let most = 0;
    const entry = zip.entries.get("a") as ZipEntry;
    await expect(eachPiece(zip, entry, (piece) => (most += piece.length))).rejects.toThrow("does not unpack to the 1000 bytes");
    expect(most).toBeLessThanOrEqual(1_000);
  });

  test("whose directory claims to be huge is refused before it is read", async () => {
    const bytes = zipOf([a]);
    bytes.writeUInt32LE(0x7fffffff, bytes.length - 10);
    const asked: number[] = [];
    const range = {
      ...ranged(bytes),
      slice: (start: number, end: number) => {
        asked.push(end - start);
        return ranged(bytes).slice(start, end);
      },
    };
    await expect(openZip(range)).rejects.toThrow(/the central directory is larger than/);
    expect(Math.max(...asked)).toBeLessThan(70_000);
  });

  test("whose signing block claims to be huge is refused before it is read", async () => {
    const footer = Buffer.alloc(24);
    footer.writeBigUInt64LE(1n << 40n);
    footer.write("APK Sig Block 42", 8, "latin1");
    await expect(blockSigners(ranged(footer), 24)).rejects.toThrow("APK Signing Block out of bounds");
  });
});

function many(count: number, entry: Written): Written[] {
  return Array.from({ length: count }, (_, at) => ({ ...entry, name: `a${at}`, listed: { ...entry.listed, name: `a${at}` } }));
}
