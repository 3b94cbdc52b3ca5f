/**
 * The part of zip that APKs use: the directory at the end, stored and deflated entries. Every length is checked before it is used, memory stays
 * within what the caller allows, and whatever two readers could read differently is refused.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createInflateRaw, inflateRaw } from "node:zlib";
import { ApkError, notApk } from "./apk-error.js";

/** Bytes that can be read from anywhere: a file in memory or on disk. */
export interface ByteRange {
  readonly size: number;
  slice(start: number, end: number): Promise<Buffer>;
}

export interface ZipEntry {
  readonly name: string;
  /** As it stands in the file. */
  readonly rawName: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Of its local header. */
  readonly offset: number;
}

export interface ZipEnd {
  /** Where the directory begins, and the end record (its comment is the rest). */
  readonly directoryOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

export interface Zip extends Omit<ZipEnd, "count"> {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly bytes: ByteRange;
}

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const DESCRIPTOR_SIGNATURE = 0x08074b50;
const ENCRYPTED = 0x0001;
/** Sums and sizes stand behind the data; the local header may have zeros. */
const DESCRIBED = 0x0008;
const MAX_DIRECTORY = 16 * 1024 * 1024;
/** Of all entries together: more than the largest APK that is taken twice over is no app but a bomb. */
const MAX_UNPACKED = 4 * 1024 * 1024 * 1024;
/** As much may be made of anything; beyond that so many times the file. */
const ALWAYS_UNPACKED = 256 * 1024 * 1024;
const MOST_TIMES = 100;
const PIECE = 1024 * 1024;

/** @throws ApkError */
async function findEnd(bytes: ByteRange): Promise<ZipEnd> {
  const tailStart = Math.max(0, bytes.size - 22 - 65_535);
  const tail = await bytes.slice(tailStart, bytes.size);
  let end = tail.length - 22;
  // The comment reaches to the end of the file exactly: else two readers might find two ends.
  while (end >= 0 && !(tail.readUInt32LE(end) === END_SIGNATURE && tail.readUInt16LE(end + 20) === tail.length - end - 22)) end--;
  if (end < 0) throw notApk("no end of central directory: the file is cut short, or no zip");
  const count = tail.readUInt16LE(end + 10);
  const directorySize = tail.readUInt32LE(end + 12);
  const directoryOffset = tail.readUInt32LE(end + 16);
  const endOffset = tailStart + end;
  if (tail.readUInt32LE(end + 4) !== 0 || tail.readUInt16LE(end + 8) !== count) throw notApk("a zip of several parts");
  if (directorySize > MAX_DIRECTORY) throw notApk(`the central directory is larger than ${MAX_DIRECTORY} bytes`);
  if (directoryOffset + directorySize !== endOffset) throw notApk("central directory out of bounds");
  return { directoryOffset, endOffset, count };
}

/** @throws ApkError */
export async function openZip(bytes: ByteRange): Promise<Zip> {
  const { directoryOffset, endOffset, count } = await findEnd(bytes);
  const directory = await bytes.slice(directoryOffset, endOffset);
  if (directory.length !== endOffset - directoryOffset) throw notApk("the file is cut short");
  const entries = readDirectory(directory, count);
  requireNoBomb([...entries.values()], bytes.size);
  return { entries, directoryOffset, endOffset, bytes };
}

function readDirectory(directory: Buffer, count: number): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== ENTRY_SIGNATURE) throw notApk("bad central directory entry");
    const nameLength = directory.readUInt16LE(at + 28);
    const next = at + 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw notApk("central directory entry out of bounds");
    const name = directory.toString("utf8", at + 46, at + 46 + nameLength);
    // The first of two entries with one name is what Android's loader takes (libziparchive refuses them; either way no mixing).
    if (entries.has(name)) throw notApk(`duplicate entry ${name}`);
    const entry = {
      name,
      rawName: directory.subarray(at + 46, at + 46 + nameLength),
      flags: directory.readUInt16LE(at + 8),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      compressedSize: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    };
    requirePlain(entry);
    entries.set(name, entry);
    at = next;
  }
  if (at !== directory.length) throw notApk("the central directory has more entries than it counts");
  return entries;
}

function requirePlain({ name, flags, method, compressedSize, size }: ZipEntry): void {
  if (name === "" || name.includes("\0") || name.startsWith("/") || name.split("/").includes(".."))
    throw notApk(`a bad entry name: ${JSON.stringify(name.slice(0, 100))}`);
  if (flags & ENCRYPTED) throw notApk(`${name} is encrypted`);
  if (method !== 0 && method !== 8) throw notApk(`${name} uses compression ${method}`);
  if (method === 0 && size !== compressedSize) throw notApk(`${name} is stored and has two sizes`);
}

function requireNoBomb(entries: readonly ZipEntry[], fileSize: number): void {
  const unpacked = entries.reduce((sum, { size }) => sum + size, 0);
  if (unpacked > MAX_UNPACKED || unpacked > ALWAYS_UNPACKED + MOST_TIMES * fileSize)
    throw notApk(`zip bomb: ${fileSize} bytes would become ${unpacked}`);
}

/**
 * Entries stand one behind the other, before `limit`, and say of themselves what the directory says of them.
 * @throws ApkError
 */
