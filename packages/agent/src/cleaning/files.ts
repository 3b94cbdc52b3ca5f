/**
 * Files that a shell user can leave behind: on shared storage, SD cards and in the shell's own folders. Names are bytes, one character
 * each (`latin1`): any script, spaces, newlines, what is no text at all. Links are listed and removed as links, never followed.
 */
import { randomBytes } from "node:crypto";
import type { Answers, Question } from "./ask.js";
import { some, type Verdict } from "./repair.js";

/** d folder, f file, l link, o another thing. */
export type Kind = "d" | "f" | "l" | "o";
export interface Entry {
  readonly kind: Kind;
  readonly size: number;
  /** Seconds since the Unix epoch. */
  readonly mtime: number;
}

export interface Listing {
  readonly entries: ReadonlyMap<string, Entry>;
  /** Folders in which something could not be read. */
  readonly unread: readonly string[];
}

/** Beyond this a phone is too full to be a lab's: what should be on it could not even be written down. */
export const MOST_FILES = 50_000;
const ROOTS = "/sdcard/ /data/local/tmp/ /data/local/tests/ /data/local/traces/ /bugreports/ /storage/*-*/";
const NAME = "files";
const LONGEST_BATCH = 10_000;
const MOST_BATCHES = 200;

/** A question with a mark of its own before each name: a name with a newline and what looks like another entry in it is one name. */
export function filesQuestion(): { question: Question; mark: string } {
  const mark = `@${randomBytes(8).toString("hex")}:`;
  const each = `find "$r" -exec stat -c '${mark}%f %s %Y %n' {} + 2>/dev/null; echo "${mark}$?=$r"`;
  // Taken away from oneself, a folder cannot be listed; it is the shell's, so it can be given back.
  const command = `chmod u+rwx /data/local/tmp 2>/dev/null; for r in ${ROOTS}; do if [ -d "$r" ]; then ${each}; fi; done`;
  return { question: { name: NAME, command, patienceMs: 60_000 }, mark };
}

/** null when the phone did not tell. */
export function readFiles(answers: Answers, mark: string): Listing | null {
  const text = answers.get(NAME)?.bytes;
  if (text === undefined) return null;
  const entries = new Map<string, Entry>();
  const unread: string[] = [];
  let roots = 0;
  for (const piece of text.split(mark).slice(1)) {
    const [, status, root] = /^(\d+)=(\S+)\n/.exec(piece) ?? [];
    if (status !== undefined && root !== undefined) {
      roots++;
      if (status !== "0") unread.push(root);
      continue;
    }
    const [, mode, size, mtime, path] = /^([0-9a-f]+) (\d+) (-?\d+)[\d.]* ([\s\S]*)\n$/.exec(piece) ?? [];
    if (mode === undefined || path === undefined) continue;
    const clean = path.replace(/\/{2,}/g, "/");
    // The roots themselves stand there with their "/".
    if (clean.endsWith("/")) continue;
    entries.set(clean, { kind: kindOf(Number.parseInt(mode, 16)), size: Number(size), mtime: Number(mtime) });
  }
  return roots > 0 ? { entries, unread } : null;
}

function kindOf(mode: number): Kind {
  const type = mode & 0o170000;
  return type === 0o040000 ? "d" : type === 0o100000 ? "f" : type === 0o120000 ? "l" : "o";
}

/** Folders that belong to one app each: Android empties them with the app's data and makes them anew when it likes. */
const APP_FOLDER = /^\/sdcard\/Android\/(?:data|media|obb)\/([^/]+)(\/|$)/;
const APP_CONTENT = /^\/sdcard\/Android\/(?:data|media)\/[^/]+\/./;
/** What the media scanner makes by itself, at any time. */
const CRUMB = /^\/sdcard\/[^/]+\/\.thumbnails(\/\.nomedia|\/\.database_uuid)?$/;
const CRUMB_BYTES = 64;

/** What of a listing is worth remembering as it should be. */
export function lasting({ entries }: Listing): ReadonlyMap<string, Entry> {
  return new Map([...entries].filter(([path, entry]) => !APP_CONTENT.test(path) && !crumb(path, entry)));
}

function crumb(path: string, { kind, size }: Entry): boolean {
  return CRUMB.test(path) && (kind === "d" || (kind === "f" && size <= CRUMB_BYTES));
}

