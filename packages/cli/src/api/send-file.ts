/** Sends a file as it is to control, without holding it in memory; the answer may come while it is still being sent. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { buffer } from "node:stream/consumers";
import { PhonerackError } from "@phonerack/contract/bus";
import { type ControlPlace, type Reply, whyNot } from "./request.js";

/** Control reads and verifies what may be gigabytes before it answers. */
const SILENT_MS = 10 * 60_000;

export interface FileToSend {
  readonly path: string;
  readonly type: string;
  readonly token: string;
  /** Default: POST. */
  readonly method?: "POST" | "PUT";
  /** From this byte on. */
  readonly start?: number;
  /** Bytes of the file that went. */
  readonly onProgress?: (bytes: number) => void;
}

/** Whatever the status is. Fails with `usage` (no such file), `control_unreachable` or `certificate_untrusted`. */
export async function sendFile(place: ControlPlace, path: string, file: FileToSend): Promise<Reply> {
  const { size } = await stat(file.path).catch((cause: Error) => {
    throw new PhonerackError("usage", `${file.path} cannot be read: ${cause.message}`, { cause });
  });
  const url = new URL(path, place.url);
  const { method = "POST", start = 0, onProgress } = file;
  const options = {
    method,
    agent: false,
    headers: { authorization: `Bearer ${file.token}`, "content-type": file.type, "content-length": size - start },
    ...(place.ca === undefined ? {} : { ca: place.ca }),
    timeout: SILENT_MS,
  } as const;
  const body = createReadStream(file.path, { start });
  if (onProgress) body.on("data", () => onProgress(start + body.bytesRead));
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = url.protocol === "https:" ? secureRequest(url, options) : plainRequest(url, options);
      const failed = (error: Error) => reject(whyNot(error, place.url));
      request.once("response", resolve).on("error", failed);
      request.once("timeout", () => request.destroy(new Error("no answer")));
      body.once("error", failed).pipe(request);
    });
    const bytes = await buffer(response).catch((error: Error) => {
      throw whyNot(error, place.url);
    });
    return { status: response.statusCode ?? 0, headers: response.headers, bytes };
  } finally {
    body.destroy();
  }
}