export async function checkLayout(zip: Zip, limit: number): Promise<void> {
  let free = 0;
  for (const entry of [...zip.entries.values()].sort((a, b) => a.offset - b.offset)) {
    if (entry.offset < free) throw notApk(`${entry.name} overlaps another entry`);
    free = (await dataStart(zip, entry)) + entry.compressedSize + (await descriptorSize(zip, entry));
    if (free > limit) throw notApk(`${entry.name} is out of bounds`);
  }
}

/** Compares the local header with the directory's. */
async function dataStart({ bytes }: Zip, entry: ZipEntry): Promise<number> {
  const { name, rawName, offset, flags, method, crc, compressedSize, size } = entry;
  const header = await bytes.slice(offset, offset + 30 + rawName.length);
  if (header.length < 30 || header.readUInt32LE(0) !== LOCAL_SIGNATURE) throw notApk(`${name} has no local header`);
  const same =
    ((header.readUInt16LE(6) ^ flags) & (ENCRYPTED | DESCRIBED)) === 0 &&
    header.readUInt16LE(8) === method &&
    header.readUInt16LE(26) === rawName.length &&
    header.subarray(30).equals(rawName);
  const said = [header.readUInt32LE(14), header.readUInt32LE(18), header.readUInt32LE(22)];
  const fits = [crc, compressedSize, size].every((value, at) => said[at] === value || (flags & DESCRIBED && said[at] === 0));
  if (!same || !fits) throw notApk(`${name} has two headers that differ`);
  return offset + 30 + rawName.length + header.readUInt16LE(28);
}

async function descriptorSize(zip: Zip, entry: ZipEntry): Promise<number> {
  if (!(entry.flags & DESCRIBED)) return 0;
  const at = (await dataStart(zip, entry)) + entry.compressedSize;
  const bytes = await zip.bytes.slice(at, at + 16);
  const signed = bytes.length >= 4 && bytes.readUInt32LE(0) === DESCRIPTOR_SIGNATURE;
  const from = signed ? 4 : 0;
  if (bytes.length < from + 12) throw notApk(`${entry.name} is cut short`);
  const said = [bytes.readUInt32LE(from), bytes.readUInt32LE(from + 4), bytes.readUInt32LE(from + 8)];
  if (![entry.crc, entry.compressedSize, entry.size].every((value, index) => said[index] === value))
    throw notApk(`${entry.name} has two headers that differ`);
  return from + 12;
}

/** The bytes of an entry; undefined when there is none. @throws ApkError when it is larger than `limit` or damaged. */
export async function readEntry(zip: Zip, name: string, limit = 32 * 1024 * 1024): Promise<Buffer | undefined> {
  const entry = zip.entries.get(name);
  if (!entry) return undefined;
  if (entry.size > limit || entry.compressedSize > limit) throw notApk(`${name} is too large`);
  const start = await dataStart(zip, entry);
  const data = await zip.bytes.slice(start, start + entry.compressedSize);
  if (data.length !== entry.compressedSize) throw notApk(`${name} is cut short`);
  const bytes = entry.method === 0 ? data : await inflate(data, entry);
  if (bytes.length !== entry.size || crc32(bytes) !== entry.crc) throw notApk(`${name} is damaged: its sum is wrong`);
  return bytes;
}

function inflate(data: Buffer, { name, size }: ZipEntry): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The bound holds whatever is in it; one byte more than it claims would be a lie already.
    inflateRaw(data, { maxOutputLength: Math.max(size, 1) }, (error, result) =>
      error ? reject(notApk(`${name} does not unpack to the ${size} bytes it claims`)) : resolve(result),
    );
  });
}

/** An entry of any size, piece by piece. @throws ApkError */
export async function eachPiece(zip: Zip, entry: ZipEntry, take: (piece: Buffer) => void): Promise<void> {
  const start = await dataStart(zip, entry);
  const packed = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < entry.compressedSize; at += PIECE) {
      const piece = await zip.bytes.slice(start + at, start + Math.min(at + PIECE, entry.compressedSize));
      if (piece.length === 0) throw notApk(`${entry.name} is cut short`);
      yield piece;
    }
  };
  let size = 0;
  const counted = (piece: Buffer): void => {
    size += piece.length;
    if (size > entry.size) throw notApk(`${entry.name} does not unpack to the ${entry.size} bytes it claims`);
    take(piece);
  };
  if (entry.method === 0) for await (const piece of packed()) counted(piece);
  else await unpack(packed(), entry, counted);
  if (size !== entry.size) throw notApk(`${entry.name} does not unpack to the ${entry.size} bytes it claims`);
}

async function unpack(packed: AsyncGenerator<Buffer>, { name }: ZipEntry, take: (piece: Buffer) => void): Promise<void> {
  let refused: unknown;
  try {
    await pipeline(Readable.from(packed), createInflateRaw(), async (pieces: AsyncIterable<Buffer>) => {
      for await (const piece of pieces) {
        try {
          take(piece);
        } catch (error) {
          refused = error;
          throw error;
        }
      }
    });
  } catch (error) {
    // The pipeline may say only that it was ended.
    if (refused !== undefined) throw refused;
    throw error instanceof ApkError ? error : notApk(`${name} is damaged: ${(error as Error).message}`);
  }
}
