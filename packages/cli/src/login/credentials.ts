/** The log-ins of this user on this machine, one for each control: a file that nobody else may read, checked each time it is used. */
import { chmod, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";
import { z } from "zod";

const LogIn = z.object({
  token: z.string().min(1),
  /** Who that is, for people. */
  name: z.string(),
  /** Milliseconds since the epoch (Unix); null: it does not expire. */
  expiresAt: z.number().nullable(),
  /** In PEM: the authority that its certificate was of, and must be of. */
  ca: z.string().optional(),
});
export type LogIn = z.infer<typeof LogIn>;

const Credentials = z.object({
  version: z.literal(1),
  /** The address that was logged in to last, `https://host:port`. */
  last: z.string().optional(),
  logIns: z.record(z.string(), LogIn),
});
export type Credentials = z.infer<typeof Credentials>;

export const NO_LOG_INS: Credentials = { version: 1, logIns: {} };

/** Where the XDG base directory specification puts a user's settings. */
export function credentialsFile(): string {
  const base = process.env.XDG_CONFIG_HOME;
  return join(base?.startsWith("/") ? base : join(homedir(), ".config"), "phonerack", "credentials.json");
}

/** Fails with `credentials_unsafe` when the file is another user's. One that others may read is closed to them, with a word on stderr. */
export async function readCredentials(): Promise<Credentials> {
  const file = credentialsFile();
  const found = await stat(file).catch(() => undefined);
  if (!found) return NO_LOG_INS;
  if (process.getuid !== undefined && found.uid !== process.getuid())
    throw new PhonerackError("credentials_unsafe", `${file} belongs to another user`);
  if ((found.mode & 0o077) !== 0) {
    await chmod(file, 0o600);
    process.stderr.write(`phonerack: ${file} could be read by others; closed it to them. Log in again if somebody may have.\n`);
  }
  try {
    return Credentials.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    throw new PhonerackError("credentials_unsafe", `${file} is damaged; remove it and log in again`, { cause });
  }
}

export async function keepLogIn(url: string, logIn: LogIn): Promise<void> {
  const kept = await readCredentials();
  await write({ version: 1, last: url, logIns: { ...kept.logIns, [url]: logIn } });
}

/** @returns whether there was one */
export async function forgetLogIn(url: string): Promise<boolean> {
  const kept = await readCredentials();
  const { [url]: gone, ...logIns } = kept.logIns;
  if (!gone) return false;
  const last = kept.last === url ? Object.keys(logIns).at(-1) : kept.last;
  await write({ version: 1, logIns, ...(last === undefined ? {} : { last }) });
  return true;
}

/** Whole or not at all: written beside and renamed. */
async function write(credentials: Credentials): Promise<void> {
  const file = credentialsFile();
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(`${file}.new`, `${JSON.stringify(credentials, undefined, 2)}\n`, { mode: 0o600 });
    await chmod(`${file}.new`, 0o600);
    await rename(`${file}.new`, file);
  } catch (cause) {
    throw new PhonerackError("credentials_unsafe", `${file}: ${(cause as Error).message}`, { cause });
  }
}
