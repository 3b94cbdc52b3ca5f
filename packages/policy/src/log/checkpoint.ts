/** Checkpoints (c2sp.org/tlog-checkpoint): which log, how many leaves, which root. */
import { fromBase64, toBase64 } from "./bytes.js";
import { isKeyName, type Note, parseNote } from "./note.js";
import { HASH_BYTES, type TreeHead } from "./tree.js";

export interface Checkpoint extends TreeHead {
  readonly origin: string;
}

export interface SignedCheckpoint extends Checkpoint {
  readonly note: Note;
}

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** undefined: this text is no checkpoint. Lines after the third are others' extensions. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin = "", digits = "", base64 = ""] = text.split("\n");
  const root = fromBase64(base64);
  if (!isKeyName(origin) || root?.length !== HASH_BYTES || !text.endsWith("\n")) return undefined;
  const size = parseSize(digits);
  return size === undefined ? undefined : { origin, size, root };
}

/** undefined: this is no note of a checkpoint. That somebody signed it is not said. */
export function readCheckpoint(bytes: Uint8Array | string): SignedCheckpoint | undefined {
  const note = parseNote(bytes);
  const checkpoint = note && parseCheckpoint(note.text);
  return checkpoint && { ...checkpoint, note };
}

/** Decimal, without leading zeros. */
export function parseSize(digits: string): number | undefined {
  const size = Number(digits);
  return /^(?:0|[1-9]\d{0,15})$/.test(digits) && Number.isSafeInteger(size) ? size : undefined;
}
