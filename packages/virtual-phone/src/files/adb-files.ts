/** A phone's files as adbd serves them to `adb push`, `pull` and `ls`: the shell user's view, with pushed bytes unseen until they are whole. */
import { type ByteSource, FileError, type FileStat, type FileSystem, type FileWriter } from "../adbd/services.js";
import { Content } from "./content.js";
import { type PhoneFiles, parentOf } from "./file-system.js";

/** @returns what `startAdbd` wants as its files. */
export function adbFiles(files: PhoneFiles): FileSystem {
  return {
    stat: async (path) => files.stat(path),
    lstat: async (path) => files.stat(path, { follow: false }),
    list: async (path) => [...files.list(path)].map(([name, node]) => ({ name, stat: files.statOf(node) })),
    read: async (path): Promise<ByteSource> => files.open(path),
    write: async (path, mode) => writer(files, path, mode),
    symlink: async (target, path) => {
      makeParents(files, path);
      const old = statOrUndefined(files, path);
      if (old) files.remove(path);
      files.symlink(target, path);
    },
  };
}

async function writer(files: PhoneFiles, path: string, mode: number): Promise<FileWriter> {
  if (path.endsWith("/")) throw new FileError("EISDIR", path);
  makeParents(files, path);
  // Fails here, before the first byte, where the phone would; and empties what is there, as adbd's open(O_TRUNC) does.
  const before = files.exists(path);
  if (before) files.openForWriting(path);
  else {
    files.openForWriting(path, { mode });
    files.remove(path);
  }
  const content = new Content(files.storage);
  return {
    write: (chunk) => content.append(chunk),
    async commit(mtime) {
      await content.settle();
      try {
        files.attach(path, content, { mode, mtime });
      } catch (error) {
        await content.drop();
        throw error;
      }
    },
    abort: () => content.drop(),
  };
}

/** adbd makes missing folders on the way (mode 775 of its own user), so that `adb push x /sdcard/new/folder/x` works. */
function makeParents(files: PhoneFiles, path: string): void {
  const parent = parentOf(path);
  if (!files.exists(parent)) files.mkdir(parent, { parents: true, mode: 0o775 });
}

function statOrUndefined(files: PhoneFiles, path: string): FileStat | undefined {
  try {
    return files.stat(path, { follow: false });
  } catch {
    return undefined;
  }
}
