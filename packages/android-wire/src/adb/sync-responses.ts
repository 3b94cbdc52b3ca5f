/**
 * What a device answers on a "sync:" stream: AOSP packages/modules/adb, file_sync_protocol.h.
 */
import { encodeText, viewOf } from "../text.js";

/** Times in seconds; `error` is a Linux errno, 0 for none (then the rest counts). */
export interface SyncStat {
  error: number;
  dev: number;
  ino: number;
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  size: number;
  atime: number;
  mtime: number;
  ctime: number;
}

function response(id: string, length: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(length);
  bytes.set(encodeText(id));
  return { bytes, view: viewOf(bytes) };
}

/** id + u32: OKAY and DONE (0), DATA (length of what follows). */
export function encodeSyncStatus(id: "OKAY" | "DONE" | "DATA", value = 0): Uint8Array {
  const { bytes, view } = response(id, 8);
  view.setUint32(4, value, true);
  return bytes;
}

export function encodeSyncFail(message: string): Uint8Array {
  const text = encodeText(message);
  const { bytes, view } = response("FAIL", 8 + text.length);
  view.setUint32(4, text.length, true);
  bytes.set(text, 8);
  return bytes;
}

/** Answer to STAT, 16 bytes; all zero for a file that is not there. Size and time are cut to 32 bits. */
export function encodeSyncStat(stat: { mode: number; size: number; mtime: number }): Uint8Array {
  const { bytes, view } = response("STAT", 16);
  view.setUint32(4, stat.mode, true);
  view.setUint32(8, stat.size % 2 ** 32, true);
  view.setUint32(12, stat.mtime % 2 ** 32, true);
  return bytes;
}

/** Answer to LST2 or STA2, 72 bytes. */
export function encodeSyncStat2(id: "LST2" | "STA2", stat: SyncStat): Uint8Array {
  const { bytes, view } = response(id, 72);
  putStat2(view, stat);
  return bytes;
}

function putStat2(view: DataView, stat: SyncStat): void {
  view.setUint32(4, stat.error, true);
  view.setBigUint64(8, BigInt(stat.dev), true);
  view.setBigUint64(16, BigInt(stat.ino), true);
  view.setUint32(24, stat.mode, true);
  view.setUint32(28, stat.nlink, true);
  view.setUint32(32, stat.uid, true);
  view.setUint32(36, stat.gid, true);
  view.setBigUint64(40, BigInt(stat.size), true);
  view.setBigInt64(48, BigInt(stat.atime), true);
  view.setBigInt64(56, BigInt(stat.mtime), true);
  view.setBigInt64(64, BigInt(stat.ctime), true);
}

/** One entry of a LIST. */
export function encodeSyncEntry(name: string, stat: { mode: number; size: number; mtime: number }): Uint8Array {
  const text = encodeText(name);
  const { bytes, view } = response("DENT", 20 + text.length);
  view.setUint32(4, stat.mode, true);
  view.setUint32(8, stat.size % 2 ** 32, true);
  view.setUint32(12, stat.mtime % 2 ** 32, true);
  view.setUint32(16, text.length, true);
  bytes.set(text, 20);
  return bytes;
}

/** One entry of a LIS2. */
export function encodeSyncEntry2(name: string, stat: SyncStat): Uint8Array {
  const text = encodeText(name);
  const { bytes, view } = response("DNT2", 76 + text.length);
  putStat2(view, stat);
  view.setUint32(72, text.length, true);
  bytes.set(text, 76);
  return bytes;
}

/** The end of a listing: "DONE" filled with zeros to the length of an entry's fixed part (20, or 76 for LIS2). */
export function encodeSyncListDone(v2: boolean): Uint8Array {
  return response("DONE", v2 ? 76 : 20).bytes;
}
