/**
 * Where on a phone people may work with files, said in the phone's own shell: by the real path, in the same command that then does something with it, so that no
 * link leads out. A path is only ever a quoted word of a script. Also how a script's end becomes an error of the table.
 */
import { PhonerackError } from "@phonerack/contract/bus";
import { quoted } from "../cleaning/ask.js";
import type { PhoneLink } from "../transports/link.js";
import { runShell, type ShellResult } from "../transports/shell.js";

/** What our scripts end with; below it are the programs' own. */
const EXIT = {
  missing: 40,
  outside: 41,
  exists: 42,
  noFolder: 43,
  ours: 44,
  within: 45,
  unread: 46,
  wrongSize: 50,
  wrongBytes: 51,
};

/** Beside the target while it is written; nobody sees it in a listing. */
export const HALF = ".phonerack-";

/**
 * `real PATH` sets r to its real path, `below PATH NAME` sets p to what stands or would stand there; both end the script when that is none of people's. The roots
 * are shared storage, SD cards and the shell's own folder; what the agent itself keeps there is the agent's. A dot keeps `$( )` from eating line ends of a name.
 */
const PRELUDE = [
  'S=$(readlink -f /sdcard); [ -n "$S" ] || S=/-; T=$(readlink -f /data/local/tmp); [ -n "$T" ] || T=/-',
  `inside() { case "$1" in "$T"/phonerack-*) exit ${EXIT.ours};; "$S"|"$S"/*|"$T"|"$T"/*|/storage/????-????|/storage/????-????/*) ;; *) exit ${EXIT.outside};; esac; }`,
  `real() { [ -e "$1" ] || exit ${EXIT.missing}; r=$(readlink -f "$1"; echo .); r=\${r%??}; inside "$r"; }`,
  `below() { real "$1"; [ -d "$r" ] || exit ${EXIT.noFolder}; p="$r/$2"; inside "$p"; }`,
  'there() { [ -e "$1" ] || [ -L "$1" ]; }',
].join("\n");

export interface ScriptOptions {
  readonly timeoutMs: number;
  readonly maxBytes?: number;
  onStdout?(chunk: Uint8Array): void;
}

/** The script with what it rests on, to be given to a shell of the phone. */
export function scriptOf(lines: readonly string[]): string {
  return [PRELUDE, ...lines].join("\n");
}

/** Runs it. Fails with what its end means (`file_not_found`, `file_refused`, …) or the connection's errors. */
export async function runScript(link: PhoneLink, lines: readonly string[], options: ScriptOptions): Promise<ShellResult> {
  const result = await runShell(link, scriptOf(lines), options);
  if (result.exitCode !== 0) throw refusal(result);
  return result;
}

/** A folder's path and a name in it, as two words for `below`. The root has no name: it is nobody's to change. */
export function wordsOf(path: string): string {
  const { folder, name } = splitPath(path);
  return `${quoted(folder)} ${quoted(name)}`;
}

export function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const clean = path.replace(/\/$/, "");
  const at = clean.lastIndexOf("/");
  const name = clean.slice(at + 1);
  if (name === "") throw new PhonerackError("path_invalid", "it is the root of the device");
  if (name.startsWith(HALF)) throw new PhonerackError("path_invalid", `names that begin with ${HALF} are for files on their way`);
  return { folder: clean.slice(0, at) || "/", name };
}

/** Lines that end the script when the name is taken by a folder, or by anything. */
export const UNLESS_FOLDER = `[ -d "$p" ] && exit ${EXIT.exists}`;
export const END = EXIT;

function refusal({ exitCode, stderr, stdout }: ShellResult): PhonerackError {
  switch (exitCode) {
    case EXIT.missing:
      return new PhonerackError("file_not_found");
    case EXIT.outside:
      return new PhonerackError("file_refused", "only shared storage, SD cards and /data/local/tmp are for people's files");
    case EXIT.exists:
      return new PhonerackError("file_exists");
    case EXIT.noFolder:
      return new PhonerackError("path_invalid", "it is no folder, or leads through something that is none");
    case EXIT.ours:
      return new PhonerackError("file_refused", "it is phonerack's own");
    case EXIT.within:
      return new PhonerackError("path_invalid", "a folder cannot be moved into itself");
    case EXIT.unread:
      return new PhonerackError("file_refused", "Permission denied");
    case EXIT.wrongSize:
    case EXIT.wrongBytes:
      return new PhonerackError("phone_failed", "what arrived on it is not what was sent");
  }
  // Without the shell protocol stderr comes with stdout.
  return failureOf((stderr || stdout).trim().slice(0, 300) || `exit code ${exitCode}`);
}

/** What Android's programs say, in the table's words. */
export function failureOf(words: string): PhonerackError {
  if (/No space left|Disk quota/i.test(words)) return new PhonerackError("device_full", words);
  if (/File name too long/i.test(words)) return new PhonerackError("path_invalid", words);
  if (/Permission denied|not permitted|Read-only/i.test(words)) return new PhonerackError("file_refused", words);
  if (/No such file/i.test(words)) return new PhonerackError("file_not_found", words);
  return new PhonerackError("phone_failed", words);
}
