/** Brings a file into the lab, in pieces, and goes on where it was when the connection was lost. */
import type { Upload } from "../artifacts.js";
import { PhonerackError } from "../errors.js";
import type { Client } from "./client.js";

const PIECE = 8 * 1024 * 1024;
const RETRY_MS = [500, 2_000, 5_000, 10_000, 20_000] as const;

export interface UploadOptions {
  readonly name: string;
  /** SHA-256 in hex, when it is known: a file that your organisation has brought already is there at once. */
  readonly sha256?: string;
  readonly signal?: AbortSignal;
  /** Bytes that are in the lab. */
  readonly onProgress?: (bytes: number) => void;
}

/** Resolves with the whole upload, whose `sha256` names the file in jobs and builds. Fails with what control refuses it for, or when it stayed away for half a minute. */
export async function uploadFile(client: Client, file: Blob, options: UploadOptions): Promise<Upload> {
  const { name, sha256, signal, onProgress } = options;
  let upload = await client.uploads.create({ name, size: file.size, ...(sha256 === undefined ? {} : { sha256 }) });
  for (let failures = 0; upload.sha256 === null || upload.offset < file.size; ) {
    signal?.throwIfAborted();
    onProgress?.(upload.offset);
    const { id, offset } = upload;
    try {
      const body = new File([file.slice(offset, offset + PIECE)], name, { type: "application/octet-stream" });
      upload = await client.uploads.send({ params: { id }, query: { offset }, body });
      failures = 0;
    } catch (error) {
      if (error instanceof PhonerackError && error.code !== "upload_offset") throw error;
      const wait = RETRY_MS[failures++];
      if (wait === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
      upload = await client.uploads.get({ id });
    }
  }
  onProgress?.(upload.offset);
  return upload;
}
