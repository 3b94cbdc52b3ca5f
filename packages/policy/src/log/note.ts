/**
 * Signed notes (c2sp.org/signed-note) and cosignatures (c2sp.org/tlog-cosignature): a text, and lines that say who signed it. Ed25519 only. Making and checking a
 * signature itself is given from outside.
 */
import { concat, type Digest, fromBase64, fromHex, sameBytes, textOf, toBase64, toHex, utf8 } from "./bytes.js";

/** 1: the note's text itself is signed. 4: with the time at which a witness saw it. */
export const ED25519 = 1;
export const COSIGNATURE = 4;

const MOST_SIGNATURES = 64;
const LONGEST_NOTE = 64 * 1024;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const TIME_BYTES = 8;

/** Who may sign, as people configure it. */
export interface VerifierKey {
  readonly name: string;
  readonly id: Uint8Array;
  readonly type: typeof ED25519 | typeof COSIGNATURE;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

export interface SignatureLine {
  readonly name: string;
  readonly id: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Note {
  /** With the line break at its end. */
  readonly text: string;
  readonly signatures: readonly SignatureLine[];
}

/** Whether this Ed25519 key made this signature. */
export type VerifySignature = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
export type MakeSignature = (message: Uint8Array) => Uint8Array;

/** @throws RangeError for a name that no key may have. */
export function verifierKey(
  digest: Digest,
  named: Pick<VerifierKey, "name" | "key"> & Partial<Pick<VerifierKey, "type">>,
): VerifierKey {
  const { name, key, type = ED25519 } = named;
  if (!isKeyName(name) || key.length !== KEY_BYTES) throw new RangeError("this is no name or key of a verifier");
  return { name, id: keyId(digest, { name, type, key }), type, key };
}

/** `name+id+key`. */
export function formatVkey({ name, id, type, key }: VerifierKey): string {
  return `${name}+${toHex(id)}+${toBase64(concat(Uint8Array.of(type), key))}`;
}

/** undefined: this is no vkey of a kind that we know, or its id is not its key's. */
export function parseVkey(digest: Digest, text: string): VerifierKey | undefined {
  const [, name, hex, base64] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text) ?? [];
  if (name === undefined || hex === undefined || base64 === undefined || !isKeyName(name)) return undefined;
  const [id, bytes] = [fromHex(hex), fromBase64(base64)];
  const type = bytes?.[0];
  if (!id || bytes?.length !== KEY_BYTES + 1 || (type !== ED25519 && type !== COSIGNATURE)) return undefined;
  const key = bytes.subarray(1);
  return sameBytes(id, keyId(digest, { name, type, key })) ? { name, id, type, key } : undefined;
}

function keyId(digest: Digest, { name, type, key }: Pick<VerifierKey, "name" | "type" | "key">): Uint8Array {
  return digest(concat(utf8(`${name}\n`), Uint8Array.of(type), key)).subarray(0, 4);
}

/** No space of any script, no plus, nothing that a terminal would obey. */
export function isKeyName(name: string): boolean {
  return name !== "" && name.length <= 255 && !/[\s+\p{Cc}]/u.test(name);
}

/** undefined: this is no note, or one that is longer than any of ours. */
export function parseNote(bytes: Uint8Array | string): Note | undefined {
  if (bytes.length > LONGEST_NOTE) return undefined;
  const whole = typeof bytes === "string" ? bytes : textOf(bytes);
  if (whole === undefined || /(?!\n)\p{Cc}/u.test(whole) || !whole.endsWith("\n")) return undefined;
  const gap = whole.lastIndexOf("\n\n");
  if (gap < 0) return undefined;
  const lines = whole.slice(gap + 2, -1).split("\n");
  if (lines.length > MOST_SIGNATURES) return undefined;
  const signatures = lines.map(parseSignature);
  return signatures.every((line) => line !== undefined) ? { text: whole.slice(0, gap + 1), signatures } : undefined;
}

export function parseSignature(line: string): SignatureLine | undefined {
  const [, name, base64] = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
  const bytes = base64 === undefined ? undefined : fromBase64(base64);
  if (name === undefined || !isKeyName(name) || !bytes || bytes.length < 5) return undefined;
  return { name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

export function formatSignature({ name, id, signature }: SignatureLine): string {
  return `— ${name} ${toBase64(concat(id, signature))}\n`;
}

export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(formatSignature).join("")}`;
}

/** The line with which this key signs this text. */
export function signText({ name, id }: VerifierKey, text: string, sign: MakeSignature): SignatureLine {
  return { name, id, signature: sign(utf8(text)) };
}

/** The line with which a witness says that it has seen this checkpoint at this time (seconds since the Unix epoch). */
export function cosignText(
  { name, id }: VerifierKey,
  { text, time }: { text: string; time: number },
  sign: MakeSignature,
): SignatureLine {
  return { name, id, signature: concat(timeBytes(time), sign(cosigned(text, time))) };
}

export type Signed =
  | {
      readonly by: VerifierKey;
      readonly state: "good" /** Seconds since the Unix epoch, of a cosignature. */;
      readonly time?: number;
    }
  | { readonly by: VerifierKey; readonly state: "bad" | "missing" };

/** What this key has to do with this note. Lines of the same name and id that do not verify make the note bad. */
export function checkSigned({ text, signatures }: Note, by: VerifierKey, verify: VerifySignature): Signed {
  const own = signatures.filter(({ name, id }) => name === by.name && sameBytes(id, by.id));
  if (own.length === 0) return { by, state: "missing" };
  let time: number | undefined;
  for (const { signature } of own) {
    if (by.type === ED25519) {
      if (signature.length !== SIGNATURE_BYTES || !verify(by.key, utf8(text), signature)) return { by, state: "bad" };
      continue;
    }
    const stamp = readTime(signature);
    if (stamp === undefined || stamp === 0 || signature.length !== TIME_BYTES + SIGNATURE_BYTES) return { by, state: "bad" };
    if (!verify(by.key, cosigned(text, stamp), signature.subarray(TIME_BYTES))) return { by, state: "bad" };
    time = Math.max(time ?? 0, stamp);
  }
  return { by, state: "good", ...(time !== undefined && { time }) };
}

function cosigned(text: string, time: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}

function timeBytes(time: number): Uint8Array {
  const bytes = new Uint8Array(TIME_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(time / 2 ** 32));
  view.setUint32(4, time % 2 ** 32);
  return bytes;
}

function readTime(signature: Uint8Array): number | undefined {
  if (signature.length < TIME_BYTES) return undefined;
  const view = new DataView(signature.buffer, signature.byteOffset, TIME_BYTES);
  const time = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
  return Number.isSafeInteger(time) ? time : undefined;
}
