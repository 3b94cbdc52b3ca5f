/** What an APK among the host's files says of itself: read and verified once, since the digest that names it says that it never changes. */
import { open } from "node:fs/promises";
import { ApkError, readApk } from "@phonerack/apk";
import { PhonerackError } from "@phonerack/contract/bus";
import type { ManifestWords } from "@phonerack/policy";

const MOST = 500;
const known = new Map<string, Promise<ApkWords>>();

export interface ApkWords {
  readonly package: string;
  readonly versionCode: number;
  /** SHA-256 of its certificate. */
  readonly signer: string;
  readonly split: string | null;
  /** What its manifest asks for beyond itself. */
  readonly manifest: ManifestWords;
}

/** Fails with `apk_invalid`. */
export function readApkFile(sha256: string, file: { path: string; size: number }): Promise<ApkWords> {
  const before = known.get(sha256);
  if (before) return before;
  const reading = read(file);
  known.set(sha256, reading);
  reading.catch(() => known.delete(sha256));
  const oldest = known.keys().next().value;
  if (known.size > MOST && oldest !== undefined) known.delete(oldest);
  return reading;
}

async function read({ path, size }: { path: string; size: number }): Promise<ApkWords> {
  const file = await open(path);
  try {
    const slice = async (from: number, to: number): Promise<Buffer> => {
      const [start, end] = [Math.max(0, from), Math.min(size, to)];
      const bytes = Buffer.alloc(Math.max(0, end - start));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    };
    const { facts, split } = await readApk({ size, slice }, { language: "en", density: 160 });
    const { package: name, versionCode, signer, powers, instrumentations, permissions } = facts;
    return { package: name, versionCode, signer, split, manifest: { package: name, powers, instrumentations, permissions } };
  } catch (cause) {
    throw cause instanceof ApkError ? new PhonerackError("apk_invalid", cause.message, { cause }) : cause;
  } finally {
    await file.close();
  }
}
