/** Films that were cut off when their control was killed: what plays of them is found, and the rest of the file cut away. */
import { open, truncate } from "node:fs/promises";
import { ALL_FORMATS, FilePathSource, Input } from "mediabunny";

const BOX_HEADER = 8;
const LARGE_HEADER = 16;

export interface Recovered {
  readonly bytes: number;
  readonly ms: number;
}

/** Undefined: nothing of it plays. */
export async function recoverFilm(path: string): Promise<Recovered | undefined> {
  const bytes = await wholeFragments(path);
  if (bytes === undefined) return undefined;
  await truncate(path, bytes);
  const input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(path) });
  try {
    return { bytes, ms: Math.round((await input.computeDuration()) * 1_000) };
  } catch {
    return undefined;
  } finally {
    input.dispose();
  }
}

/** Where the last whole fragment (`moof` with its `mdat`; ISO/IEC 14496-12, 8.8) ends; undefined where there is none. */
async function wholeFragments(path: string): Promise<number | undefined> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    let whole: number | undefined;
    for (let at = 0; at + BOX_HEADER <= size; ) {
      const header = Buffer.alloc(LARGE_HEADER);
      const { bytesRead } = await file.read(header, 0, LARGE_HEADER, at);
      const small = header.readUInt32BE(0);
      if (small === 1 && bytesRead < LARGE_HEADER) break;
      const length = small === 1 ? Number(header.readBigUInt64BE(8)) : small;
      if (length < BOX_HEADER || at + length > size) break;
      at += length;
      if (header.toString("latin1", 4, 8) === "mdat") whole = at;
    }
    return whole;
  } finally {
    await file.close();
  }
}
