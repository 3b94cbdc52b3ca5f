/** The API's uploads, from a browser: what `sendFile` goes through. */
import { API_PREFIX, readApiError, type Upload } from "@phonerack/contract/api";
import { client } from "../api/client.js";
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

/** By XMLHttpRequest: `fetch` does not tell how much of a body is sent. */
function putPiece({ id, offset, bytes, onSent, signal }: Piece): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `${API_PREFIX}/uploads/${id}?offset=${offset}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as Upload);
      else reject(readApiError(request.response) ?? new Error(`control answered with ${request.status}`));
    };
    request.onerror = () => reject(new Error("control did not answer"));
    request.onabort = () => reject(new Error("given up"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(bytes);
  });
}
