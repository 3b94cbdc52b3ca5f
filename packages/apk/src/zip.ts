/** The part of zip that APKs use: the directory at the end, stored and deflated entries. Every length is checked before it is used. */
import { inflateRaw } from "node:zlib";
import { ApkError } from "./apk-error.js";

/** Bytes that can be read from anywhere: a file in memory or on disk. */
export interface ByteRange {
  readonly size: number;
  slice(start: number, end: number): Promise<Buffer>;
}

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly offset: number;
}

export interface Zip {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** Where the directory begins, and the bytes of the end record (its comment included). */
  readonly directoryOffset: number;
  readonly endOffset: number;
  readonly bytes: ByteRange;
}

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const MAX_ENTRIES = 65_535;
const MAX_DIRECTORY = 16 * 1024 * 1024;

function notApk(detail: string): ApkError {
  return new ApkError("INSTALL_PARSE_FAILED_NOT_APK", detail);
}

/** @throws ApkError */
export async function openZip(bytes: ByteRange): Promise<Zip> {
  const tailStart = Math.max(0, bytes.size - 22 - 65_535);
  const tail = await bytes.slice(tailStart, bytes.size);
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end--;
  if (end < 0) throw notApk("no end of central directory");
  const count = tail.readUInt16LE(end + 10);
  const directorySize = tail.readUInt32LE(end + 12);
  const directoryOffset = tail.readUInt32LE(end + 16);
  const endOffset = tailStart + end;
  if (directorySize > MAX_DIRECTORY || directoryOffset + directorySize > endOffset)
    throw notApk("central directory out of bounds");
  const directory = await bytes.slice(directoryOffset, directoryOffset + directorySize);
  return { entries: readDirectory(directory, count), directoryOffset, endOffset, bytes };
}

function readDirectory(directory: Buffer, count: number): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let index = 0; index < count && index < MAX_ENTRIES; index++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== ENTRY_SIGNATURE) throw notApk("bad central directory entry");
    const nameLength = directory.readUInt16LE(at + 28);
    const next = at + 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw notApk("central directory entry out of bounds");
    const name = directory.toString("utf8", at + 46, at + 46 + nameLength);
    // The first of two entries with one name is what Android's loader takes (libziparchive refuses them; either way no mixing).
    if (entries.has(name)) throw notApk(`duplicate entry ${name}`);
    entries.set(name, {
      name,
      method: directory.readUInt16LE(at + 10),
      compressedSize: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    at = next;
  }
  return entries;
}

/** The bytes of an entry; undefined when there is none. @throws ApkError when it is larger than `limit` or damaged. */
export async function readEntry(zip: Zip, name: string, limit = 32 * 1024 * 1024): Promise<Buffer | undefined> {
  const entry = zip.entries.get(name);
  if (!entry) return undefined;
  if (entry.size > limit || entry.compressedSize > limit) throw notApk(`${name} is too large`);
  const header = await zip.bytes.slice(entry.offset, entry.offset + 30);
  if (header.length < 30 || header.readUInt32LE(0) !== LOCAL_SIGNATURE) throw notApk(`${name} has no local header`);
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const data = await zip.bytes.slice(start, start + entry.compressedSize);
  if (data.length !== entry.compressedSize) throw notApk(`${name} is cut short`);
  if (entry.method === 0) return data;
  if (entry.method !== 8) throw notApk(`${name} uses compression ${entry.method}`);
  return inflate(data, { name, limit });
}

function inflate(data: Buffer, { name, limit }: { name: string; limit: number }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The bound holds whatever the entry claims of itself.
    inflateRaw(data, { maxOutputLength: limit }, (error, result) =>
      error ? reject(notApk(`${name}: ${error.message}`)) : resolve(result),
    );
  });
}
