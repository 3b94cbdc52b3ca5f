/** The API's uploads, from a browser: what `sendFile` goes through. */
import type { Upload } from "@phonerack/contract/api";
import { client } from "../api/client.js";
import { sendBytes } from "./send-bytes.js";
import type { Piece, UploadDoor } from "./send-file.js";

/** Larger files are sent without asking whether they are there: a browser digests only what it holds in memory. */
const DIGEST_MOST_BYTES = 256 * 1024 * 1024;

export const uploadDoor: UploadDoor = {
  create: (file) => client.uploads.create(file),
  get: (id) => client.uploads.get({ id }),
  remove: (id) => client.uploads.remove({ id }),
  put: putPiece,
  digest,
  wait: (ms) => new Promise((done) => setTimeout(done, ms)),
};

async function digest(file: Blob): Promise<string | undefined> {
  // Browsers digest in secure contexts only.
  if (file.size > DIGEST_MOST_BYTES || !globalThis.crypto?.subtle) return undefined;
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function putPiece({ id, offset, bytes, onSent, signal }: Piece): Promise<Upload> {
  const path = `/uploads/${id}?offset=${offset}`;
  return (await sendBytes({ method: "PUT", path, type: "application/octet-stream", body: bytes, onSent, signal })) as Upload;
}
