/** Who signed a package that is installed on a phone, read from its APK there by a few small reads; nothing is fetched whole. */
import { installedSigner } from "@phonerack/apk";
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneLink } from "../transports/link.js";
import { runShell } from "../transports/shell.js";

const PATIENCE_MS = 8_000;
const BLOCK = 4_096;
const NAME = /^[A-Za-z]\w*(\.\w+)*$/;
const FILE = /^(\d+) (\/[\w/.=~+-]+\.apk)$/m;

/**
 * SHA-256 of the certificate in lower-case hex; null when the package is not installed, or its signature is none that can be read. Fails as `runShell`
 * does.
 */
export async function readSignerOnPhone(link: PhoneLink, name: string, sdk: number): Promise<string | null> {
  if (!NAME.test(name)) return null;
  // Splits are signed as their base is, which is listed first.
  const find = `p=$(pm path ${name} | head -n 1); p="\${p#package:}"; echo "$(stat -c %s "$p") $p"`;
  const { stdout } = await runShell(link, find, { timeoutMs: PATIENCE_MS });
  const [, size, path] = FILE.exec(stdout.replaceAll("\r", "")) ?? [];
  if (size === undefined || path === undefined) return null;
  const slice = (start: number, end: number) => readPart(link, path, { start, end });
  return installedSigner({ size: Number(size), slice }, sdk);
}

async function readPart(link: PhoneLink, path: string, { start, end }: { start: number; end: number }): Promise<Buffer> {
  const first = Math.floor(start / BLOCK);
  const count = Math.ceil(end / BLOCK) - first;
  if (end <= start) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  const command = `dd if=${path} bs=${BLOCK} skip=${first} count=${count} 2>/dev/null`;
  const maxBytes = count * BLOCK + 4_096;
  await runShell(link, command, { timeoutMs: PATIENCE_MS, maxBytes, onStdout: (chunk) => chunks.push(Uint8Array.from(chunk)) });
  const bytes = Buffer.concat(chunks).subarray(start - first * BLOCK, end - first * BLOCK);
  if (bytes.length !== end - start) throw new PhonerackError("phone_failed", "its APK is shorter than it says");
  return bytes;
}
