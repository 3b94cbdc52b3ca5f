/** Where the bytes of blobs and artifacts lie: a folder of the data folder, or an S3-compatible store. Keys are ours: words of a-z, 0-9, - and /. */
import type { Readable } from "node:stream";

export interface SmallObject {
  readonly key: string;
  readonly bytes: Uint8Array;
}

export interface ObjectStore {
  /** Stores a file of this machine under the key, whole or not at all, replacing what is there; the file is moved away. Fails with `storage_full` or `storage_unreachable`. */
  put(key: string, path: string): Promise<void>;
  /** The same of things that are small and in memory; when it fails some of them may be there, each whole. */
  putAll(objects: readonly SmallObject[]): Promise<void>;
  /** Bytes from `start` up to before `end`. Fails with `not_found`. */
  get(key: string, range?: { readonly start: number; readonly end: number }): Promise<Readable>;
  /** undefined: there is none. */
  size(key: string): Promise<number | undefined>;
  /** Idempotent. */
  remove(key: string): Promise<void>;
}
