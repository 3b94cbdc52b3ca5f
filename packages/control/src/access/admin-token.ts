/** The admin token: made once, kept in the data folder for its owner's eyes only. */
import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";

/** A shorter one could be guessed. */
export const MIN_TOKEN_LENGTH = 16;

/** Reads `<data>/admin-token` or makes it; fails with `data_unwritable`. */
export function adminTokenOf(dataDir: string): string {
  const path = join(dataDir, "admin-token");
  try {
    const kept = readToken(path);
    if (kept !== undefined) return kept;
    const token = randomBytes(32).toString("base64url");
    writeFileSync(path, `${token}\n`, { mode: 0o600 });
    chmodSync(path, 0o600);
    return token;
  } catch (cause) {
    throw new PhonerackError("data_unwritable", `${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Undefined when there is none or what is there is too short to be one, e.g. of a write that was cut off. */
function readToken(path: string): string | undefined {
  let token: string;
  try {
    token = readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  // A copy or a careless umask may have opened it to others.
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  return token.length >= MIN_TOKEN_LENGTH ? token : undefined;
}
