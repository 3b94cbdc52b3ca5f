/** What was dropped on a page: files, and folders with all that is in them. What becomes of it is left to others. */
import { PhonerackError } from "@phonerack/contract/api";

/** Each is an upload and a job of its own; more are better put by the terminal. */
const MOST_FILES = 1_000;

/**
 * To be called within the drop's event: later the browser gives nothing any more. Files of a folder say their place below it (`webkitRelativePath`), as those of a chosen one do.
 * Fails with `too_many`, or with why a folder cannot be read.
 */
export async function filesDropped(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const plain = [...transfer.files];
  if (!entries.some(({ isDirectory }) => isDirectory)) return plain;
  const files: File[] = [];
  for (const entry of entries) await collect(entry, files);
  return files;
}

async function collect(entry: FileSystemEntry, files: File[]): Promise<void> {
  if (isFolder(entry)) {
    for (const inside of await entriesOf(entry)) await collect(inside, files);
    return;
  }
  if (files.length >= MOST_FILES) throw new PhonerackError("too_many", `${MOST_FILES} files at once; use phonerack files put`);
  const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
  // A place that starts with its own name is no folder's.
  const place = entry.fullPath.replace(/^\//, "");
  if (place !== file.name) Object.defineProperty(file, "webkitRelativePath", { value: place });
  files.push(file);
}

/** A browser gives a hundred at a time. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
