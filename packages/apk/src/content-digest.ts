/** The digests over an APK's contents that signature schemes v2 and v3 sign: over those of 1 MiB chunks, in one pass whatever the algorithms. */
import { createHash } from "node:crypto";
import type { ContentAlgorithm } from "./block-signature.js";
import type { Zip } from "./zip.js";

const CHUNK = 1024 * 1024;

/** Of entries, directory, and end record with the directory's offset as if there were no signing block. */
export async function contentDigests(
  zip: Zip,
  blockOffset: number,
  algorithms: ReadonlySet<ContentAlgorithm>,
): Promise<ReadonlyMap<ContentAlgorithm, Buffer>> {
  const chunks = new Map([...algorithms].map((algorithm) => [algorithm, [] as Buffer[]]));
  const add = (chunk: Buffer): void => {
    const header = headed(0xa5, chunk.length);
    for (const [algorithm, digests] of chunks) digests.push(createHash(algorithm).update(header).update(chunk).digest());
  };
  for (const [from, to] of [
    [0, blockOffset],
    [zip.directoryOffset, zip.endOffset],
  ] as const) {
    for (let at = from; at < to; at += CHUNK) add(await zip.bytes.slice(at, Math.min(at + CHUNK, to)));
  }
  const end = Buffer.from(await zip.bytes.slice(zip.endOffset, zip.bytes.size));
  end.writeUInt32LE(blockOffset, 16);
  for (let at = 0; at < end.length; at += CHUNK) add(end.subarray(at, at + CHUNK));
  return new Map(
    [...chunks].map(([algorithm, digests]) => [
      algorithm,
      createHash(algorithm).update(headed(0x5a, digests.length)).update(Buffer.concat(digests)).digest(),
    ]),
  );
}

function headed(mark: number, value: number): Buffer {
  const bytes = Buffer.from([mark, 0, 0, 0, 0]);
  bytes.writeUInt32LE(value, 1);
  return bytes;
}
