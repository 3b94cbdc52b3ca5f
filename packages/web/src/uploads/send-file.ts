/**
 * Brings a file into the lab, in pieces, and goes on where it was after a lost connection. One that the organisation has already is not sent again.
 * What is made of it then (a build, a file on phones) is left to others.
 */
import { PhonerackError, type Upload } from "@phonerack/contract/api";

export const PIECE_BYTES = 8 * 1024 * 1024;
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000] as const;
/** Without a single byte more for so many tries in a row (about two minutes), it is given up. */
const MOST_TRIES = 18;

export interface SendOptions {
  /** From 0 to 1. At 1 all is sent. */
  readonly onProgress: (part: number) => void;
  readonly signal: AbortSignal;
}

/** A file as it is called in the lab. */
export interface SentFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

export interface Piece {
  readonly id: string;
  readonly offset: number;
  readonly bytes: Blob;
  readonly onSent: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** The API's uploads, as far as they are needed here (upload-door.ts). */
export interface UploadDoor {
  create(file: { name: string; size: number; sha256?: string }): Promise<Upload>;
  get(id: string): Promise<Upload>;
  remove(id: string): Promise<unknown>;
  put(piece: Piece): Promise<Upload>;
  digest(file: Blob): Promise<string | undefined>;
  wait(ms: number): Promise<void>;
}

/** Throws what control refuses it with; a connection that stays away, as it failed last; and the signal's reason when it was given up: then nothing of it stays in the lab. */
export async function sendFile(file: File, { onProgress, signal }: SendOptions, door: UploadDoor): Promise<SentFile> {
  const { name, size } = file;
  const known = await door.digest(file);
  let upload: Upload | undefined;
  const next = async (): Promise<Upload> => {
    if (!upload) return door.create({ name, size, ...(known ? { sha256: known } : {}) });
    const { id, offset } = upload;
    onProgress(size === 0 ? 0 : offset / size);
    const bytes = file.slice(offset, offset + PIECE_BYTES);
    const onSent = (sent: number) => onProgress(Math.min(1, (offset + sent) / size));
    return door.put({ id, offset, bytes, onSent, signal });
  };
  try {
    for (let failures = 0; upload?.sha256 == null; ) {
      signal.throwIfAborted();
      const before: Upload | undefined = upload;
      try {
        upload = await next();
        failures = 0;
      } catch (error) {
        signal.throwIfAborted();
        if (!passes(error) || ++failures > MOST_TRIES) throw error;
        await door.wait(WAITS_MS[Math.min(failures, WAITS_MS.length) - 1] ?? 8_000);
        upload = before && (await standing(before, door));
        if (before && upload && upload.offset > before.offset) failures = 0;
      }
    }
  } catch (error) {
    if (signal.aborted && upload) await door.remove(upload.id).catch(() => undefined);
    throw error;
  }
  onProgress(1);
  return { name, size, sha256: upload.sha256 };
}

/** What of a piece arrived, control knows; when it cannot be asked either, the next try tells. */
function standing(upload: Upload, door: UploadDoor): Promise<Upload> {
  return door.get(upload.id).catch((cause: unknown) => {
    if (!passes(cause)) throw cause;
    return upload;
  });
}

/** Nobody answered, or not now: the next try may do. What control says of the file itself stands. */
function passes(error: unknown): boolean {
  if (!(error instanceof PhonerackError)) return true;
  return error.code === "upload_offset" || error.code === "too_many" || error.status === 503;
}