export interface FileChanges {
  /** The topmost of what is too many. */
  readonly extra: string[];
  /** Those of them that are folders. */
  readonly extraFolders: string[];
  readonly missingFolders: string[];
  readonly missing: string[];
  readonly changed: string[];
}

/** @param ours path of the one file that the agent itself keeps there */
export function fileChanges(before: ReadonlyMap<string, Entry>, now: Listing, ours: string): FileChanges {
  const changes: FileChanges = { extra: [], extraFolders: [], missingFolders: [], missing: [], changed: [] };
  const gone = new Set<string>();
  for (const [path, entry] of [...now.entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const was = before.get(path);
    if (crumb(path, entry) || (path === ours && entry.kind === "f")) continue;
    if (was && was.kind === entry.kind) {
      const altered = entry.kind !== "d" && (was.size !== entry.size || was.mtime !== entry.mtime);
      if (altered) changes.changed.push(path);
      continue;
    }
    gone.add(path);
    if (gone.has(path.slice(0, path.lastIndexOf("/")))) continue;
    changes.extra.push(path);
    if (entry.kind === "d") changes.extraFolders.push(path);
  }
  for (const [path, was] of before) {
    if (now.entries.get(path)?.kind === was.kind || path === ours) continue;
    (was.kind === "d" ? changes.missingFolders : changes.missing).push(path);
  }
  return changes;
}

/** Commands that remove what is too many and make the folders that are missing. */
export function repairFiles({ extra, extraFolders, missingFolders }: FileChanges): Question[] {
  const open = extraFolders.filter((path) => path.startsWith("/data/"));
  return [
    ...batches("open", open, "chmod -R u+rwX"),
    ...batches("remove", extra, "rm -rf"),
    ...batches("make", missingFolders, "mkdir -p"),
  ].slice(0, MOST_BATCHES);
}

function batches(name: string, paths: readonly string[], command: string): Question[] {
  const texts: string[] = [];
  for (const path of paths) {
    const word = `${octal(path)}\\000`;
    const last = texts.at(-1);
    if (last !== undefined && last.length + word.length <= LONGEST_BATCH) texts[texts.length - 1] = last + word;
    else texts.push(word);
  }
  return texts.map((text, index) => ({
    name: `${name}-${index}`,
    command: `printf '${text}' | xargs -0 ${command}`,
    patienceMs: 60_000,
  }));
}

/** For printf: whatever is no plain character as its number. */
function octal(path: string): string {
  return path.replace(/[^A-Za-z0-9_./+=@,:-]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/** How people read a name of bytes. */
export function readable(path: string): string {
  return JSON.stringify(Buffer.from(path, "latin1").toString("utf8")).slice(1, -1);
}

export interface FilesParts {
  readonly before: ReadonlyMap<string, Entry>;
  readonly first: Listing | null;
  readonly now: Listing;
  readonly ours: string;
  readonly installed: ReadonlySet<string>;
}

/** How the files are after cleaning. */
export function judgeFiles({ before, first, now, ours, installed }: FilesParts): Verdict {
  const changes = fileChanges(before, now, ours);
  // What a system app has put into its own folder again since is its own; what lay there and could not be removed is not.
  const extra = changes.extra.filter((path) => {
    const app = APP_FOLDER.exec(path)?.[1];
    return app === undefined || !installed.has(app) || !freshIn(path, now, first);
  });
  const words = [
    ...(extra.length > 0 ? [`cannot be removed: ${some(extra.map(readable))}`] : []),
    ...(changes.changed.length > 0 ? [`changed since the baseline: ${some(changes.changed.map(readable))}`] : []),
    ...(changes.missing.length > 0 ? [`missing: ${some(changes.missing.map(readable))}`] : []),
    ...(changes.missingFolders.length > 0 ? [`missing folders: ${some(changes.missingFolders.map(readable))}`] : []),
  ];
  if (words.length > 0) return { result: "failed", detail: words.join("; ") };
  if (now.unread.length > 0)
    return { result: "unverifiable", detail: `parts of ${some(now.unread)} cannot be read without root; the rest is as it was` };
  return { result: "verified", detail: `${now.entries.size} entries, as in the baseline` };
}

function freshIn(path: string, now: Listing, first: Listing | null): boolean {
  if (!first) return false;
  for (const [at, entry] of now.entries) {
    if ((at !== path && !at.startsWith(`${path}/`)) || entry.kind === "d") continue;
    const old = first.entries.get(at);
    if (old && old.size === entry.size && old.mtime === entry.mtime) return false;
  }
  return true;
}
