/** `phonerack files get`: a file, or a folder with all that is in it, onto this machine. What is there already under the same name is replaced by whole files only. */
import { mkdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";
import type { ApiClient } from "../api/api-client.js";
import { below, PhoneFiles } from "./phone-files.js";

const MOST_DEPTH = 60;

export interface Fetching {
  readonly api: ApiClient;
  readonly id: string;
  /** Each file that is there now, with its size. */
  readonly onFile: (path: string, bytes: number) => void;
  readonly onProgress: (name: string, part: number) => void;
  /** What was left out, and why. */
  readonly onSkipped: (path: string, why: string) => void;
}

/** `to`: a folder that there is, or a name. Fails with the phone's errors, or `usage` where this machine cannot be written. */
export async function fetchPath(fetching: Fetching, path: string, to: string): Promise<void> {
  const files = new PhoneFiles(fetching.api, fetching.id);
  const target = (await isFolder(to)) ? join(to, localName(basename(path))) : to;
  if (await files.isFolder(path)) return folder(fetching, files, { path, target, depth: 0 });
  await file(fetching, files, { path, target });
}

interface Place {
  readonly path: string;
  readonly target: string;
}

async function folder(fetching: Fetching, files: PhoneFiles, { path, target, depth }: Place & { depth: number }): Promise<void> {
  if (depth > MOST_DEPTH) return fetching.onSkipped(path, "too many folders in each other");
  await made(target);
  for (const { name, raw, kind } of (await files.list(path)).entries) {
    const from = `${path}/${name}`;
    if (raw !== undefined) fetching.onSkipped(from, "its name is no text");
    else if (kind === "folder")
      await folder(fetching, files, { path: below(path, name), target: join(target, localName(name)), depth: depth + 1 });
    else if (kind === "file") await file(fetching, files, { path: below(path, name), target: join(target, localName(name)) });
    else fetching.onSkipped(from, kind === "link" ? "it is a link" : "it is no file");
  }
}

async function file({ api, onFile, onProgress }: Fetching, files: PhoneFiles, { path, target }: Place): Promise<void> {
  let size = 0;
  await api.receiveFile(files.contentOf(path), {
    path: target,
    onProgress: (bytes, whole) => {
      size = bytes;
      onProgress(basename(path), whole === 0 ? 1 : bytes / whole);
    },
  });
  onFile(target, size);
}

/** A phone says what its files are called; here a name is a name, and leads nowhere else. */
function localName(name: string): string {
  if (name === "" || name === "." || name === ".." || /[/\\\0]/.test(name))
    throw new PhonerackError("path_invalid", `'${name}' is no name of a file`);
  return name;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function made(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: Error) => {
    throw new PhonerackError("usage", `${path} cannot be made: ${cause.message}`, { cause });
  });
}
